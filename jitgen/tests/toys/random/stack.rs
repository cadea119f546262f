//! What the lowerings for stack languages share: code with jumps to places that are not known yet, branches, and loops that
//! count in variables of their own.

use super::Tree;

/// Operations and operands.
pub type Code = Vec<(u8, i64)>;

/// What a language calls its operations.
pub struct Ops {
    pub push: u8,
    pub get: u8,
    pub set: u8,
    pub sub: u8,
    pub jump: u8,
    /// Pops, and jumps if that is false or zero.
    pub jump_if_not: u8,
}

/// The lowering for a language.
pub trait Lowering {
    const OPS: Ops;
    /// The first of the variables that count.
    const COUNTERS: i64;
    /// How deep loops lie in each other.
    const LEVELS: i64;

    fn code(&mut self) -> &mut Code;
    /// How many loops lie around what is lowered.
    fn level(&mut self) -> &mut i64;
    fn statement(&mut self, tree: &Tree);

    fn push(&mut self, op: u8, arg: i64) {
        self.code().push((op, arg));
    }

    fn extend(&mut self, code: &[(u8, i64)]) {
        self.code().extend(code);
    }

    fn position(&mut self) -> i64 {
        self.code().len() as i64
    }

    /// A jump to wherever [`Lowering::land`] puts its end.
    fn jump(&mut self, op: u8) -> usize {
        self.push(op, 0);
        self.code().len() - 1
    }

    fn land(&mut self, jump: usize) {
        let position = self.position();
        self.code()[jump].1 = position;
    }

    fn block(&mut self, tree: &Tree) {
        tree.inner.iter().for_each(|inner| self.statement(inner));
    }

    /// One block or the other, by the condition on the stack.
    fn branch(&mut self, then: &Tree, otherwise: &Tree) {
        let skip = self.jump(Self::OPS.jump_if_not);
        self.block(then);
        let end = self.jump(Self::OPS.jump);
        self.land(skip);
        self.block(otherwise);
        self.land(end);
    }

    /// The block so many times, at least once; nothing where loops lie too deep.
    fn repeat(&mut self, times: i64, tree: &Tree) {
        if *self.level() >= Self::LEVELS {
            return;
        }
        let Ops { push, get, set, sub, jump, jump_if_not } = Self::OPS;
        let counter = Self::COUNTERS + *self.level();
        self.extend(&[(push, times), (set, counter)]);
        let start = self.position();
        *self.level() += 1;
        self.block(tree);
        *self.level() -= 1;
        self.extend(&[(get, counter), (push, 1), (sub, 0), (set, counter), (get, counter)]);
        let leave = self.jump(jump_if_not);
        self.push(jump, start);
        self.land(leave);
    }
}

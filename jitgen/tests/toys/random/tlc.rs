//! Random programs of tlc. Expressions are made for the type that is wanted, except now and then, so that most programs run
//! long and some fail.

use super::stack::{Code, Lowering as _, Ops};
use super::{Tree, check, stack};
use crate::tlc::Program;
use crate::tlc::interp::{
    ADD, CALL, CAR, CDR, EQUAL, GET, GET_ATTR, JUMP, JUMP_IF_NOT, LESS, MAKE_CONS, MUL, NEW, POP, PUSH, PUSH_NIL,
    RETURN, SEND, SET, SET_ATTR, SUB,
};
use crate::tlc::program::{Description, Loaded};

#[derive(Copy, Clone, PartialEq)]
enum Want {
    Int,
    List,
    Object,
}

use Want::{Int, List, Object};

/// Variables: two integers, a list, an object; counters lie above them.
const VARIABLES: i64 = 4;
const LEVELS: i64 = 2;

/// Attributes: `LEFT` and `RIGHT` are integers, `TAIL` is a list. Each class has them elsewhere.
const LEFT: i64 = 0;
const RIGHT: i64 = 1;
const TAIL: i64 = 2;
/// The first method; as many as there are functions.
const METHODS: i64 = 10;

#[derive(Default)]
struct Lowering {
    code: Code,
    level: i64,
    functions: i64,
    /// Methods may be called. Functions call only functions before them, so that programs end.
    sends: bool,
}

impl Lowering {
    fn expression(&mut self, tree: &Tree, want: Want) {
        let number = i64::from(tree.number);
        // A mistake.
        let want = if tree.kind > 250 { List } else { want };
        match (want, tree.kind % 10) {
            (Int, 0..=1) => self.push(PUSH, number),
            (Int, 2..=3) => self.push(GET, number & 1),
            (Int, 4..=5) => {
                self.expression(tree.at(0), Int);
                self.expression(tree.at(1), Int);
                self.push([ADD, SUB, MUL, LESS, EQUAL][number.rem_euclid(5) as usize], 0);
            }
            // The head of a list that has one.
            (Int, 6) => {
                self.expression(tree.at(0), Int);
                self.expression(tree.at(1), List);
                self.push(MAKE_CONS, 0);
                self.push(CAR, 0);
            }
            (Int, 7) => {
                self.expression(tree.at(0), Object);
                self.push(GET_ATTR, number & 1);
            }
            (Int, _) if self.functions > 0 => {
                self.expression(tree.at(0), Int);
                self.expression(tree.at(1), Object);
                let function = number.rem_euclid(self.functions);
                if tree.kind % 10 == 8 || !self.sends {
                    self.push(CALL, function);
                } else {
                    self.push(SEND, METHODS + function);
                }
            }
            (Int, _) => self.push(GET, 1),
            (List, 0) => self.push(PUSH_NIL, 0),
            (List, 1..=4) => self.push(GET, 2),
            (List, 5..=6) => {
                self.expression(tree.at(0), Int);
                self.expression(tree.at(1), List);
                self.push(MAKE_CONS, 0);
            }
            (List, 7) => {
                self.expression(tree.at(0), Object);
                self.push(GET_ATTR, TAIL);
            }
            // Fails of the empty list, often.
            (List, 8) => {
                self.expression(tree.at(0), List);
                self.push(CDR, 0);
            }
            (List, _) => {
                self.expression(tree.at(0), Int);
                self.push(POP, 0);
                self.push(GET, 2);
            }
            (Object, 0..=1) => {
                self.push(NEW, number & 1);
                self.push(PUSH_NIL, 0);
                self.push(SET_ATTR, TAIL);
            }
            (Object, 2..=6) => self.push(GET, 3),
            (Object, 7..=8) => {
                self.expression(tree.at(0), Object);
                self.expression(tree.at(1), Int);
                self.push(SET_ATTR, number & 1);
            }
            (Object, _) => {
                self.expression(tree.at(0), Object);
                self.expression(tree.at(1), List);
                self.push(SET_ATTR, TAIL);
            }
        }
    }
}

impl stack::Lowering for Lowering {
    const OPS: Ops = Ops { push: PUSH, get: GET, set: SET, sub: SUB, jump: JUMP, jump_if_not: JUMP_IF_NOT };
    const COUNTERS: i64 = VARIABLES;
    const LEVELS: i64 = LEVELS;

    fn code(&mut self) -> &mut Code {
        &mut self.code
    }

    fn level(&mut self) -> &mut i64 {
        &mut self.level
    }

    fn statement(&mut self, tree: &Tree) {
        let number = i64::from(tree.number);
        match tree.kind % 8 {
            0..=4 => {
                let variable = number.rem_euclid(VARIABLES);
                self.expression(tree.at(0), [Int, Int, List, Object][variable as usize]);
                self.push(SET, variable);
            }
            5 => {
                self.expression(tree.at(0), if number < 0 { List } else { Int });
                self.branch(tree.at(1), tree.at(2));
            }
            _ => self.repeat(1 + number.rem_euclid(6), tree),
        }
    }
}

/// Code, functions, classes.
type Lowered = (Code, Vec<(usize, usize)>, Vec<Description>);

fn lower(tree: &Tree) -> Lowered {
    let mut lowering = Lowering::default();
    let count = tree.inner.len().min(2);
    // Variables 0 and 1 are given.
    lowering.extend(&[(PUSH_NIL, 0), (SET, 2), (NEW, 0), (PUSH_NIL, 0), (SET_ATTR, TAIL), (SET, 3)]);
    lowering.functions = count as i64;
    lowering.sends = true;
    lowering.block(tree);
    // Everything that can be seen: a list of the variables.
    lowering.extend(&[(PUSH_NIL, 0), (SET, 4)]);
    for variable in [0, 1, 2, 3] {
        lowering.extend(&[(GET, variable), (GET, 4), (MAKE_CONS, 0), (SET, 4)]);
    }
    lowering.extend(&[(GET, 4), (RETURN, 0)]);
    let mut functions = vec![];
    for (index, of) in tree.inner[..count].iter().enumerate() {
        functions.push((lowering.code.len(), 2));
        // Places: an integer, an object; then the variables as everywhere.
        lowering.extend(&[(GET, 1), (PUSH, 3), (SET, 1), (PUSH_NIL, 0)]);
        // The object is variable 3: places 2 and 3 change their contents.
        lowering.extend(&[(GET, 2), (PUSH_NIL, 0), (SET, 2), (SET, 3), (PUSH, 0), (PUSH, 0)]);
        lowering.functions = index as i64;
        lowering.sends = false;
        lowering.level = LEVELS - 1;
        lowering.block(of);
        lowering.expression(of.at(0), Int);
        lowering.push(RETURN, 0);
    }
    let methods = |swap: bool| {
        let of = |index: usize| (METHODS + index as i64, (if swap { count - 1 - index } else { index }) as i64);
        (0..count).map(of).collect()
    };
    let classes = vec![
        Description { name: "A".into(), attributes: vec![LEFT, RIGHT, TAIL], methods: methods(false) },
        Description { name: "B".into(), attributes: vec![TAIL, RIGHT, LEFT], methods: methods(true) },
    ];
    (lowering.code, functions, classes)
}

#[test]
fn tlc_programs() {
    check(|tree, policy, machine, tally| {
        let (code, functions, classes) = lower(&tree);
        let program = Program::new(|| Loaded::new(&code, &functions, &classes), policy, machine);
        for (a, b) in [(0, 0), (1, 2), (1, 0), (-5, 9), (2, 1)] {
            program.check(&[a, b, 0, 0, 0, 0]);
        }
        tally.count(&program.jit);
        Ok(())
    });
}

//! Random structured graphs: straight lines, diamonds, switches and counted loops over a [`super::Record`], with calls
//! and exits. Every graph ends, and no operation is undefined.

use super::*;

/// A generator of pseudo-random numbers (xorshift64*).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, end: usize) -> usize {
        ((self.bits() >> 33) as usize) % end
    }

    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

const TYPES: [Ty; 6] = [Ty::Bool, Ty::I8, Ty::I16, Ty::I32, Ty::I64, Ty::F64];
const INTS: [Ty; 4] = [Ty::I8, Ty::I16, Ty::I32, Ty::I64];

/// Parameters of every graph: the record, then one value a type.
pub const PARAMS: [Ty; 7] = [Ty::Ptr, Ty::Bool, Ty::I8, Ty::I16, Ty::I32, Ty::I64, Ty::F64];

pub fn arguments(random: &mut Random, record: &Record) -> Vec<u64> {
    PARAMS
        .iter()
        .map(|&ty| match ty {
            Ty::Ptr => record as *const Record as u64,
            _ => {
                let values = edges(ty);
                random.pick(&values)
            }
        })
        .collect()
}

/// A random graph. With `exits` it has the results of a unit.
pub fn graph(seed: u64, module: &Module, exits: bool) -> Graph {
    let mut random = Random::new(seed);
    let mut graph = Graph::new(format!("random{seed}"));
    graph.results =
        if exits { vec![Ty::I64, Ty::I64] } else { (0..random.below(6)).map(|_| random.pick(&TYPES)).collect() };
    let scope: Vec<VarId> = PARAMS.iter().map(|&ty| graph.param(Graph::ENTRY, ty, "")).collect();
    let mut maker = Maker { record: scope[0], graph, random, module, scope, block: Graph::ENTRY, exits, budget: 120 };
    maker.body(3);
    let results = maker.graph.results.clone();
    let args = results.iter().map(|&ty| maker.value(ty)).collect();
    maker.end(Term::Return(args));
    maker.graph
}

struct Maker<'a> {
    graph: Graph,
    random: Random,
    module: &'a Module,
    record: VarId,
    /// Variables whose definitions dominate the current place.
    scope: Vec<VarId>,
    block: BlockId,
    exits: bool,
    budget: usize,
}

impl Maker<'_> {
    fn end(&mut self, term: Term) {
        self.graph.blocks[self.block.index()].term = term;
    }

    fn constant(&mut self, ty: Ty) -> Arg {
        let values = edges(ty);
        Const::new(ty, self.random.pick(&values)).into()
    }

    fn value(&mut self, ty: Ty) -> Arg {
        let known: Vec<VarId> =
            self.scope.iter().copied().filter(|var| self.graph.vars[var.index()].ty == ty).collect();
        if known.is_empty() || self.random.below(5) == 0 { self.constant(ty) } else { self.random.pick(&known).into() }
    }

    fn push(&mut self, op: Op, args: Vec<Arg>, results: &[Ty]) -> Vec<VarId> {
        let made = self.graph.push(self.block, op, args, results, Span::default());
        self.scope.extend(&made);
        made.into_vec()
    }

    fn one(&mut self, op: Op, args: Vec<Arg>, ty: Ty) -> Arg {
        self.push(op, args, &[ty])[0].into()
    }

    fn body(&mut self, depth: usize) {
        for _ in 0..1 + self.random.below(4) {
            for _ in 0..self.random.below(8) {
                if self.budget > 0 {
                    self.budget -= 1;
                    self.operation();
                }
            }
            if depth == 0 || self.budget == 0 {
                continue;
            }
            match self.random.below(5) {
                0 | 1 => self.diamond(depth - 1),
                2 => self.switch(depth - 1),
                3 => self.counted(depth - 1),
                _ if self.exits => self.exit(),
                _ => {}
            }
        }
    }

    fn operation(&mut self) {
        let ty = self.random.pick(&INTS);
        match self.random.below(14) {
            0..=2 => {
                use BinOp::*;
                let op = self.random.pick(&[Add, Sub, Mul, SDiv, UDiv, SRem, URem, And, Or, Xor, Shl, UShr, SShr]);
                let (a, mut b) = (self.value(ty), self.value(ty));
                if matches!(op, SDiv | UDiv | SRem | URem) {
                    // From 1 to 63: defined whatever is divided.
                    let low = self.one(Op::Bin(And), vec![b, Const::new(ty, 0x3f).into()], ty);
                    b = self.one(Op::Bin(Or), vec![low, Const::new(ty, 1).into()], ty);
                }
                self.push(Op::Bin(op), vec![a, b], &[ty]);
            }
            3 => {
                use OvfOp::*;
                let op = self.random.pick(&[SAdd, SSub, SMul, UAdd, USub, UMul]);
                let args = vec![self.value(ty), self.value(ty)];
                self.push(Op::Ovf(op), args, &[ty, Ty::Bool]);
            }
            4 => {
                use CmpOp::*;
                let op = self.random.pick(&[Eq, Ne, SLt, SLe, SGt, SGe, ULt, ULe, UGt, UGe]);
                let args = vec![self.value(ty), self.value(ty)];
                self.push(Op::Cmp(op), args, &[Ty::Bool]);
            }
            5 => {
                use CmpOp::*;
                let op = self.random.pick(&[FEq, FNe, FLt, FLe, FGt, FGe]);
                let args = vec![self.value(Ty::F64), self.value(Ty::F64)];
                self.push(Op::Cmp(op), args, &[Ty::Bool]);
            }
            6 => {
                let op = self.random.pick(&[BinOp::FAdd, BinOp::FSub, BinOp::FMul, BinOp::FDiv]);
                let args = vec![self.value(Ty::F64), self.value(Ty::F64)];
                self.push(Op::Bin(op), args, &[Ty::F64]);
            }
            7 => {
                use UnOp::*;
                let op = self.random.pick(&[Neg, Not, Clz, Ctz, Popcnt, FNeg, FAbs, FSqrt, FFloor, FCeil, FTrunc]);
                let ty = if matches!(op, Neg | Not | Clz | Ctz | Popcnt) { ty } else { Ty::F64 };
                let arg = self.value(ty);
                self.push(Op::Un(op), vec![arg], &[ty]);
            }
            8 => {
                let to = self.random.pick(&INTS);
                let (op, from, to) = match self.random.below(6) {
                    0 if to.bits() > ty.bits() => (ConvOp::Zext, ty, to),
                    1 if to.bits() > ty.bits() => (ConvOp::Sext, ty, to),
                    2 if to.bits() < ty.bits() => (ConvOp::Trunc, ty, to),
                    3 => (ConvOp::Zext, Ty::Bool, to),
                    4 => (self.random.pick(&[ConvOp::FToS, ConvOp::FToU]), Ty::F64, to),
                    // Not back from floats: it would show the bits of NaNs.
                    5 => (ConvOp::Bitcast, Ty::I64, Ty::F64),
                    _ => (self.random.pick(&[ConvOp::SToF, ConvOp::UToF]), ty, Ty::F64),
                };
                let arg = self.value(from);
                self.push(Op::Conv(op, to), vec![arg], &[to]);
            }
            9 => {
                let ty = self.random.pick(&TYPES);
                let args = vec![self.value(Ty::Bool), self.value(ty), self.value(ty)];
                self.push(Op::Select, args, &[ty]);
            }
            10 | 11 => self.memory(),
            12 => {
                let op = self.random.pick(&[BinOp::And, BinOp::Or, BinOp::Xor]);
                let args = vec![self.value(Ty::Bool), self.value(Ty::Bool)];
                self.push(Op::Bin(op), args, &[Ty::Bool]);
            }
            _ => {
                let func = FuncId(self.random.below(self.module.funcs.len()) as u32);
                let info = self.module.func(func);
                let args = info.params.iter().map(|param| self.value(param.1)).collect();
                self.push(Op::Call(func), args, &info.results);
            }
        }
    }

    fn memory(&mut self) {
        let field = self.random.pick(&[FLAG, BYTE, HALF, WORD, LONG, FLOAT, FIXED, TAG, BITS, ODD]);
        let info = self.module.field(field);
        let mut args: Vec<Arg> = vec![self.record.into()];
        let item = info.kind == FieldKind::Item;
        if item {
            let index = self.random.bits() & 3;
            if self.random.below(3) == 0 {
                args[0] = self.one(Op::PtrAdd(field), vec![args[0], Const::i64(index as i64).into()], Ty::Ptr);
                // Record addresses only are good for everything.
                self.scope.pop();
            }
            let index = match self.random.below(3) {
                0 => {
                    let any = self.value(Ty::I64);
                    self.one(Op::Bin(BinOp::And), vec![any, Const::i64(3).into()], Ty::I64)
                }
                _ => Const::i64((self.random.bits() & 3) as i64).into(),
            };
            args.push(index);
        }
        if field == FIXED || self.random.below(2) == 0 {
            self.push(if item { Op::LoadItem(field) } else { Op::Load(field) }, args, &[info.ty]);
        } else {
            args.push(self.value(info.ty));
            self.push(if item { Op::StoreItem(field) } else { Op::Store(field) }, args, &[]);
        }
    }

    /// A join with parameters of random types, and arguments for it from the current place.
    fn join(&mut self) -> (BlockId, Vec<Ty>) {
        let block = self.graph.block();
        let types: Vec<Ty> = (0..self.random.below(4)).map(|_| self.random.pick(&TYPES)).collect();
        (block, types)
    }

    fn link(&mut self, block: BlockId, types: &[Ty]) -> Link {
        Link { block, args: types.iter().map(|&ty| self.value(ty)).collect() }
    }

    /// Goes on in a block with parameters of these types and the given scope.
    fn enter(&mut self, block: BlockId, types: &[Ty], scope: &[VarId]) {
        self.block = block;
        self.scope = scope.to_vec();
        for &ty in types {
            let param = self.graph.param(block, ty, "");
            self.scope.push(param);
        }
    }

    /// Branches to new blocks with their own bodies, which meet again.
    fn arms(&mut self, count: usize, depth: usize, term: impl FnOnce(&[Link]) -> Term) {
        let scope = self.scope.clone();
        let (join, types) = self.join();
        let mut links = vec![];
        let mut arms = vec![];
        for index in 0..count {
            // Some arms are the join itself.
            if index > 0 && self.random.below(4) == 0 {
                links.push(self.link(join, &types));
            } else {
                let (arm, arm_types) = self.join();
                links.push(self.link(arm, &arm_types));
                arms.push((arm, arm_types));
            }
        }
        self.end(term(&links));
        for (arm, arm_types) in arms {
            self.enter(arm, &arm_types, &scope);
            self.graph.blocks[arm.index()].cold = self.random.below(6) == 0;
            self.body(depth);
            let link = self.link(join, &types);
            self.end(Term::Jump(link));
        }
        self.enter(join, &types, &scope);
    }

    fn diamond(&mut self, depth: usize) {
        let cond = self.value(Ty::Bool);
        self.arms(2, depth, |links| Term::Branch { cond, then_to: links[0].clone(), else_to: links[1].clone() });
    }

    fn switch(&mut self, depth: usize) {
        let ty = self.random.pick(&INTS);
        let mut values: Vec<u64> = (0..3).map(|_| edges(ty)[self.random.below(12)]).collect();
        values.sort_unstable();
        values.dedup();
        let value = self.value(ty);
        self.arms(values.len() + 1, depth, |links| {
            let (default, rest) = links.split_last().expect("a default");
            let cases = values.into_iter().zip(rest.iter().cloned()).collect();
            Term::Switch { value, cases, default: default.clone() }
        });
    }

    /// A loop of one to five rounds with loop-carried values.
    fn counted(&mut self, depth: usize) {
        let scope = self.scope.clone();
        let (head, mut types) = self.join();
        types.insert(0, Ty::I64);
        let mut first = self.link(head, &types);
        first.args[0] = Const::i64(1 + self.random.below(5) as i64).into();
        self.end(Term::Jump(first));
        self.enter(head, &types, &scope);
        let counter = self.graph.blocks[head.index()].params[0];
        // Nobody else writes the counter; the body may read it.
        let (done, done_types) = self.join();
        let inside = self.graph.block();
        let more = self.one(Op::Cmp(CmpOp::SGt), vec![counter.into(), Const::i64(0).into()], Ty::Bool);
        let out = self.link(done, &done_types);
        let head_scope = self.scope.clone();
        self.end(Term::Branch { cond: more, then_to: Link { block: inside, args: vec![] }, else_to: out });
        self.enter(inside, &[], &head_scope);
        self.body(depth);
        let less = self.one(Op::Bin(BinOp::Sub), vec![counter.into(), Const::i64(1).into()], Ty::I64);
        let mut again = self.link(head, &types);
        again.args[0] = less;
        self.end(Term::Jump(again));
        self.enter(done, &done_types, &head_scope);
    }

    fn exit(&mut self) {
        let scope = self.scope.clone();
        let (leaving, staying) = (self.graph.block(), self.graph.block());
        let cond = self.value(Ty::Bool);
        let link = |block| Link { block, args: vec![] };
        self.end(Term::Branch { cond, then_to: link(leaving), else_to: link(staying) });
        // Floats would show the bits of NaNs in the buffer.
        let ints: Vec<Ty> = (0..self.random.below(5)).map(|_| self.random.pick(&TYPES[..5])).collect();
        let args = ints.iter().map(|&ty| self.value(ty)).collect();
        let block = &mut self.graph.blocks[leaving.index()];
        block.term = Term::Exit { id: leaving.0, args };
        block.cold = true;
        self.enter(staying, &[], &scope);
    }
}

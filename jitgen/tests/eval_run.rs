//! The evaluator's frames: calls between graphs, stopping at merge points, going on from frames, what observers hear.
#![cfg(feature = "run")]

mod support;

use moonshift_jitgen::eval::{Evaluator, Flow, Frame, Observer, Outcome, Site, Unobserved};
use moonshift_jitgen::flow::*;

const ENTRY: BlockId = Graph::ENTRY;

fn func(name: &str, params: &[(&str, Ty)], results: &[Ty], kind: FuncKind) -> FuncInfo {
    FuncInfo {
        name: name.into(),
        path: String::new(),
        params: params.iter().map(|&(name, ty)| (name.to_string(), ty)).collect(),
        results: results.to_vec(),
        kind,
        effects: Effects::pure(),
        elidable: false,
        never_inline: false,
        unroll: false,
        container: None,
        native: None,
    }
}

fn int(value: i64) -> Arg {
    Const::i64(value).into()
}

fn one(graph: &mut Graph, block: BlockId, op: Op, args: &[Arg], ty: Ty) -> Arg {
    graph.push(block, op, args.to_vec(), &[ty], Span::default())[0].into()
}

const RUN: FuncId = FuncId(0);
const DOUBLE: FuncId = FuncId(1);
const OUTER: FuncId = FuncId(2);

/// The portal and what it calls:
/// ```text
/// fn run(depth, n, sum) {            // a dispatch loop of n rounds
///     loop {
///         merge_point();
///         if promote(n) == 0 { return sum }
///         if depth > 0 { sum += run(depth - 1, 2, 0) }
///         sum += double(n);
///         n -= 1;
///     }
/// }
/// fn double(x) { x + x }
/// fn outer(n) { run(0, n, 100) + 1 }
/// ```
fn module() -> Module {
    let int_params = [("depth", Ty::I64), ("n", Ty::I64), ("sum", Ty::I64)];
    let mut run = Graph::new("run");
    run.results = vec![Ty::I64];
    let first: Vec<Arg> = int_params.iter().map(|&(name, ty)| run.param(ENTRY, ty, name).into()).collect();
    let [head, more, nested, tail, done] = [(); 5].map(|()| run.block());
    let vars: Vec<Arg> = int_params.iter().map(|&(name, ty)| run.param(head, ty, name).into()).collect();
    let [depth, n, sum] = vars[..] else { unreachable!() };
    run.blocks[0].term = Term::Jump(Link { block: head, args: first });
    run.push(head, Op::MergePoint, vars.clone(), &[], Span::default());
    let known = one(&mut run, head, Op::Promote, &[n], Ty::I64);
    let zero = one(&mut run, head, Op::Cmp(CmpOp::Eq), &[known, int(0)], Ty::Bool);
    let link = |block, args: &[Arg]| Link { block, args: args.to_vec() };
    run.blocks[head.index()].term = Term::Branch { cond: zero, then_to: link(done, &[]), else_to: link(more, &[]) };
    run.blocks[done.index()].term = Term::Return(vec![sum]);
    let before = run.param(tail, Ty::I64, "before").into();
    run.blocks[more.index()].term =
        Term::Switch { value: depth, cases: vec![(0, link(tail, &[sum]))], default: link(nested, &[]) };
    let less = one(&mut run, nested, Op::Bin(BinOp::Sub), &[depth, int(1)], Ty::I64);
    let inner = one(&mut run, nested, Op::Call(RUN), &[less, int(2), int(0)], Ty::I64);
    let added = one(&mut run, nested, Op::Bin(BinOp::Add), &[sum, inner], Ty::I64);
    run.blocks[nested.index()].term = Term::Jump(link(tail, &[added]));
    let twice = one(&mut run, tail, Op::Call(DOUBLE), &[n], Ty::I64);
    let after = one(&mut run, tail, Op::Bin(BinOp::Add), &[before, twice], Ty::I64);
    let next = one(&mut run, tail, Op::Bin(BinOp::Sub), &[n, int(1)], Ty::I64);
    run.blocks[tail.index()].term = Term::Jump(link(head, &[depth, next, after]));

    let mut double = Graph::new("double");
    double.results = vec![Ty::I64];
    let x = double.param(ENTRY, Ty::I64, "x").into();
    let sum = one(&mut double, ENTRY, Op::Bin(BinOp::Add), &[x, x], Ty::I64);
    double.blocks[0].term = Term::Return(vec![sum]);

    let mut outer = Graph::new("outer");
    outer.results = vec![Ty::I64];
    let n = outer.param(ENTRY, Ty::I64, "n").into();
    let ran = one(&mut outer, ENTRY, Op::Call(RUN), &[int(0), n, int(100)], Ty::I64);
    let sum = one(&mut outer, ENTRY, Op::Bin(BinOp::Add), &[ran, int(1)], Ty::I64);
    outer.blocks[0].term = Term::Return(vec![sum]);

    let one_int = [("x", Ty::I64)];
    let module = Module {
        funcs: vec![
            func("run", &int_params, &[Ty::I64], FuncKind::Graph(run)),
            func("double", &one_int, &[Ty::I64], FuncKind::Graph(double)),
            func("outer", &one_int, &[Ty::I64], FuncKind::Graph(outer)),
        ],
        portals: vec![Portal { func: RUN, greens: vec![1], order: 1, live: None }],
        ..Module::default()
    };
    for func in &module.funcs {
        let FuncKind::Graph(graph) = &func.kind else { unreachable!() };
        verify(graph, Some(&module)).unwrap_or_else(|error| panic!("{error}\n{}", print_module(&module)));
    }
    module
}

fn evaluator(module: &Module) -> Evaluator<'_> {
    // SAFETY: the module has no natives, and its graphs touch no memory.
    unsafe { Evaluator::new(module, &[]) }
}

/// Stops at the given merge point, counted from 1, and writes down what it hears.
#[derive(Default)]
struct Watch {
    stop_at: usize,
    merges: Vec<(usize, Vec<u64>)>,
    promoted: Vec<(usize, u64)>,
    branches: Vec<(u32, usize)>,
    suspended: Vec<(usize, FuncId)>,
    left: Vec<usize>,
}

impl Observer for Watch {
    fn suspend(&mut self, depth: usize, func: FuncId, _: BlockId) {
        self.suspended.push((depth, func));
    }

    fn promote(&mut self, _: Site, depth: usize, _: Ty, value: u64) {
        self.promoted.push((depth, value));
    }

    fn branch(&mut self, site: Site, _: usize, index: usize) {
        assert_eq!(site.inst, Site::TERMINATOR);
        self.branches.push((site.block.0, index));
    }

    fn merge_point(&mut self, func: FuncId, depth: usize, args: &[u64]) -> Flow {
        assert_eq!(func, RUN);
        self.merges.push((depth, args.to_vec()));
        if self.merges.len() == self.stop_at { Flow::Stop } else { Flow::Continue }
    }

    fn leave(&mut self, depth: usize) {
        self.left.push(depth);
    }
}

#[test]
fn runs_to_the_end() {
    let module = module();
    let returned = |func, args: &[u64]| evaluator(&module).call(func, args, &mut Unobserved);
    assert_eq!(returned(DOUBLE, &[21]), Outcome::Returned(vec![42]));
    assert_eq!(returned(RUN, &[0, 3, 0]), Outcome::Returned(vec![12]));
    assert_eq!(returned(RUN, &[1, 3, 0]), Outcome::Returned(vec![30]));
    assert_eq!(returned(OUTER, &[3]), Outcome::Returned(vec![113]));
}

#[test]
fn observers_hear_everything() {
    let module = module();
    let mut watch = Watch::default();
    evaluator(&module).call(OUTER, &[1], &mut watch);
    assert_eq!(watch.merges, [(2, vec![0, 1, 100]), (2, vec![0, 0, 102])]);
    assert_eq!(watch.promoted, [(2, 1), (2, 0)]);
    // The branch after the merge point (block 1), the switch (block 2), the branch again.
    assert_eq!(watch.branches, [(1, 1), (2, 0), (1, 0)]);
    assert_eq!(watch.suspended, [(1, OUTER), (2, RUN)]);
    assert_eq!(watch.left, [3, 2, 1]);
}

/// Wherever it is stopped, calling the portal with the variables and delivering its results gives the same.
#[test]
fn stopping_anywhere_and_going_on() {
    let module = module();
    let evaluator = evaluator(&module);
    for (func, args, expected) in [(RUN, vec![2, 3, 5], 71), (OUTER, vec![4], 121)] {
        let expected = Outcome::Returned(vec![expected]);
        assert_eq!(evaluator.call(func, &args, &mut Unobserved), expected);
        let mut stops = 0;
        for stop_at in 1.. {
            let mut watch = Watch { stop_at, ..Watch::default() };
            let outcome = evaluator.call(func, &args, &mut watch);
            let Outcome::Stopped { func: stopped, args: variables, frames } = outcome else {
                assert_eq!(outcome, expected);
                break;
            };
            stops += 1;
            assert_eq!(stopped, RUN);
            assert_eq!(watch.merges.last().expect("a merge point").1, variables);
            let Outcome::Returned(results) = evaluator.call(stopped, &variables, &mut Unobserved) else {
                panic!("nobody stops it")
            };
            assert_eq!(evaluator.deliver(frames, &results, &mut Unobserved), expected, "stopped at {stop_at}");
        }
        assert!(stops > 4);
    }
}

#[test]
fn resuming_in_the_middle() {
    let module = module();
    let graph = module.graph(RUN).expect("a graph");
    // At the call of `double` (block 4), with before = 1000 and n = 1, called by `outer`.
    let mut env = vec![0; graph.vars.len()];
    let head = &graph.blocks[1].params;
    env[head[1].index()] = 1;
    env[graph.blocks[4].params[0].index()] = 1000;
    let inner = Frame { func: RUN, block: BlockId(4), inst: 0, env };
    let outer = module.graph(OUTER).expect("a graph");
    let caller = Frame { func: OUTER, block: ENTRY, inst: 0, env: vec![0; outer.vars.len()] };
    let mut watch = Watch::default();
    let outcome = evaluator(&module).resume(vec![caller.clone(), inner.clone()], &mut watch);
    assert_eq!(outcome, Outcome::Returned(vec![1003]));
    assert_eq!(watch.suspended[0], (1, OUTER));
    // As if `double` had returned 7 already.
    let outcome = evaluator(&module).deliver(vec![caller, inner], &[7], &mut Unobserved);
    assert_eq!(outcome, Outcome::Returned(vec![1008]));
    assert_eq!(evaluator(&module).deliver(vec![], &[7], &mut Unobserved), Outcome::Returned(vec![7]));
}

#[test]
fn residual_graphs_exit() {
    let module = module();
    let mut graph = Graph::new("residual");
    let x = graph.param(ENTRY, Ty::I64, "x").into();
    let twice = one(&mut graph, ENTRY, Op::Call(DOUBLE), &[x], Ty::I64);
    graph.blocks[0].term = Term::Exit { id: 3, args: vec![x, twice] };
    let outcome = evaluator(&module).call_graph(&graph, &[4], &mut Unobserved);
    assert_eq!(outcome, Outcome::Exited { id: 3, args: vec![4, 8] });
}

#[test]
#[should_panic(expected = "`v1 = sdiv x#0, 0i64` of 5 and 0 in `bad`")]
fn undefined_operations_are_caught() {
    let module = Module::default();
    let mut graph = Graph::new("bad");
    let x = graph.param(ENTRY, Ty::I64, "x").into();
    one(&mut graph, ENTRY, Op::Bin(BinOp::SDiv), &[x, int(0)], Ty::I64);
    graph.blocks[0].term = Term::Return(vec![]);
    evaluator(&module).call_graph(&graph, &[5], &mut Unobserved);
}

/// Wrappers, memory and indirect calls through the evaluator are tested with the backends; here: a wrapper by name.
#[test]
fn natives_by_name() {
    let module = support::module();
    // SAFETY: the wrappers are the module's.
    let evaluator = unsafe { Evaluator::new(&module, support::natives()) };
    let byte = module.find_func("byte").expect("declared");
    let graph = support::single(Op::Call(byte), &[Ty::I8, Ty::I16], &[Ty::I8]);
    let Outcome::Returned(called) = evaluator.call_graph(&graph, &[1, 2], &mut Unobserved) else { unreachable!() };
    assert_eq!(called, evaluator.call_native(byte, &[1, 2]));
}

//! A loop of a three-instruction machine through annotator, timeshifter, generating extension and both backends, with
//! the interpreter's graph built by hand.

use moonshift_jitgen::backend::cranelift::CraneliftBackend;
use moonshift_jitgen::codemem::CodeMemory;
use moonshift_jitgen::flow::*;
use moonshift_jitgen::portal::{Entered, Jit, Policy};
use moonshift_jitgen::timeshift::Extension;

/// `run(code, pc, acc, n)`: 0 adds n to acc, 1 decrements n and goes to 0 unless it is zero, 2 returns acc.
fn machine() -> Module {
    let mut graph = Graph::new("run");
    graph.results = vec![Ty::I64];
    let span = Span::default();
    let entry = Graph::ENTRY;
    let code = graph.param(entry, Ty::Ptr, "code");
    let pc = graph.param(entry, Ty::I64, "pc");
    let acc = graph.param(entry, Ty::I64, "acc");
    let n = graph.param(entry, Ty::I64, "n");
    let head = graph.block();
    let (hpc, hacc, hn) =
        (graph.param(head, Ty::I64, "pc"), graph.param(head, Ty::I64, "acc"), graph.param(head, Ty::I64, "n"));
    let jump = |block, args: &[VarId]| Term::Jump(Link { block, args: args.iter().map(|&v| v.into()).collect() });
    graph.blocks[0].term = jump(head, &[pc, acc, n]);
    graph.push(head, Op::MergePoint, vec![code.into(), hpc.into(), hacc.into(), hn.into()], &[], span);
    let op = graph.push(head, Op::LoadItem(FieldId(0)), vec![code.into(), hpc.into()], &[Ty::I8], span)[0];
    let next = graph.push(head, Op::Bin(BinOp::Add), vec![hpc.into(), Const::i64(1).into()], &[Ty::I64], span)[0];
    let (add, dec, ret, bad) = (graph.block(), graph.block(), graph.block(), graph.block());
    let link = |block| Link { block, args: vec![] };
    graph.blocks[head.index()].term = Term::Switch {
        value: op.into(),
        cases: vec![(0, link(add)), (1, link(dec)), (2, link(ret))],
        default: link(bad),
    };
    let sum = graph.push(add, Op::Bin(BinOp::Add), vec![hacc.into(), hn.into()], &[Ty::I64], span)[0];
    graph.blocks[add.index()].term = jump(head, &[next, sum, hn]);
    let less = graph.push(dec, Op::Bin(BinOp::Sub), vec![hn.into(), Const::i64(1).into()], &[Ty::I64], span)[0];
    let more = graph.push(dec, Op::Cmp(CmpOp::Ne), vec![less.into(), Const::i64(0).into()], &[Ty::Bool], span)[0];
    graph.blocks[dec.index()].term = Term::Branch {
        cond: more.into(),
        then_to: Link { block: head, args: vec![Const::i64(0).into(), hacc.into(), less.into()] },
        else_to: Link { block: head, args: vec![next.into(), hacc.into(), less.into()] },
    };
    graph.blocks[ret.index()].term = Term::Return(vec![hacc.into()]);
    verify(&graph, None).expect("a valid graph");
    let params = vec![("code".into(), Ty::Ptr), ("pc".into(), Ty::I64), ("acc".into(), Ty::I64), ("n".into(), Ty::I64)];
    Module {
        fields: vec![Field {
            name: "[u8]".into(),
            kind: FieldKind::Item,
            ty: Ty::I8,
            mem: MemTy::B8,
            mutability: Mutability::Immutable,
            class: AliasClass(0),
            overlapping: false,
            virtualizable: false,
            offset_source: "0".into(),
            stride_source: "1".into(),
            offset: 0,
            stride: 1,
        }],
        classes: vec!["[u8]".into()],
        funcs: vec![FuncInfo {
            name: "run".into(),
            path: "run".into(),
            params,
            results: vec![Ty::I64],
            kind: FuncKind::Graph(graph),
            effects: Effects::strongest(),
            elidable: false,
            never_inline: false,
            unroll: false,
            container: None,
            native: None,
        }],
        portals: vec![Portal { func: FuncId(0), greens: vec![0, 1], order: 1, live: None }],
        ..Module::default()
    }
}

#[test]
fn loop_closes_and_runs() {
    let extension = Extension::new(machine()).expect("no hint errors");
    let policy = Policy { keep_dumps: true, ..Policy::default() };
    // SAFETY: the program calls nothing.
    let backend = unsafe { CraneliftBackend::new(&[], CodeMemory::new(1 << 24)) }.expect("a native backend");
    // SAFETY: nothing but the program below is read, and it outlives the compiler.
    let jit = unsafe { Jit::new(extension, &[], Box::new(backend), policy) };
    let code = [0u8, 1, 2];
    let start = |n: u64| [code.as_ptr() as u64, 0, 0, n];
    for _ in 0..4 {
        let mut args = start(1000).to_vec();
        let result = loop {
            match jit.hot(0, &args) {
                Entered::Finished(results) => break results[0],
                Entered::Continue(next) => args = next,
                Entered::Nothing { .. } => panic!("neither profiled nor compiled"),
            }
        };
        assert_eq!(result, 1000 * 1001 / 2);
    }
    let mut units = 0;
    jit.units(&mut |unit| {
        units += 1;
        let graph = unit.graph.expect("kept");
        let counts = graph.count_ops();
        println!("{}", print_graph(graph, Some(&unit.extension.module)));
        if unit.compiled {
            assert_eq!(counts.get("load_item"), None, "the program is known");
        }
    });
    assert!(units > 0);
    assert!(jit.totals().compiled > 0);
}

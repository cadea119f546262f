//! Printer, dot and verifier of flow graphs.

use moonshift_jitgen::flow::{
    BinOp, Block, BlockId, CmpOp, Const, ConvOp, FieldId, Graph, Link, Op, SigId, Span, Term, Ty, VarId, dot,
    print_graph, verify,
};

/// `fn count(n) { i = 0; loop { if i < n { i += 1 } else { return i } } }`
fn count() -> Graph {
    let mut graph = Graph::new("count");
    graph.results = vec![Ty::I64];
    let n = graph.param(Graph::ENTRY, Ty::I64, "n");
    let head = graph.block();
    let body = graph.block();
    let done = graph.block();
    let i = graph.param(head, Ty::I64, "i");
    graph.blocks[0].term = Term::Jump(Link { block: head, args: vec![Const::i64(0).into()] });
    let less = graph.push(head, Op::Cmp(CmpOp::SLt), vec![i.into(), n.into()], &[Ty::Bool], Span::default())[0];
    graph.blocks[head.index()].term = Term::Branch {
        cond: less.into(),
        then_to: Link { block: body, args: vec![] },
        else_to: Link { block: done, args: vec![] },
    };
    let next =
        graph.push(body, Op::Bin(BinOp::Add), vec![i.into(), Const::i64(1).into()], &[Ty::I64], Span::default())[0];
    graph.blocks[body.index()].term = Term::Jump(Link { block: head, args: vec![next.into()] });
    graph.blocks[done.index()].term = Term::Return(vec![i.into()]);
    graph.blocks[done.index()].cold = true;
    graph
}

#[test]
fn text() {
    let expected = "\
fn count -> (i64):
block0(n#0: i64):
    jump block1(0i64)
block1(i#1: i64):
    v2 = slt i#1, n#0
    branch v2, block2, block3
block2:
    v3 = add i#1, 1i64
    jump block1(v3)
block3: cold
    return i#1
";
    assert_eq!(print_graph(&count(), None), expected);
}

#[test]
fn dot_has_colours_and_links() {
    let text = dot(&count(), None, &|var| (var.0 == 0).then_some("green"));
    assert!(text.contains("<font color=\"green\">n#0</font>"), "{text}");
    assert!(text.contains("b1 -> b2 [label=\"true\"]"), "{text}");
    assert!(text.contains("-&gt;"), "{text}");
}

/// Applies a change to a good graph and expects the verifier's message to contain `message`.
fn refuses(message: &str, change: impl FnOnce(&mut Graph)) {
    let mut graph = count();
    verify(&graph, None).expect("the graph is good before the change");
    change(&mut graph);
    match verify(&graph, None) {
        Ok(()) => panic!("accepted, expected: {message}\n{}", print_graph(&graph, None)),
        Err(error) => assert!(error.to_string().contains(message), "{error}\nexpected: {message}"),
    }
}

#[test]
fn structure() {
    refuses("links to the entry", |graph| {
        graph.blocks[2].term = Term::Jump(Link { block: Graph::ENTRY, args: vec![] });
    });
    refuses("block9 does not exist", |graph| {
        graph.blocks[2].term = Term::Jump(Link { block: BlockId(9), args: vec![] });
    });
    refuses("does not dominate", |graph| {
        let v3 = graph.blocks[2].insts[0].results[0];
        graph.blocks[3].term = Term::Return(vec![v3.into()]);
    });
    refuses("used before its definition", |graph| {
        let inst = &mut graph.blocks[2].insts[0];
        inst.args[0] = inst.results[0].into();
    });
    refuses("defined twice", |graph| {
        let inst = graph.blocks[2].insts[0].clone();
        graph.blocks[2].insts.push(inst);
    });
    refuses("never defined", |graph| {
        let var = graph.var(Ty::I64, "ghost");
        graph.blocks[3].term = Term::Return(vec![var.into()]);
    });
    refuses("not declared", |graph| {
        graph.blocks[3].term = Term::Return(vec![VarId(77).into()]);
    });
    refuses("entry block", |graph| graph.blocks.clear());
}

#[test]
fn types() {
    refuses("returned values are (bool), must be (i64)", |graph| {
        graph.blocks[3].term = Term::Return(vec![Const::bool(true).into()]);
    });
    refuses("arguments to block1 are (), must be (i64)", |graph| {
        graph.blocks[0].term = Term::Jump(Link { block: BlockId(1), args: vec![] });
    });
    refuses("operand is i32, must be i64", |graph| {
        graph.blocks[2].insts[0].args[1] = Const::new(Ty::I32, 1).into();
    });
    refuses("not a canonical i32", |graph| {
        graph.blocks[2].insts[0].args[1] = Const { ty: Ty::I32, bits: 1 << 40 }.into();
    });
}

#[test]
fn operations() {
    let check = |message: &str, op: Op, args: Vec<Const>, results: &[Ty]| {
        refuses(message, |graph| {
            graph.push(
                BlockId(2),
                op,
                args.into_iter().map(moonshift_jitgen::flow::Arg::from).collect::<Vec<_>>(),
                results,
                Span::default(),
            );
        });
    };
    let (int, float, yes) = (Const::i64(1), Const::f64(1.0), Const::bool(true));
    check("must be an integer", Op::Bin(BinOp::Add), vec![float, float], &[Ty::F64]);
    check("must be f64", Op::Bin(BinOp::FAdd), vec![int, int], &[Ty::I64]);
    check("1 operands, must be 2", Op::Bin(BinOp::Add), vec![int], &[Ty::I64]);
    check("results are (i32), must be (i64)", Op::Bin(BinOp::Add), vec![int, int], &[Ty::I32]);
    check("results are (), must be (bool)", Op::Cmp(CmpOp::Eq), vec![int, int], &[]);
    check("must be an integer", Op::Cmp(CmpOp::SLt), vec![yes, yes], &[Ty::Bool]);
    check("must be an integer", Op::Cmp(CmpOp::Eq), vec![float, float], &[Ty::Bool]);
    check("operand is i64, must be bool", Op::Select, vec![int, int, int], &[Ty::I64]);
    check("no such conversion", Op::Conv(ConvOp::Zext, Ty::I32), vec![int], &[Ty::I32]);
    check("no such conversion", Op::Conv(ConvOp::Bitcast, Ty::Bool), vec![int], &[Ty::Bool]);
    check("must be an address", Op::Load(FieldId(0)), vec![int], &[Ty::I64]);
    check("first operation of its block", Op::MergePoint, vec![int], &[]);
    check("no code address", Op::CallIndirect(SigId(0)), vec![], &[]);
}

#[test]
fn terminators() {
    refuses("operand is i64, must be bool", |graph| {
        let Term::Branch { cond, .. } = &mut graph.blocks[1].term else { unreachable!() };
        *cond = Const::i64(1).into();
    });
    let link = || Link { block: BlockId(3), args: vec![] };
    let switch = |value: Const, cases: &[u64]| {
        let cases = cases.iter().map(|&bits| (bits, link())).collect();
        Term::Switch { value: value.into(), cases, default: link() }
    };
    refuses("occurs twice", |graph| graph.blocks[1].term = switch(Const::i64(1), &[1, 1]));
    refuses("not a canonical bool", |graph| graph.blocks[1].term = switch(Const::bool(true), &[2]));
    refuses("a switch is on", |graph| graph.blocks[1].term = switch(Const::f64(1.0), &[]));
}

#[test]
fn unreachable_blocks_are_checked_for_types_only() {
    let mut graph = count();
    let v3 = graph.blocks[2].insts[0].results[0];
    graph.blocks.push(Block { term: Term::Return(vec![v3.into()]), ..Block::new() });
    verify(&graph, None).expect("no definition dominates an unreachable block");
    graph.blocks[4].term = Term::Return(vec![]);
    assert!(verify(&graph, None).is_err());
}

//! Memory, calls, exits, switches and loops, evaluated and compiled.
#![cfg(feature = "run")]

mod support;

use moonshift_jitgen::backend::{Backend, CompileError};
use moonshift_jitgen::flow::*;
use support::*;

const ENTRY: BlockId = Graph::ENTRY;

fn push(graph: &mut Graph, block: BlockId, op: Op, args: &[Arg], results: &[Ty]) -> Vec<VarId> {
    graph.push(block, op, args.to_vec(), results, Span::default()).into_vec()
}

fn jump(block: BlockId, args: &[Arg]) -> Link {
    Link { block, args: args.to_vec() }
}

fn int(value: i64) -> Arg {
    Const::i64(value).into()
}

const SCALARS: [(FieldId, Ty); 7] = [
    (FLAG, Ty::Bool),
    (BYTE, Ty::I8),
    (HALF, Ty::I16),
    (WORD, Ty::I32),
    (LONG, Ty::I64),
    (FLOAT, Ty::F64),
    (NEXT, Ty::Ptr),
];

#[test]
fn loads_and_stores_of_every_kind() {
    let machines = &mut Machines::new();
    for (field, ty) in SCALARS {
        // Returns the old value, writes the new one.
        let mut graph = Graph::new("swap");
        graph.results = vec![ty];
        let base = graph.param(ENTRY, Ty::Ptr, "base");
        let new = graph.param(ENTRY, ty, "new");
        let old = push(&mut graph, ENTRY, Op::Load(field), &[base.into()], &[ty])[0];
        push(&mut graph, ENTRY, Op::Store(field), &[base.into(), new.into()], &[]);
        graph.blocks[0].term = Term::Return(vec![old.into()]);
        let codes = machines.compile(&graph);
        for bits in edges(ty) {
            let outcomes = codes.each_ref().map(|code| {
                let record = Box::new(Record::new());
                let address = &raw const *record as u64;
                let first = machines.run(&**code, &[address, bits]).results[0];
                let second = machines.run(&**code, &[address, 0]).results[0];
                assert_eq!(second, bits);
                machines.run(&**code, &[address, bits]);
                (first, record)
            });
            assert_eq!(outcomes[0].0, outcomes[1].0);
            assert!(outcomes[0].1.same(&outcomes[1].1), "{:?}", outcomes);
        }
    }
}

#[test]
fn items_by_variable_and_constant_index() {
    let machines = &mut Machines::new();
    for (field, ty) in [(TAG, Ty::I8), (BITS, Ty::I64), (ODD, Ty::I32)] {
        for constant in [false, true] {
            // items[i + 2] = items[i], through an address two elements up; returns both sums of addresses' loads.
            let mut graph = Graph::new("items");
            graph.results = vec![ty, ty];
            let base = graph.param(ENTRY, Ty::Ref, "base");
            let index = graph.param(ENTRY, Ty::I64, "index");
            let index: Arg = if constant { int(3) } else { index.into() };
            let value = push(&mut graph, ENTRY, Op::LoadItem(field), &[base.into(), index], &[ty])[0];
            let up = push(&mut graph, ENTRY, Op::PtrAdd(field), &[base.into(), int(2)], &[Ty::Ptr])[0];
            push(&mut graph, ENTRY, Op::StoreItem(field), &[up.into(), index, value.into()], &[]);
            let again = push(&mut graph, ENTRY, Op::LoadItem(field), &[base.into(), int(5)], &[ty])[0];
            graph.blocks[0].term = Term::Return(vec![value.into(), again.into()]);
            let codes = machines.compile(&graph);
            let outcomes = codes.each_ref().map(|code| {
                let record = Box::new(Record::new());
                (machines.run(&**code, &[&raw const *record as u64, 3]), record)
            });
            assert_eq!(outcomes[0].0, outcomes[1].0);
            assert_eq!(outcomes[0].0.results[0], outcomes[0].0.results[1]);
            assert_eq!(outcomes[0].1, outcomes[1].1);
            assert_eq!(outcomes[0].1.items[5].tag == 3, field == TAG);
        }
    }
}

#[test]
fn interior_addresses_and_chains() {
    let machines = &mut Machines::new();
    let second = Record { long: 99, ..Record::new() };
    let first = Record { next: &raw const second as usize, ..Record::new() };
    let mut graph = Graph::new("chain");
    graph.results = vec![Ty::I64, Ty::I64, Ty::I64];
    let base = graph.param(ENTRY, Ty::Ptr, "base");
    let next = push(&mut graph, ENTRY, Op::Load(NEXT), &[base.into()], &[Ty::Ptr])[0];
    let long = push(&mut graph, ENTRY, Op::Load(LONG), &[next.into()], &[Ty::I64])[0];
    let fixed = push(&mut graph, ENTRY, Op::Load(FIXED), &[next.into()], &[Ty::I64])[0];
    let inner = push(&mut graph, ENTRY, Op::Interior(INNER), &[base.into()], &[Ty::Ptr])[0];
    let word = push(&mut graph, ENTRY, Op::LoadItem(WORDS), &[inner.into(), int(1)], &[Ty::I64])[0];
    graph.blocks[0].term = Term::Return(vec![long.into(), fixed.into(), word.into()]);
    assert_eq!(machines.both(&graph, &[&raw const first as u64]).results, [99, 77, 6]);
}

#[test]
fn calls_of_every_signature() {
    let machines = &mut Machines::new();
    let module = machines.module.clone();
    for (index, func) in module.funcs.iter().enumerate() {
        let params: Vec<Ty> = func.params.iter().map(|param| param.1).collect();
        let direct = single(Op::Call(FuncId(index as u32)), &params, &func.results);
        let codes = machines.compile(&direct);
        let with_code: Vec<Ty> = [&[Ty::I64], &params[..]].concat();
        let indirect = single(Op::CallIndirect(SigId(index as u32)), &with_code, &func.results);
        let indirect_codes = machines.compile(&indirect);
        let code = machines.natives[index].direct as usize as u64;
        for round in 0..8 {
            let args: Vec<u64> = params
                .iter()
                .enumerate()
                .map(|(place, &ty)| {
                    let values = edges(ty);
                    values[(round * 7 + place * 5) % values.len()]
                })
                .collect();
            let expected = machines.run(&*codes[0], &args);
            assert_eq!(expected, machines.run(&*codes[1], &args), "{}", func.name);
            let with_code = [&[code], &args[..]].concat();
            for indirect in &indirect_codes {
                assert_eq!(expected, machines.run(&**indirect, &with_code), "{} indirectly", func.name);
            }
        }
    }
}

#[test]
fn a_unit_calls_a_unit() {
    let machines = &mut Machines::new();
    let module = machines.module.clone();
    for (index, sig) in module.sigs.iter().enumerate() {
        // The callee passes its call on to the native.
        let inner = single(Op::Call(FuncId(index as u32)), &sig.params, &sig.results);
        let codes = machines.compile(&inner);
        let with_code: Vec<Ty> = [&[Ty::I64], &sig.params[..]].concat();
        let outer = single(Op::CallIndirect(SigId(index as u32)), &with_code, &sig.results);
        let args: Vec<u64> = sig.params.iter().map(|&ty| edges(ty)[1]).collect();
        let expected = machines.run(&*codes[0], &args).results;
        let entry = codes[1].entry().expect("machine code") as usize as u64;
        assert_eq!(machines.both(&outer, &[&[entry], &args[..]].concat()).results, expected);
    }
}

/// `fn f(a: i64, x: f64, b: bool) { if a == 1 { exit 7 (a, x, b, 5i8) }; if a == 2 { exit 9 }; return (0, a) }`
fn exits() -> Graph {
    let mut graph = Graph::new("exits");
    graph.results = vec![Ty::I64, Ty::I64];
    let a = graph.param(ENTRY, Ty::I64, "a");
    let x = graph.param(ENTRY, Ty::F64, "x");
    let b = graph.param(ENTRY, Ty::Bool, "b");
    let [first, more, second, done] = [(); 4].map(|()| graph.block());
    let one = push(&mut graph, ENTRY, Op::Cmp(CmpOp::Eq), &[a.into(), int(1)], &[Ty::Bool])[0];
    graph.blocks[0].term = Term::Branch { cond: one.into(), then_to: jump(first, &[]), else_to: jump(more, &[]) };
    let small = Const::new(Ty::I8, 5);
    graph.blocks[first.index()].term = Term::Exit { id: 7, args: vec![a.into(), x.into(), b.into(), small.into()] };
    graph.blocks[first.index()].cold = true;
    let two = push(&mut graph, more, Op::Cmp(CmpOp::Eq), &[a.into(), int(2)], &[Ty::Bool])[0];
    graph.blocks[more.index()].term =
        Term::Branch { cond: two.into(), then_to: jump(second, &[]), else_to: jump(done, &[]) };
    graph.blocks[second.index()].term = Term::Exit { id: 9, args: vec![] };
    graph.blocks[done.index()].term = Term::Return(vec![int(0), a.into()]);
    graph
}

#[test]
fn exits_pass_live_values() {
    let machines = &mut Machines::new();
    let graph = exits();
    let x = 2.5f64.to_bits();
    let ran = machines.both(&graph, &[1, x, 1]);
    assert_eq!((ran.results, &ran.passed[..]), (vec![2, 7], &[1, x, 1, 5][..]));
    assert_eq!(machines.both(&graph, &[2, x, 1]).results, [2, 9]);
    assert_eq!(machines.both(&graph, &[3, x, 1]).results, [0, 3]);
}

/// A row of guards, each with an exit that passes its number and what the exits before it pass; of all types, narrow ones
/// where the exit before has a wide one. An integer that is seen as a float is passed too.
#[test]
fn exits_share_what_they_pass() {
    let machines = &mut Machines::new();
    let mut graph = Graph::new("row");
    graph.results = vec![Ty::I64, Ty::I64];
    let which = graph.param(ENTRY, Ty::I64, "which");
    let base = graph.param(ENTRY, Ty::Ptr, "base");
    let loaded: Vec<VarId> =
        SCALARS.iter().map(|&(field, ty)| push(&mut graph, ENTRY, Op::Load(field), &[base.into()], &[ty])[0]).collect();
    let long = loaded[4];
    let float = push(&mut graph, ENTRY, Op::Conv(ConvOp::Bitcast, Ty::F64), &[long.into()], &[Ty::F64])[0];
    let double = push(&mut graph, ENTRY, Op::Bin(BinOp::FAdd), &[float.into(), float.into()], &[Ty::F64])[0];
    let bits = push(&mut graph, ENTRY, Op::Conv(ConvOp::Bitcast, Ty::I64), &[double.into()], &[Ty::I64])[0];
    push(&mut graph, ENTRY, Op::Store(LONG), &[base.into(), bits.into()], &[]);
    let values: Vec<Arg> = loaded.iter().rev().copied().chain([double, bits, which]).map(Arg::Var).collect();
    let mut passed: Vec<Vec<Arg>> = vec![];
    for count in 0..=values.len() {
        let mut args = values[..count].to_vec();
        args.push(Arg::Var(loaded[count % loaded.len()]));
        passed.extend([args.clone(), [&args[..], &values].concat()]);
    }
    let mut block = ENTRY;
    for (number, args) in passed.iter().enumerate() {
        let [exit, next] = [(); 2].map(|()| graph.block());
        let cond = push(&mut graph, block, Op::Cmp(CmpOp::Eq), &[which.into(), int(number as i64)], &[Ty::Bool])[0];
        graph.blocks[block.index()].term =
            Term::Branch { cond: cond.into(), then_to: jump(exit, &[]), else_to: jump(next, &[]) };
        graph.blocks[exit.index()].term = Term::Exit { id: 1000 + number as u32, args: args.clone() };
        graph.blocks[exit.index()].cold = number % 3 != 0;
        block = next;
    }
    graph.blocks[block.index()].term = Term::Return(vec![int(0), int(0)]);
    let codes = machines.compile(&graph);
    for (number, passed) in passed.iter().enumerate() {
        let [evaluated, compiled] = codes.each_ref().map(|code| {
            let record = Box::new(Record::new());
            let ran = machines.run(&**code, &[number as u64, &raw const *record as u64]);
            (ran, record)
        });
        assert_eq!(compiled.0.results, [2, 1000 + number as u64]);
        assert_eq!(compiled.0.passed.len(), passed.len());
        // Addresses differ.
        let next = Arg::Var(loaded[6]);
        for (index, arg) in passed.iter().enumerate().filter(|(_, arg)| **arg != next) {
            assert_eq!(evaluated.0.passed[index], compiled.0.passed[index], "{arg:?} of exit {number}");
        }
        assert!(evaluated.1.same(&compiled.1));
    }
}

#[test]
fn exits_need_a_status() {
    let machines = &mut Machines::new();
    let mut graph = exits();
    graph.results = vec![Ty::I64];
    graph.blocks[4].term = Term::Return(vec![int(0)]);
    let info = machines.info("bad");
    let result = machines.cranelift.compile(&graph, &machines.module, &info);
    assert!(matches!(result, Err(CompileError::Unsupported(_))));
    // The backend is none the worse for it.
    assert_eq!(machines.both(&exits(), &[3, 0, 0]).results, [0, 3]);
}

#[test]
fn switches() {
    let machines = &mut Machines::new();
    let cases: [(Ty, &[u64]); 6] = [
        (Ty::I64, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (Ty::I64, &[5, 1000, u64::MAX, 1 << 63, 77, 78]),
        (Ty::I8, &[0, 0x7f, 0x80, 0xff]),
        (Ty::I32, &[0x8000_0000, 3]),
        (Ty::Bool, &[1]),
        (Ty::I16, &[]),
    ];
    for (ty, cases) in cases {
        let mut graph = Graph::new("switch");
        graph.results = vec![Ty::I64];
        let value = graph.param(ENTRY, ty, "value");
        let done = graph.block();
        let result = graph.param(done, Ty::I64, "result");
        graph.blocks[done.index()].term = Term::Return(vec![result.into()]);
        let plain = graph.block();
        graph.blocks[plain.index()].term = Term::Return(vec![int(-2)]);
        let links = cases.iter().enumerate().map(|(index, &bits)| {
            (bits, if index % 3 == 2 { jump(plain, &[]) } else { jump(done, &[int(index as i64 * 10)]) })
        });
        graph.blocks[0].term =
            Term::Switch { value: value.into(), cases: links.collect(), default: jump(done, &[int(-1)]) };
        for bits in edges(ty).into_iter().chain(cases.iter().copied()) {
            let expected = match cases.iter().position(|&case| case == bits) {
                None => -1i64,
                Some(index) if index % 3 == 2 => -2,
                Some(index) => index as i64 * 10,
            };
            assert_eq!(machines.both(&graph, &[bits]).results, [expected as u64], "{ty:?} {bits:#x}");
        }
    }
}

/// `fn fib(n) { a = 0; b = 1; while n > 0 { (a, b, n) = (b, a + b, n - 1) } a }`: a link that permutes parameters.
#[test]
fn loops() {
    let machines = &mut Machines::new();
    let mut graph = Graph::new("fib");
    graph.results = vec![Ty::I64];
    let n = graph.param(ENTRY, Ty::I64, "n");
    let [head, body, done] = [(); 3].map(|()| graph.block());
    let [a, b, left] = ["a", "b", "left"].map(|name| graph.param(head, Ty::I64, name));
    graph.blocks[0].term = Term::Jump(jump(head, &[int(0), int(1), n.into()]));
    let more = push(&mut graph, head, Op::Cmp(CmpOp::SGt), &[left.into(), int(0)], &[Ty::Bool])[0];
    graph.blocks[head.index()].term =
        Term::Branch { cond: more.into(), then_to: jump(body, &[]), else_to: jump(done, &[]) };
    let sum = push(&mut graph, body, Op::Bin(BinOp::Add), &[a.into(), b.into()], &[Ty::I64])[0];
    let less = push(&mut graph, body, Op::Ovf(OvfOp::SSub), &[left.into(), int(1)], &[Ty::I64, Ty::Bool])[0];
    graph.blocks[body.index()].term = Term::Jump(jump(head, &[b.into(), sum.into(), less.into()]));
    graph.blocks[done.index()].term = Term::Return(vec![a.into()]);
    assert_eq!(machines.both(&graph, &[50]).results, [12586269025]);
}

/// A load of an immutable field must not move above the check that its address is one.
#[test]
fn immutable_loads_stay_below_their_guards() {
    let machines = &mut Machines::new();
    let mut graph = Graph::new("guarded");
    graph.results = vec![Ty::I64];
    let is_address = graph.param(ENTRY, Ty::Bool, "is_address");
    let address = graph.param(ENTRY, Ty::Ptr, "address");
    let [head, body, done] = [(); 3].map(|()| graph.block());
    let sum = graph.param(head, Ty::I64, "sum");
    graph.blocks[0].term = Term::Jump(jump(head, &[int(0)]));
    graph.blocks[head.index()].term =
        Term::Branch { cond: is_address.into(), then_to: jump(body, &[]), else_to: jump(done, &[]) };
    let fixed = push(&mut graph, body, Op::Load(FIXED), &[address.into()], &[Ty::I64])[0];
    let next = push(&mut graph, body, Op::Bin(BinOp::Add), &[sum.into(), fixed.into()], &[Ty::I64])[0];
    let enough = push(&mut graph, body, Op::Cmp(CmpOp::SGt), &[next.into(), int(700)], &[Ty::Bool])[0];
    graph.blocks[body.index()].term =
        Term::Branch { cond: enough.into(), then_to: jump(done, &[]), else_to: jump(head, &[next.into()]) };
    graph.blocks[done.index()].term = Term::Return(vec![sum.into()]);
    let record = Record::new();
    assert_eq!(machines.both(&graph, &[1, &raw const record as u64]).results, [693]);
    assert_eq!(machines.both(&graph, &[0, 3]).results, [0]);
}

#[test]
fn dumps() {
    let machines = &mut Machines::new();
    let info = moonshift_jitgen::backend::UnitInfo { dump: true, ..machines.info("dumped") };
    let code = machines.cranelift.compile(&exits(), &machines.module, &info).expect("compiles");
    let dump = code.dump().expect("asked for");
    assert!(dump.intermediate.contains("brif") && dump.assembly.contains("ret"), "{dump:?}");
    assert_eq!(code.size(), code.bytes().len());
    let before = machines.cranelift.memory().in_use();
    drop(code);
    assert!(machines.cranelift.memory().in_use() < before);
}

/// Values that are alive across a call have to be somewhere on the native stack.
#[test]
fn large_frames_are_refused() {
    let machines = &mut Machines::new();
    let mut graph = Graph::new("many");
    graph.results = vec![Ty::I64];
    let x = graph.param(ENTRY, Ty::I64, "x");
    let many: Vec<_> = (0..300)
        .map(|value| push(&mut graph, ENTRY, Op::Bin(BinOp::Mul), &[x.into(), int(value + 3)], &[Ty::I64])[0])
        .collect();
    let mut sum = x;
    for value in many {
        sum = push(&mut graph, ENTRY, Op::Bin(BinOp::Add), &[sum.into(), value.into()], &[Ty::I64])[0];
    }
    graph.blocks[ENTRY.index()].term = Term::Return(vec![sum.into()]);
    let mut compile = |max_frame| {
        let info = moonshift_jitgen::backend::UnitInfo { max_frame, ..machines.info("many") };
        machines.cranelift.compile(&graph, &machines.module, &info)
    };
    assert!(compile(None).is_ok() && compile(Some(16 << 10)).is_ok());
    match compile(Some(2000)).map(|_| ()) {
        // Some are in registers.
        Err(CompileError::Frame(bytes)) => assert!((2200..4000).contains(&bytes), "{bytes}"),
        other => panic!("{other:?}"),
    }
}

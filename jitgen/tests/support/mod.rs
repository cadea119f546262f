//! What the tests of evaluator and backends share: a module with fields of every kind and natives of many
//! signatures, and runs of one graph on both.
#![allow(dead_code)]

pub mod random;

use moonshift_jitgen::abi::{Native, Pair};
use moonshift_jitgen::backend::cranelift::CraneliftBackend;
use moonshift_jitgen::backend::graph::GraphBackend;
use moonshift_jitgen::backend::{Backend, Code, PendingExits, UnitInfo};
use moonshift_jitgen::codemem::CodeMemory;
use moonshift_jitgen::flow::*;
use std::mem::offset_of;
use std::sync::Arc;

/// A structure with a field of every kind.
#[repr(C)]
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Record {
    pub flag: bool,
    pub byte: u8,
    pub half: u16,
    pub word: u32,
    pub long: u64,
    pub float: f64,
    pub next: usize,
    /// Immutable.
    pub fixed: u64,
    pub inner: [u64; 2],
    pub items: [Item; 8],
}

#[repr(C)]
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Item {
    pub tag: u8,
    pub bits: u64,
    pub odd: u32,
}

impl Record {
    pub fn new() -> Record {
        let item = |i: u64| Item { tag: i as u8, bits: i * 0x0101_0101_0101, odd: 7 * i as u32 };
        Record {
            flag: true,
            byte: 0x81,
            half: 0x8123,
            word: 0x8123_4567,
            long: 0x8123_4567_89ab_cdef,
            float: -1.25,
            next: 0,
            fixed: 77,
            inner: [5, 6],
            items: std::array::from_fn(|i| item(i as u64)),
        }
    }

    /// Equal but for the bits of NaNs, which no backend promises.
    pub fn same(&self, other: &Record) -> bool {
        let quiet =
            |record: &Record| Record { float: if record.float.is_nan() { 0.0 } else { record.float }, ..*record };
        quiet(self) == quiet(other) && self.float.is_nan() == other.float.is_nan()
    }
}

pub const FLAG: FieldId = FieldId(0);
pub const BYTE: FieldId = FieldId(1);
pub const HALF: FieldId = FieldId(2);
pub const WORD: FieldId = FieldId(3);
pub const LONG: FieldId = FieldId(4);
pub const FLOAT: FieldId = FieldId(5);
pub const NEXT: FieldId = FieldId(6);
pub const FIXED: FieldId = FieldId(7);
pub const INNER: FieldId = FieldId(8);
pub const TAG: FieldId = FieldId(9);
pub const BITS: FieldId = FieldId(10);
pub const ODD: FieldId = FieldId(11);
/// An element of `Record::inner`, from the address that `INNER` gives.
pub const WORDS: FieldId = FieldId(12);

fn fields() -> Vec<Field> {
    let field = |index: usize, name: &str, kind, ty, mem, offset| Field {
        name: name.into(),
        kind,
        ty,
        mem,
        mutability: Mutability::Mutable,
        class: AliasClass(index as u32),
        overlapping: false,
        virtualizable: false,
        offset_source: String::new(),
        stride_source: String::new(),
        offset,
        stride: if kind == FieldKind::Item { size_of::<Item>() } else { 0 },
    };
    let (record, item) = (FieldKind::Struct, FieldKind::Item);
    let items = offset_of!(Record, items);
    let mut fields = vec![
        field(0, "Record.flag", record, Ty::Bool, MemTy::Bool, offset_of!(Record, flag)),
        field(1, "Record.byte", record, Ty::I8, MemTy::B8, offset_of!(Record, byte)),
        field(2, "Record.half", record, Ty::I16, MemTy::B16, offset_of!(Record, half)),
        field(3, "Record.word", record, Ty::I32, MemTy::B32, offset_of!(Record, word)),
        field(4, "Record.long", record, Ty::I64, MemTy::B64, offset_of!(Record, long)),
        field(5, "Record.float", record, Ty::F64, MemTy::F64, offset_of!(Record, float)),
        field(6, "Record.next", record, Ty::Ptr, MemTy::Address, offset_of!(Record, next)),
        field(7, "Record.fixed", record, Ty::I64, MemTy::B64, offset_of!(Record, fixed)),
        field(8, "Record.inner", record, Ty::Ptr, MemTy::Address, offset_of!(Record, inner)),
        field(9, "[Item].tag", item, Ty::I8, MemTy::B8, items + offset_of!(Item, tag)),
        field(10, "[Item].bits", item, Ty::I64, MemTy::B64, items + offset_of!(Item, bits)),
        field(11, "[Item].odd", item, Ty::I32, MemTy::B32, items + offset_of!(Item, odd)),
        field(12, "[u64]", item, Ty::I64, MemTy::B64, 0),
    ];
    fields[FIXED.index()].mutability = Mutability::Immutable;
    fields[WORDS.index()].stride = 8;
    fields
}

/// A value in its natural C type.
pub trait Slot: Copy {
    const TY: Ty;
    fn bits(self) -> u64;
    fn of(bits: u64) -> Self;
}

macro_rules! slots {
    ($($c:ty => $ty:ident;)*) => {$(
        impl Slot for $c {
            const TY: Ty = Ty::$ty;
            fn bits(self) -> u64 {
                self as u64
            }
            fn of(bits: u64) -> $c {
                bits as $c
            }
        }
    )*};
}

slots! { u8 => I8; u16 => I16; u32 => I32; u64 => I64; usize => Ptr; }

impl Slot for bool {
    const TY: Ty = Ty::Bool;
    fn bits(self) -> u64 {
        self.into()
    }
    fn of(bits: u64) -> bool {
        bits & 1 != 0
    }
}

impl Slot for f64 {
    const TY: Ty = Ty::F64;
    fn bits(self) -> u64 {
        // The bits of NaNs are nobody's promise.
        if self.is_nan() { f64::NAN.to_bits() } else { self.to_bits() }
    }
    fn of(bits: u64) -> f64 {
        (bits >> 12) as f64 / 1024.0
    }
}

/// What a native of the tests computes: each result depends on every argument and its place.
fn mix(args: &[u64], result: u64) -> u64 {
    let mut hash = 0x9e37_79b9_7f4a_7c15 ^ result.wrapping_mul(0xff51_afd7_ed55_8ccd);
    for &arg in args {
        hash = (hash ^ arg).wrapping_mul(0xc4ce_b9fe_1a85_ec53).rotate_left(29);
    }
    hash ^ (hash >> 31)
}

struct Declared {
    native: Native,
    params: Vec<Ty>,
    results: Vec<Ty>,
}

macro_rules! native {
    // Results in registers: none, one, two.
    (@direct ($($p:ident: $c:ty),*) ()) => {
        extern "C" fn direct($(_: $c),*) {}
    };
    (@direct ($($p:ident: $c:ty),*) ($r:ty)) => {
        extern "C" fn direct($($p: $c),*) -> $r {
            <$r>::of(mix(&[$($p.bits()),*], 0))
        }
    };
    (@direct ($($p:ident: $c:ty),*) ($r:ty, $s:ty)) => {
        extern "C" fn direct($($p: $c),*) -> Pair {
            let args = [$($p.bits()),*];
            Pair { a: <$r>::of(mix(&args, 0)).bits(), b: <$s>::of(mix(&args, 1)).bits() }
        }
    };
    (@direct ($($p:ident: $c:ty),*) ($($r:ty),*)) => {
        extern "C" fn direct(out: *mut u64, $($p: $c),*) {
            let args = [$($p.bits()),*];
            let makers: &[fn(u64) -> u64] = &[$(|bits| <$r>::of(bits).bits()),*];
            for (index, make) in makers.iter().enumerate() {
                // SAFETY: the caller passes a slot for each result.
                unsafe { out.add(index).write(make(mix(&args, index as u64))) };
            }
        }
    };
    ($name:literal, ($($p:ident: $c:ty),*) -> ($($r:ty),*)) => {{
        native!(@direct ($($p: $c),*) ($($r),*));
        #[allow(unused_variables, unused_mut, unused_assignments)]
        unsafe extern "C" fn buffered(args: *const u64, results: *mut u64) {
            let count = { let names: &[&str] = &[$(stringify!($p)),*]; names.len() };
            let mut passed = vec![];
            for index in 0..count {
                // SAFETY: the caller passes a slot for each argument.
                passed.push(unsafe { args.add(index).read() });
            }
            let makers: &[fn(u64) -> u64] = &[$(|bits| <$r>::of(bits).bits()),*];
            let quiet: &[fn(u64) -> u64] = &[$(|bits| if <$c>::TY == Ty::F64 { f64::from_bits(bits).bits() } else { bits }),*];
            for (bits, quiet) in passed.iter_mut().zip(quiet) {
                *bits = quiet(*bits);
            }
            for (index, make) in makers.iter().enumerate() {
                // SAFETY: the caller passes a slot for each result.
                unsafe { results.add(index).write(make(mix(&passed, index as u64))) };
            }
        }
        Declared {
            native: Native { name: $name, direct: direct as *const u8, buffered },
            params: vec![$(<$c as Slot>::TY),*],
            results: vec![$(<$r as Slot>::TY),*],
        }
    }};
}

fn declared() -> Vec<Declared> {
    vec![
        native!("none", () -> ()),
        native!("long", () -> (u64)),
        native!("float", (a: f64) -> (f64)),
        native!("byte", (a: u8, b: u16) -> (u8)),
        native!("half", (a: u16, b: bool, c: u32) -> (u16)),
        native!("word", (a: u32, b: f64, c: u8, d: u64) -> (u32)),
        native!("truth", (a: bool, b: u8) -> (bool)),
        native!("two", (a: u64, b: u64, c: u64, d: u64, e: u64) -> (u64, u64)),
        native!("mixed_two", (a: f64, b: u64, c: f64, d: u8, e: f64, f: u32) -> (f64, u8)),
        native!("three", (a: u64, b: f64, c: u64, d: u64, e: u64, f: u64, g: f64) -> (u64, f64, u16)),
        native!("four", (a: u8, b: u16, c: u32, d: u64, e: bool, f: f64, g: u64, h: u64) -> (bool, u8, u16, u32)),
        native!("five", (a: u64, b: u64, c: u64, d: u64, e: u64, f: u64, g: u8, h: u64) -> (u64, f64, u64, f64, bool)),
        native!("floats", (a: f64, b: f64, c: f64, d: f64, e: f64, f: f64, g: f64, h: f64) -> (f64, f64)),
        native!("many_floats", (a: f64, b: f64, c: f64, d: f64, e: f64, f: f64, g: f64, h: f64, i: f64, j: u8) -> (f64)),
        native!("ignored", (a: u64, b: f64) -> ()),
    ]
}

/// The module of the tests. Signature `n` is that of function `n`, for indirect calls.
pub fn module() -> Module {
    let mut module = Module { fields: fields(), ..Module::default() };
    module.classes = module.fields.iter().map(|field| field.name.clone()).collect();
    for (index, native) in declared().into_iter().enumerate() {
        module.sigs.push(Signature {
            params: native.params.clone(),
            results: native.results.clone(),
            // No such function: the evaluator then calls the address itself.
            declared_by: FuncId(u32::MAX),
            enters: None,
        });
        module.funcs.push(FuncInfo {
            name: native.native.name.into(),
            path: String::new(),
            params: native.params.iter().map(|&ty| ("p".to_string(), ty)).collect(),
            results: native.results,
            kind: FuncKind::Residual,
            effects: Effects::strongest(),
            elidable: false,
            never_inline: false,
            unroll: false,
            container: None,
            native: Some(index as u32),
        });
    }
    module
}

pub fn natives() -> &'static [Native] {
    Vec::leak(declared().into_iter().map(|declared| declared.native).collect())
}

/// Both backends over the module of the tests.
pub struct Machines {
    pub module: Arc<Module>,
    pub natives: &'static [Native],
    pub cranelift: CraneliftBackend,
    pub graph: GraphBackend,
    pending: Box<PendingExits>,
}

/// What a run gave: results, and what an exit passed.
#[derive(Clone, PartialEq, Debug)]
pub struct Ran {
    pub results: Vec<u64>,
    pub passed: Vec<u64>,
}

impl Machines {
    pub fn new() -> Machines {
        let module = Arc::new(module());
        let natives = natives();
        // SAFETY: the natives are the module's.
        let cranelift = unsafe { CraneliftBackend::new(natives, CodeMemory::new(1 << 28)) }.expect("a host backend");
        // SAFETY: as above.
        let graph = unsafe { GraphBackend::new(module.clone(), natives) };
        Machines { module, natives, cranelift, graph, pending: Box::default() }
    }

    pub fn info(&self, name: &str) -> UnitInfo {
        UnitInfo {
            name: name.into(),
            pending: &raw const *self.pending as u64,
            max_frame: None,
            settle: None,
            dump: false,
        }
    }

    /// The graph compiled by the evaluator's backend and by Cranelift.
    pub fn compile(&mut self, graph: &Graph) -> [Box<dyn Code>; 2] {
        if let Err(error) = verify(graph, Some(&self.module)) {
            panic!("{error}\n{}", print_graph(graph, Some(&self.module)));
        }
        let info = self.info(&graph.name);
        let evaluated = self.graph.compile(graph, &self.module, &info).expect("keeps the graph");
        let compiled = self.cranelift.compile(graph, &self.module, &info);
        let compiled = compiled.unwrap_or_else(|error| panic!("{error}\n{}", print_graph(graph, Some(&self.module))));
        [evaluated, compiled]
    }

    pub fn run(&mut self, code: &dyn Code, args: &[u64]) -> Ran {
        let mut results = vec![0; code.signature().1.len()];
        // SAFETY: the tests pass what their graphs expect.
        unsafe { code.run(args, &mut results) };
        Ran { results, passed: self.pending.take(self.pending.len()) }
    }

    /// Runs a graph on both; the results must agree.
    pub fn both(&mut self, graph: &Graph, args: &[u64]) -> Ran {
        let codes = self.compile(graph);
        let [evaluated, compiled] = codes.each_ref().map(|code| self.run(&**code, args));
        let types = graph.results.clone();
        assert!(
            same(&types, &evaluated.results, &compiled.results) && evaluated.passed == compiled.passed,
            "{evaluated:x?}\n{compiled:x?}\n{}",
            print_graph(graph, Some(&self.module))
        );
        evaluated
    }
}

/// Equal but for the bits of NaNs.
pub fn same(types: &[Ty], a: &[u64], b: &[u64]) -> bool {
    let nan = |bits: u64| f64::from_bits(bits).is_nan();
    types.iter().zip(a).zip(b).all(|((&ty, &a), &b)| a == b || (ty == Ty::F64 && nan(a) && nan(b)))
}

/// A graph of one block that is one operation on its parameters.
pub fn single(op: Op, params: &[Ty], results: &[Ty]) -> Graph {
    let mut graph = Graph::new(op.name());
    let args: Vec<Arg> = params.iter().map(|&ty| graph.param(Graph::ENTRY, ty, "").into()).collect();
    let values = graph.push(Graph::ENTRY, op, args, results, Span::default());
    graph.results = results.to_vec();
    graph.blocks[0].term = Term::Return(values.into_iter().map(Into::into).collect());
    graph
}

/// Values around the edges of every width.
pub fn edges(ty: Ty) -> Vec<u64> {
    if ty == Ty::Bool {
        return vec![0, 1];
    }
    if ty == Ty::F64 {
        let mut values = vec![0.0, 0.5, 1.0, 1.5, 127.0, 128.0, 255.0, 256.0, 32768.0, 65536.0, 1e-310, 1e300, 0.1];
        values.extend([31, 32, 53, 63, 64].map(|exponent| 2f64.powi(exponent)));
        values.extend([f64::MAX, f64::INFINITY, 2147483647.5, 4294967295.5]);
        let signs = values.iter().flat_map(|&value| [value, -value]);
        return signs.chain([f64::NAN]).map(f64::to_bits).collect();
    }
    let bases = [0u64, 1, 2, 3, 7, 8, 31, 63, 100, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000];
    let wide = [0xffff_ffff, 0x1_0000_0000, 0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000];
    let all = bases.iter().chain(&wide).flat_map(|&bits| [bits, bits.wrapping_neg(), !bits]);
    let mut values: Vec<u64> = all.map(|bits| bits & ty.mask()).collect();
    values.sort_unstable();
    values.dedup();
    values
}

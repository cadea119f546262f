// Written by the translator. Offsets and wrappers are checked by rustc.

#[allow(unused_imports)]
use ::moonshift_jitgen::{abi::{Bindings, Native, Pair}, mem};

/// Binds the translation image to this process.
pub static BINDINGS: Bindings = Bindings {
    image: &[],
    offsets: &[
        core::mem::offset_of!(crate::corpus::order::Trace, seen),
        core::mem::offset_of!(crate::corpus::order::Trace, cells),
        0,
        core::mem::offset_of!(crate::corpus::memory::Object, value) + core::mem::offset_of!(crate::corpus::memory::Slot, tag),
        core::mem::offset_of!(crate::corpus::memory::Object, value) + core::mem::offset_of!(crate::corpus::memory::Slot, bits),
        core::mem::offset_of!(crate::corpus::memory::Slot, tag),
        core::mem::offset_of!(crate::corpus::memory::Slot, bits),
        core::mem::offset_of!(crate::corpus::memory::Object, size),
        core::mem::offset_of!(crate::corpus::memory::Machine, current),
        core::mem::offset_of!(crate::corpus::memory::Machine, top),
        core::mem::offset_of!(crate::corpus::memory::Machine, codes),
        core::mem::offset_of!(crate::corpus::memory::Code, 0),
        core::mem::offset_of!(crate::corpus::memory::Machine, links),
        0,
        core::mem::offset_of!(crate::corpus::memory::Machine, numbers),
        0,
        core::mem::offset_of!(crate::corpus::memory::Object, slots),
        core::mem::offset_of!(crate::corpus::memory::Machine, registers),
        core::mem::offset_of!(crate::corpus::memory::Register, tag),
        core::mem::offset_of!(crate::corpus::memory::Register, bits),
        core::mem::offset_of!(crate::corpus::memory::Object, next),
        core::mem::offset_of!(crate::corpus::memory::Object, small),
        core::mem::offset_of!(crate::corpus::memory::Object, position),
        core::mem::offset_of!(crate::corpus::memory::Position, x),
        core::mem::offset_of!(crate::corpus::memory::Position, y),
        core::mem::offset_of!(crate::corpus::memory::Object, position) + core::mem::offset_of!(crate::corpus::memory::Position, y),
        core::mem::offset_of!(crate::corpus::memory::Object, position) + core::mem::offset_of!(crate::corpus::memory::Position, x),
        core::mem::offset_of!(crate::corpus::memory::Object, position) + core::mem::offset_of!(crate::corpus::memory::Position, fixed),
        core::mem::offset_of!(crate::corpus::memory::Object, counter),
        core::mem::offset_of!(crate::corpus::memory::Object, limit),
        core::mem::offset_of!(crate::corpus::memory::Object, kind),
        core::mem::offset_of!(crate::corpus::memory::Object, flag),
        core::mem::offset_of!(crate::corpus::memory::Object, medium),
        core::mem::offset_of!(crate::corpus::memory::Object, pair) + core::mem::offset_of!((u8, i64,), 1),
        core::mem::offset_of!(crate::corpus::memory::Object, pair) + core::mem::offset_of!((u8, i64,), 0),
        core::mem::offset_of!(crate::corpus::portal::Op, code),
        core::mem::offset_of!(crate::corpus::portal::Op, arg),
        core::mem::offset_of!(crate::corpus::portal::State, steps),
    ],
    strides: &[
        0,
        0,
        core::mem::size_of::<u64>(),
        0,
        0,
        core::mem::size_of::<crate::corpus::memory::Slot>(),
        core::mem::size_of::<crate::corpus::memory::Slot>(),
        0,
        0,
        0,
        0,
        core::mem::size_of::<crate::corpus::memory::Code>(),
        0,
        core::mem::size_of::<Option<::moonshift_jitgen::mem::Ref<crate::corpus::memory::Object>>>(),
        0,
        core::mem::size_of::<i64>(),
        0,
        0,
        core::mem::size_of::<crate::corpus::memory::Register>(),
        core::mem::size_of::<crate::corpus::memory::Register>(),
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        core::mem::size_of::<crate::corpus::portal::Op>(),
        core::mem::size_of::<crate::corpus::portal::Op>(),
        0,
    ],
    natives: &[
        Native { name: "joined", direct: n0_direct as *const u8, buffered: n0_buffered },
        Native { name: "no_results", direct: n1_direct as *const u8, buffered: n1_buffered },
        Native { name: "two_results", direct: n2_direct as *const u8, buffered: n2_buffered },
        Native { name: "many_results", direct: n3_direct as *const u8, buffered: n3_buffered },
        Native { name: "takes_aggregates", direct: n4_direct as *const u8, buffered: n4_buffered },
        Native { name: "logarithm", direct: n5_direct as *const u8, buffered: n5_buffered },
        Native { name: "kept_apart", direct: n6_direct as *const u8, buffered: n6_buffered },
        Native { name: "count_strings", direct: n7_direct as *const u8, buffered: n7_buffered },
        Native { name: "enter", direct: n8_direct as *const u8, buffered: n8_buffered },
        Native { name: "run", direct: n9_direct as *const u8, buffered: n9_buffered },
    ],
};

// joined
#[allow(clippy::all, unused)]
#[inline(always)]
fn n0(r: &mut [u64; 1], a0: u64, a1: u64, a2: u64, ) {
    let v = crate::corpus::calls::joined((a0 as u8), (a1 as i64), f64::from_bits(a2));
    let _ = &v;
    r[0] = v as u64; 
}
extern "C" fn n0_direct(p0: u8, p1: u64, p2: f64, ) -> u64 {
    let mut r = [0; 1];
    n0(&mut r, p0 as u64, p1, p2.to_bits());
    r[0]
}
unsafe extern "C" fn n0_buffered(args: *const u64, results: *mut u64) {
    let mut r = [0; 1];
    n0(&mut r, unsafe { *args.add(0) }, unsafe { *args.add(1) }, unsafe { *args.add(2) });
    unsafe { *results.cast::<[u64; 1]>() = r }
}

// no_results
#[allow(clippy::all, unused)]
#[inline(always)]
fn n1(r: &mut [u64; 0], a0: u64, ) {
    let v = crate::corpus::calls::no_results((a0 != 0));
    let _ = &v;
    
}
extern "C" fn n1_direct(p0: u8, ) {
    let mut r = [0; 0];
    n1(&mut r, p0 as u64);
    
}
unsafe extern "C" fn n1_buffered(args: *const u64, results: *mut u64) {
    let mut r = [0; 0];
    n1(&mut r, unsafe { *args.add(0) });
    unsafe { *results.cast::<[u64; 0]>() = r }
}

// two_results
#[allow(clippy::all, unused)]
#[inline(always)]
fn n2(r: &mut [u64; 2], a0: u64, ) {
    let v = crate::corpus::calls::two_results((a0 as i64));
    let _ = &v;
    r[0] = v.0.to_bits(); r[1] = v.1 as u8 as u64; 
}
extern "C" fn n2_direct(p0: u64, ) -> Pair {
    let mut r = [0; 2];
    n2(&mut r, p0);
    Pair { a: r[0], b: r[1] }
}
unsafe extern "C" fn n2_buffered(args: *const u64, results: *mut u64) {
    let mut r = [0; 2];
    n2(&mut r, unsafe { *args.add(0) });
    unsafe { *results.cast::<[u64; 2]>() = r }
}

// many_results
#[allow(clippy::all, unused)]
#[inline(always)]
fn n3(r: &mut [u64; 4], a0: u64, ) {
    let v = crate::corpus::calls::many_results((a0 as i64));
    let _ = &v;
    match v { Ok(v1) => { let _ = &v1; r[1] = v1.tag as u8 as u64; r[2] = v1.bits as u64; } Err(v2) => { let _ = &v2; r[0] = 1; r[3] = v2.0 as u8 as u64; } } 
}
extern "C" fn n3_direct(out: *mut u64, p0: u64, ) {
    let mut r = [0; 4];
    n3(&mut r, p0);
    unsafe { *out.cast::<[u64; 4]>() = r }
}
unsafe extern "C" fn n3_buffered(args: *const u64, results: *mut u64) {
    let mut r = [0; 4];
    n3(&mut r, unsafe { *args.add(0) });
    unsafe { *results.cast::<[u64; 4]>() = r }
}

// takes_aggregates
#[allow(clippy::all, unused)]
#[inline(always)]
fn n4(r: &mut [u64; 8], a0: u64, a1: u64, a2: u64, a3: u64, a4: u64, a5: u64, a6: u64, a7: u64, a8: u64, a9: u64, a10: u64, a11: u64, a12: u64, a13: u64, ) {
    let v = crate::corpus::calls::takes_aggregates(crate::corpus::aggregates::Value { tag: (a0 as u8), bits: (a1 as u64),  }, if a2 != 0 { Some((a3 as i64)) } else { None }, ((a4 as u8), (a5 != 0), ), match a6 { 0 => crate::corpus::matching::Color::Red {  }, 5 => crate::corpus::matching::Color::Green {  }, 6 => crate::corpus::matching::Color::Blue {  }, _ => unreachable!("no such variant") }, match a7 { 0 => crate::corpus::matching::Shape::Empty {  }, 1 => crate::corpus::matching::Shape::Circle { 0: f64::from_bits(a8),  }, 2 => crate::corpus::matching::Shape::Box { width: (a9 as i64), height: (a10 as i64),  }, 3 => crate::corpus::matching::Shape::Tagged { 0: (a11 as u8), 1: if a12 != 0 { Some((a13 as i64)) } else { None },  }, _ => unreachable!("no such variant") });
    let _ = &v;
    r[0] = v.0 as i8 as u8 as u64; match v.1 { crate::corpus::matching::Shape::Empty { } => { r[1] = 0; } crate::corpus::matching::Shape::Circle { 0: v1, } => { r[1] = 1; r[2] = v1.to_bits(); } crate::corpus::matching::Shape::Box { width: v2, height: v3, } => { r[1] = 2; r[3] = v2 as u64; r[4] = v3 as u64; } crate::corpus::matching::Shape::Tagged { 0: v4, 1: v5, } => { r[1] = 3; r[5] = v4 as u8 as u64; if let Some(v6) = v5 { r[6] = 1; r[7] = v6 as u64; } } } 
}
extern "C" fn n4_direct(out: *mut u64, p0: u8, p1: u64, p2: u8, p3: u64, p4: u8, p5: u8, p6: u8, p7: u8, p8: f64, p9: u64, p10: u64, p11: u8, p12: u8, p13: u64, ) {
    let mut r = [0; 8];
    n4(&mut r, p0 as u64, p1, p2 as u64, p3, p4 as u64, p5 as u64, p6 as u64, p7 as u64, p8.to_bits(), p9, p10, p11 as u64, p12 as u64, p13);
    unsafe { *out.cast::<[u64; 8]>() = r }
}
unsafe extern "C" fn n4_buffered(args: *const u64, results: *mut u64) {
    let mut r = [0; 8];
    n4(&mut r, unsafe { *args.add(0) }, unsafe { *args.add(1) }, unsafe { *args.add(2) }, unsafe { *args.add(3) }, unsafe { *args.add(4) }, unsafe { *args.add(5) }, unsafe { *args.add(6) }, unsafe { *args.add(7) }, unsafe { *args.add(8) }, unsafe { *args.add(9) }, unsafe { *args.add(10) }, unsafe { *args.add(11) }, unsafe { *args.add(12) }, unsafe { *args.add(13) });
    unsafe { *results.cast::<[u64; 8]>() = r }
}

// logarithm
#[allow(clippy::all, unused)]
#[inline(always)]
fn n5(r: &mut [u64; 1], a0: u64, ) {
    let v = crate::corpus::calls::logarithm(f64::from_bits(a0));
    let _ = &v;
    r[0] = v.to_bits(); 
}
extern "C" fn n5_direct(p0: f64, ) -> f64 {
    let mut r = [0; 1];
    n5(&mut r, p0.to_bits());
    f64::from_bits(r[0])
}
unsafe extern "C" fn n5_buffered(args: *const u64, results: *mut u64) {
    let mut r = [0; 1];
    n5(&mut r, unsafe { *args.add(0) });
    unsafe { *results.cast::<[u64; 1]>() = r }
}

// kept_apart
#[allow(clippy::all, unused)]
#[inline(always)]
fn n6(r: &mut [u64; 1], a0: u64, ) {
    let v = crate::corpus::calls::kept_apart((a0 as i64));
    let _ = &v;
    r[0] = v as u64; 
}
extern "C" fn n6_direct(p0: u64, ) -> u64 {
    let mut r = [0; 1];
    n6(&mut r, p0);
    r[0]
}
unsafe extern "C" fn n6_buffered(args: *const u64, results: *mut u64) {
    let mut r = [0; 1];
    n6(&mut r, unsafe { *args.add(0) });
    unsafe { *results.cast::<[u64; 1]>() = r }
}

// count_strings
#[allow(clippy::all, unused)]
#[inline(always)]
fn n7(r: &mut [u64; 1], a0: u64, ) {
    let v = crate::corpus::memory::count_strings(unsafe { mem::Ref::<crate::corpus::memory::Object>::from_addr(a0) });
    let _ = &v;
    r[0] = v as u64; 
}
extern "C" fn n7_direct(p0: usize, ) -> u64 {
    let mut r = [0; 1];
    n7(&mut r, p0 as u64);
    r[0]
}
unsafe extern "C" fn n7_buffered(args: *const u64, results: *mut u64) {
    let mut r = [0; 1];
    n7(&mut r, unsafe { *args.add(0) });
    unsafe { *results.cast::<[u64; 1]>() = r }
}

// enter
#[allow(clippy::all, unused)]
#[inline(always)]
fn n8(r: &mut [u64; 1], a0: u64, a1: u64, a2: u64, ) {
    let v = crate::corpus::portal::enter((a0 as usize), unsafe { &*(a1 as usize as *const crate::corpus::portal::State) }, (a2 as i64));
    let _ = &v;
    r[0] = v as u64; 
}
extern "C" fn n8_direct(p0: u64, p1: usize, p2: u64, ) -> u64 {
    let mut r = [0; 1];
    n8(&mut r, p0, p1 as u64, p2);
    r[0]
}
unsafe extern "C" fn n8_buffered(args: *const u64, results: *mut u64) {
    let mut r = [0; 1];
    n8(&mut r, unsafe { *args.add(0) }, unsafe { *args.add(1) }, unsafe { *args.add(2) });
    unsafe { *results.cast::<[u64; 1]>() = r }
}

// run
#[allow(clippy::all, unused)]
#[inline(always)]
fn n9(r: &mut [u64; 2], a0: u64, a1: u64, a2: u64, a3: u64, a4: u64, ) {
    let v = crate::corpus::portal::run(unsafe { &*(a0 as usize as *const crate::corpus::portal::State) }, unsafe { mem::Arr::<crate::corpus::portal::Op>::from_ptr(a1 as usize as *mut _) }, (a2 as usize), (a3 as i64), (a4 as i64));
    let _ = &v;
    if let Some(v1) = v { r[0] = 1; r[1] = v1 as u64; } 
}
extern "C" fn n9_direct(p0: usize, p1: usize, p2: u64, p3: u64, p4: u64, ) -> Pair {
    let mut r = [0; 2];
    n9(&mut r, p0 as u64, p1 as u64, p2, p3, p4);
    Pair { a: r[0], b: r[1] }
}
unsafe extern "C" fn n9_buffered(args: *const u64, results: *mut u64) {
    let mut r = [0; 2];
    n9(&mut r, unsafe { *args.add(0) }, unsafe { *args.add(1) }, unsafe { *args.add(2) }, unsafe { *args.add(3) }, unsafe { *args.add(4) });
    unsafe { *results.cast::<[u64; 2]>() = r }
}

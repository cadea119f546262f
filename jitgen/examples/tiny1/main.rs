//! The smallest compiler there is: `cargo run --example tiny1`.
//!
//! The interpreter (`interp.rs`) walks over a string of `+` and `-`. Three things make a compiler of it:
//!
//! * `#[portal(greens(code, pc), order = pc)]` says which variables of its loop are known when a program is compiled:
//!   the program and the position in it, which are *green*. The others, `x` and `acc`, are *red*: known at run time.
//! * `merge_point()` at the top of the loop is where compilations begin and where states are compared.
//! * `#[heap(frozen)]` says that a character of a program never changes. So with `code` and `pc` known, `code.get(pc)` is
//!   known, the `match` is decided, and nothing of the dispatch is left in the residual code.
//!
//! What remains of "+-+" is two additions and a subtraction.

mod interp;
#[path = "../support/mod.rs"]
mod support;

use interp::Char;
use moonshift_jitgen::mem::Arr;
use moonshift_jitgen::places;

fn main() {
    let text = std::env::args().nth(1).unwrap_or("+-+".into());
    let mut program: Vec<Char> = text.bytes().chain([0]).map(Char).collect();
    // SAFETY: the program ends with a character that ends it, and lives until the end of `main`.
    let code = unsafe { Arr::from_ptr(program.as_mut_ptr()) };
    // SAFETY: the text is that of the module; the variables passed below are `run`'s.
    let jit = unsafe {
        let source = include_str!("interp.rs");
        support::compiler(source, &places![[Char] { 0 }], &[], support::eager(), support::Machine::Native)
    };
    for x in [1, 5, -7] {
        let plain = interp::run(code, 0, x, 100);
        let compiled = support::run(&jit, &[code.addr(), 0, x as u64, 100]);
        assert_eq!(compiled, [plain as u64]);
        println!("x = {x}: {plain}");
    }
    println!("\n{}", support::show(&jit));
}

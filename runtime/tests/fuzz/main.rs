//! Fuzzing: each target takes any bytes, makes an input of them and checks what becomes of it.
//!
//! Here the targets run for a few seconds each, on inputs that a simple driver makes; `MOONSHIFT_FUZZ_SECONDS` makes them
//! run longer, `MOONSHIFT_FUZZ_SEED` take other inputs. With `MOONSHIFT_FUZZ_KEEP` set to a file each input is written
//! there before it is run, and `MOONSHIFT_FUZZ_INPUT` runs one such file.
//!
//! Stable Rust has no coverage to be guided by, so targets make their inputs from the bytes by a grammar (`arbitrary`),
//! and the driver goes by the kinds of outcome that targets tell.

#![cfg(feature = "jit")]

mod checks;
mod drive;

#[test]
fn lexer() {
    drive::run("lexer", checks::lexer::check);
}

#[test]
fn parser() {
    drive::run("parser", checks::parser::check);
}

#[test]
fn bytecode() {
    drive::run("bytecode", checks::bytecode::check);
}

#[test]
fn pattern() {
    drive::run("pattern", checks::pattern::check);
}

#[test]
fn pack() {
    drive::run("pack", checks::pack::check);
}

#[test]
fn format() {
    drive::run("format", checks::format::check);
}

//! Every benchmark program, at its small size, gives byte for byte the reference's output in every mode.

mod support;

use moonshift_benches::{ALLOCATION, PROGRAMS, Program};
use support::{Run, has_reference, recorded};

fn reference_output(program: &Program) -> Vec<u8> {
    let outcome = Run::reference().args([program.path()]).args([program.small.to_string()]).outcome();
    assert_eq!(outcome.status, Some(0), "{}: the reference failed:\n{}", program.name, outcome.text());
    outcome.stdout
}

fn check(program: &Program, mode: &str) {
    let expected = recorded(&format!("expected/{}.txt", program.name), || reference_output(program));
    let outcome =
        Run::ours().args([format!("--jit={mode}")]).args([program.path()]).args([program.small.to_string()]).outcome();
    assert!(
        outcome.status == Some(0) && outcome.stdout == expected && outcome.stderr.is_empty(),
        "{} {} with --jit={mode}:\n{}--- expected\n{}",
        program.name,
        program.small,
        outcome.text(),
        String::from_utf8_lossy(&expected)
    );
}

/// One test a program and mode.
macro_rules! programs {
    ($($name:ident)*) => {
        const TESTED: &[&str] = &[$(stringify!($name)),*];

        $(mod $name {
            use super::{check, named};

            #[test]
            fn off() {
                check(named(stringify!($name)), "off");
            }

            #[test]
            fn on() {
                check(named(stringify!($name)), "on");
            }

            #[test]
            fn always() {
                check(named(stringify!($name)), "always");
            }

            #[test]
            fn evaluator() {
                check(named(stringify!($name)), "evaluator");
            }
        })*
    };
}

programs! {
    fib loop_int loop_float loop_mixed sieve nbody fannkuch spectral_norm mandelbrot queens matmul string_build classes
    closures wordcount
}

/// The programs that allocate.
#[test]
fn allocation() {
    for program in &ALLOCATION {
        for mode in ["off", "on", "always", "evaluator"] {
            check(program, mode);
        }
    }
}

fn named(name: &str) -> &'static Program {
    PROGRAMS.iter().find(|program| program.name == name).expect("a listed program")
}

/// The recorded outputs are still what the installed reference says.
#[test]
fn recorded_outputs_are_the_references() {
    if !has_reference() {
        eprintln!("{} is not installed: only the recorded outputs are compared", support::REFERENCE);
        return;
    }
    for program in PROGRAMS.iter().chain(&ALLOCATION) {
        let expected = recorded(&format!("expected/{}.txt", program.name), || reference_output(program));
        assert!(reference_output(program) == expected, "{}: the record differs from the reference", program.name);
    }
}

/// Every program file has an entry in the table, and every entry is tested.
#[test]
fn every_program_is_listed() {
    assert!(PROGRAMS.iter().map(|program| program.name).eq(TESTED.iter().copied()));
    let folder = PROGRAMS[0].path();
    let files = std::fs::read_dir(folder.parent().expect("it has a folder")).expect("the folder can be read");
    for file in files {
        let path = file.expect("the entry can be read").path();
        if path.extension().is_some_and(|extension| extension == "lua") {
            assert!(PROGRAMS.iter().any(|program| program.path() == path), "{} is not listed", path.display());
        }
    }
}

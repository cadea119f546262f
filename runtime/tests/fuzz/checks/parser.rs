//! The parser and compiler: any text gets an answer, the reference's; what they make is sound and survives a dump.

use super::{kind, lexer, one_in, oracle, shape, source};
use arbitrary::Unstructured;
use moonshift_lang::bytecode::{dump, liveness, undump, verify};
use moonshift_lang::compile;

pub fn check(data: &[u8]) -> u64 {
    let mut u = Unstructured::new(data);
    let text = if one_in(&mut u, 8) {
        lexer::text(&mut u)
    } else if one_in(&mut u, 2) {
        source::changed_file(&mut u)
    } else {
        source::chunk(&mut u)
    };
    let shown = || String::from_utf8_lossy(&text).into_owned();
    let compiled = compile(&text, "=fuzz");
    let ours = match &compiled {
        Ok(proto) => {
            verify(proto).unwrap_or_else(|error| panic!("{}\n{error}", shown()));
            liveness(proto);
            let again = undump(&dump(proto, false)).unwrap_or_else(|error| panic!("{}\n{error}", shown()));
            assert_eq!(again, *proto, "{}", shown());
            undump(&dump(proto, true)).unwrap_or_else(|error| panic!("{}\nstripped: {error}", shown()));
            String::new()
        }
        Err(error) => {
            assert!(error.span().end <= text.len().max(error.span().start), "{}: {error}", shown());
            error.message().iter().map(|&byte| byte as char).collect()
        }
    };
    // Loads and does not run it; the reference would take a first escape for a binary chunk.
    if !text.starts_with(b"\x1b") {
        let quoted = super::quote(&text);
        let question = format!("local f, message = load({quoted}, '=fuzz', 't') return message or ''");
        if let Some(theirs) = oracle::reference(question.as_bytes()) {
            let theirs: String = theirs.iter().map(|&byte| byte as char).collect();
            assert!(agree(&ours, &theirs), "{}\nours:   {ours}\ntheirs: {theirs}", shown());
        }
    }
    match compiled {
        Ok(proto) => kind((proto.code.last().map(|i| i.op()), proto.max_stack, proto.num_loops, proto.children.len())),
        Err(_) => kind(shape(&ours)),
    }
}

/// Whether two answers are the same, as far as they have to be. Releases of the reference count nesting differently; and
/// it compiles as it reads, so what is wrong with a name or label comes before errors further on.
fn agree(ours: &str, theirs: &str) -> bool {
    let has = |text: &str, parts: &[&str]| parts.iter().any(|part| text.contains(part));
    let of_limits = |text: &str| has(text, &["overflow", "too many", "limit"]);
    let of_names = |text: &str| {
        has(
            text,
            &[
                "label",
                "break",
                "const variable",
                "attribute",
                "to-be-closed",
                "outside a vararg function",
                "jumps into the scope",
            ],
        )
    };
    // Of labels in a row it reads the last first.
    let of_twins = |text: &str| text.contains("already defined on line");
    ours == theirs
        || of_twins(ours) && of_twins(theirs)
        || of_limits(ours) && of_limits(theirs)
        || (ours.contains(" near ") || of_names(ours)) && of_names(theirs)
}

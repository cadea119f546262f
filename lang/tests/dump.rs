//! Prototypes as bytes.

mod common;
use common::{EVERYTHING, proto};
use moonshift_lang::bytecode::{Proto, SIGNATURE, UndumpError, dump, undump};

#[test]
fn round_trip() {
    for source in ["", "return 1, -2.5, 'x', nil, true, false, 0x7fffffffffffffff, -0.0, 1e308", EVERYTHING] {
        let p = proto(source);
        let bytes = dump(&p, false);
        assert!(bytes.starts_with(SIGNATURE));
        assert_eq!(undump(&bytes).expect("own output"), p);
        assert_eq!(dump(&undump(&bytes).expect("own output"), false), bytes);
    }
}

#[test]
fn stripped() {
    fn check(p: &Proto, q: &Proto) {
        assert!(p.code == q.code && p.constants == q.constants);
        assert!(q.lines.is_empty() && q.locals.is_empty() && q.source.is_empty());
        assert!(q.upvalues.iter().all(|u| u.name.is_empty()));
        assert_eq!((q.line(0), q.line_defined), (0, p.line_defined));
        p.children.iter().zip(&q.children).for_each(|(p, q)| check(p, q));
    }
    let p = proto(EVERYTHING);
    let bytes = dump(&p, true);
    assert!(bytes.len() < dump(&p, false).len());
    check(&p, &undump(&bytes).expect("own output"));
}

#[test]
fn truncated_chunks_are_refused() {
    let bytes = dump(&proto(EVERYTHING), false);
    for n in 0..bytes.len() {
        assert_eq!(undump(&bytes[..n]), Err(UndumpError::Truncated), "at {n} of {}", bytes.len());
    }
    let longer = [&bytes[..], b"x"].concat();
    assert!(undump(&longer).is_err());
}

#[test]
fn foreign_chunks_are_refused() {
    assert!(matches!(undump(b"return 1"), Err(UndumpError::BadHeader(_))));
    let mut bytes = dump(&proto("f()"), false);
    let mut reference = bytes.clone();
    // The reference's chunks are the same up to here: behind it comes the number of upvalues.
    reference[31] = 1;
    assert!(matches!(undump(&reference), Err(UndumpError::BadHeader(_))));
    bytes[5] = 1;
    assert_eq!(undump(&bytes).expect_err("other format").to_string(), "bad binary format (format mismatch)");
    bytes[4] = 0x53;
    assert_eq!(undump(&bytes).expect_err("other version").to_string(), "bad binary format (version mismatch)");
}

#[test]
fn damage_is_refused_or_harmless() {
    let bytes = dump(&proto(EVERYTHING), false);
    for n in 0..bytes.len() {
        for change in [0x01u8, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[n] ^= change;
            if let Ok(p) = undump(&damaged) {
                let _ = dump(&p, false);
            }
        }
    }
}

//! Single-character items: literals, classes and sets.

/// What matches one byte.
#[derive(Clone, Copy)]
pub(super) enum Item {
    Any,
    Literal(u8),
    /// `%a` and the like, or an escaped literal.
    Class(u8),
    /// The set between these offsets of the pattern: from behind `[` (and `^`) to the closing bracket.
    Set {
        start: usize,
        end: usize,
        negated: bool,
    },
}

impl Item {
    #[inline]
    pub(super) fn matches(self, pattern: &[u8], byte: u8) -> bool {
        match self {
            Item::Any => true,
            Item::Literal(literal) => literal == byte,
            Item::Class(class) => class_contains(class, byte),
            Item::Set { start, end, negated } => set_contains(&pattern[start..end], byte) != negated,
        }
    }
}

/// Whether the class of this letter contains `byte`; an upper-case letter negates, any other character is itself.
fn class_contains(class: u8, byte: u8) -> bool {
    let contains = match class.to_ascii_lowercase() {
        b'a' => byte.is_ascii_alphabetic(),
        b'c' => byte.is_ascii_control(),
        b'd' => byte.is_ascii_digit(),
        b'g' => byte.is_ascii_graphic(),
        b'l' => byte.is_ascii_lowercase(),
        b'p' => byte.is_ascii_punctuation(),
        b's' => matches!(byte, b' ' | b'\t'..=b'\r'),
        b'u' => byte.is_ascii_uppercase(),
        b'w' => byte.is_ascii_alphanumeric(),
        b'x' => byte.is_ascii_hexdigit(),
        // Deprecated, but the reference still knows it: the zero byte.
        b'z' => byte == 0,
        _ => return class == byte,
    };
    contains != class.is_ascii_uppercase()
}

/// Whether the set with this text contains `byte`.
fn set_contains(set: &[u8], byte: u8) -> bool {
    let mut rest = set;
    loop {
        rest = match rest {
            [] => return false,
            // The other half of an escape was the end of a range, which has no meaning: as in the reference, the bracket
            // behind the set takes its place.
            [b'%'] => return byte == b']',
            [b'%', class, tail @ ..] => {
                if class_contains(*class, byte) {
                    return true;
                }
                tail
            }
            [low, b'-', high, tail @ ..] => {
                if (*low..=*high).contains(&byte) {
                    return true;
                }
                tail
            }
            [literal, tail @ ..] => {
                if *literal == byte {
                    return true;
                }
                tail
            }
        };
    }
}

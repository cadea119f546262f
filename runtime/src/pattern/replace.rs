//! Replacement strings of `gsub`.

use super::{Captured, Matcher, PatternError};
use crate::number::write_unsigned;

/// Appends `template` with `%0` to `%9` and `%%` expanded for the last match of `matcher`, which was `start..end`.
pub fn expand(
    out: &mut Vec<u8>,
    matcher: &Matcher<'_>,
    template: &[u8],
    start: usize,
    end: usize,
) -> Result<(), PatternError> {
    let mut rest = template;
    while let Some(mark) = memchr::memchr(b'%', rest) {
        out.extend_from_slice(&rest[..mark]);
        match rest.get(mark + 1) {
            Some(b'%') => out.push(b'%'),
            Some(b'0') => out.extend_from_slice(&matcher.source()[start..end]),
            Some(&digit @ b'1'..=b'9') => match matcher.capture(usize::from(digit - b'1'), start, end)? {
                Captured::Text(range) => out.extend_from_slice(&matcher.source()[range]),
                Captured::Position(position) => write_unsigned(out, position as u64 + 1),
            },
            _ => return Err(PatternError::InvalidEscapeInReplacement),
        }
        rest = &rest[mark + 2..];
    }
    out.extend_from_slice(rest);
    Ok(())
}

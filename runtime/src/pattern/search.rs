//! Searching without patterns.

/// Whether no character of the pattern is special, so that it can be searched as it stands.
pub fn is_plain(pattern: &[u8]) -> bool {
    !pattern.iter().any(|byte| matches!(byte, b'^' | b'$' | b'*' | b'+' | b'?' | b'.' | b'(' | b'[' | b'%' | b'-'))
}

/// The offset of the first occurrence of `needle` at or behind offset `from`, which must not lie behind the end.
pub fn find_plain(source: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let tail = &source[from..];
    let found = match needle {
        [] => Some(0),
        [single] => memchr::memchr(*single, tail),
        _ => memchr::memmem::find(tail, needle),
    };
    found.map(|offset| from + offset)
}

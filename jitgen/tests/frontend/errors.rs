//! What lies outside the subset is an error with its place: file, line, caret.

//! Specifications of conversions: `%` flags width precision letter.

use super::Layout;
use crate::error::messages::until_zero;
use std::fmt;

/// Why a specification is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormatError {
    TooLong,
    UnknownConversion(Vec<u8>),
    BadSpecification(Vec<u8>),
    QuoteModifiers,
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormatError::TooLong => f.write_str("invalid format (too long)"),
            FormatError::UnknownConversion(text) => {
                write!(f, "invalid conversion '%{}' to 'format'", String::from_utf8_lossy(until_zero(text)))
            }
            FormatError::BadSpecification(text) => {
                write!(f, "invalid conversion specification: '%{}'", String::from_utf8_lossy(text))
            }
            FormatError::QuoteModifiers => f.write_str("specifier '%q' cannot have modifiers"),
        }
    }
}

impl std::error::Error for FormatError {}

/// A specification found in a format; its parts are not checked yet.
#[derive(Clone, Copy, Debug)]
pub struct Spec<'a> {
    /// From behind the `%` to the letter, which is missing at the end of the format.
    text: &'a [u8],
}

const MAX_MODIFIERS: usize = 20;

impl<'a> Spec<'a> {
    /// The specification at the start of `rest`, which begins behind the `%`.
    pub fn scan(rest: &'a [u8]) -> Result<Self, FormatError> {
        let is_modifier = |byte: &u8| matches!(byte, b'-' | b'+' | b' ' | b'#' | b'.' | b'0'..=b'9');
        let modifiers = rest.iter().take_while(|byte| is_modifier(byte)).count();
        if modifiers > MAX_MODIFIERS {
            return Err(FormatError::TooLong);
        }
        Ok(Spec { text: &rest[..(modifiers + 1).min(rest.len())] })
    }

    /// Bytes of the format it takes, without the `%`.
    #[expect(clippy::len_without_is_empty, reason = "a specification is never empty")]
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether there is nothing but the letter.
    pub fn is_bare(&self) -> bool {
        self.text.len() == 1
    }

    /// The letter; zero at the end of the format.
    pub fn conversion(&self) -> u8 {
        self.text.last().copied().unwrap_or(0)
    }

    /// Checks flags, width and precision against what the letter allows.
    pub fn layout(&self) -> Result<Layout, FormatError> {
        let (flags, with_precision): (&[u8], bool) = match self.conversion() {
            b'd' | b'i' => (b"-+ 0", true),
            b'u' => (b"-0", true),
            b'o' | b'x' | b'X' => (b"-#0", true),
            b'a' | b'A' | b'e' | b'E' | b'f' | b'g' | b'G' => (b"-+ #0", true),
            b'c' | b'p' => (b"-", false),
            b's' => (b"-", true),
            b'q' if self.is_bare() => (b"", false),
            b'q' => return Err(FormatError::QuoteModifiers),
            _ => return Err(FormatError::UnknownConversion(self.text.to_vec())),
        };
        let mut layout = Layout::default();
        let mut rest = self.text;
        while let [flag, tail @ ..] = rest
            && flags.contains(flag)
        {
            match flag {
                b'-' => layout.left = true,
                b'+' => layout.plus = true,
                b' ' => layout.space = true,
                b'#' => layout.alternative = true,
                _ => layout.zero = true,
            }
            rest = tail;
        }
        if rest.first() != Some(&b'0') {
            (layout.width, rest) = two_digits(rest);
            if let [b'.', tail @ ..] = rest
                && with_precision
            {
                let (precision, tail) = two_digits(tail);
                layout.precision = Some(precision);
                rest = tail;
            }
        }
        if rest.len() != 1 {
            return Err(FormatError::BadSpecification(self.text.to_vec()));
        }
        Ok(layout)
    }
}

/// A number of at most two digits, zero if there is none.
fn two_digits(text: &[u8]) -> (usize, &[u8]) {
    let count = text.iter().take(2).take_while(|byte| byte.is_ascii_digit()).count();
    let value = text[..count].iter().fold(0, |value, &byte| value * 10 + usize::from(byte - b'0'));
    (value, &text[count..])
}

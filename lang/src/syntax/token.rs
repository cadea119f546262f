//! Tokens, as the generated lexer recognises them. Source text is bytes, not UTF-8.
//!
//! The lexer finds where a token starts and of what sort it is; what needs a loop of its own (strings, long brackets,
//! numerals, comments) is in `scan.rs`.

use super::scan::{self, LexError, LexState};
use crate::intern::StrId;
use logos::Logos;

/// A token. Names and strings are interned.
#[derive(Logos, Copy, Clone, Debug, PartialEq)]
#[logos(utf8 = false, extras = LexState, error = LexError)]
#[logos(skip r"[ \t\x0b\x0c]+")]
#[logos(skip(r"\r\n|\n\r|\n|\r", callback = scan::newline))]
#[logos(skip(r"--", callback = scan::comment))]
pub enum Tok {
    #[token("and")]
    And,
    #[token("break")]
    Break,
    #[token("do")]
    Do,
    #[token("else")]
    Else,
    #[token("elseif")]
    Elseif,
    #[token("end")]
    End,
    #[token("false")]
    False,
    #[token("for")]
    For,
    #[token("function")]
    Function,
    #[token("goto")]
    Goto,
    #[token("if")]
    If,
    #[token("in")]
    In,
    #[token("local")]
    Local,
    #[token("nil")]
    Nil,
    #[token("not")]
    Not,
    #[token("or")]
    Or,
    #[token("repeat")]
    Repeat,
    #[token("return")]
    Return,
    #[token("then")]
    Then,
    #[token("true")]
    True,
    #[token("until")]
    Until,
    #[token("while")]
    While,
    #[token("..")]
    Concat,
    #[token("...")]
    Dots,
    #[token("//")]
    IDiv,
    #[token("==")]
    EqEq,
    #[token(">=")]
    Ge,
    #[token("<=")]
    Le,
    #[token("~=")]
    Ne,
    #[token("<<")]
    Shl,
    #[token(">>")]
    Shr,
    #[token("::")]
    DbColon,
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("*")]
    Star,
    #[token("/")]
    Slash,
    #[token("%")]
    Percent,
    #[token("^")]
    Caret,
    #[token("#")]
    Hash,
    #[token("&")]
    Amp,
    #[token("~")]
    Tilde,
    #[token("|")]
    Pipe,
    #[token("<")]
    Lt,
    #[token(">")]
    Gt,
    #[token("=")]
    Assign,
    /// A parenthesis that opens a group or a parameter list; see [`Tok::CallParen`].
    #[token("(")]
    LParen,
    #[token(")")]
    RParen,
    #[token("{")]
    LBrace,
    #[token("}")]
    RBrace,
    #[token("[")]
    LBracket,
    #[token("]")]
    RBracket,
    #[token(";")]
    Semi,
    #[token(":")]
    Colon,
    #[token(",")]
    Comma,
    #[token(".")]
    Dot,
    #[regex(r"\.?[0-9]", scan::numeral)]
    Number(Num),
    #[regex(r"[A-Za-z_][A-Za-z0-9_]*", scan::name)]
    Name(StrId),
    #[regex(r#"["']"#, scan::quoted)]
    #[regex(r"\[=*\[", scan::long_string)]
    #[regex(r"\[=+", scan::bad_long_bracket, priority = 2)]
    Str(StrId),
    /// A byte that starts no token.
    #[regex(r"(?s-u:.)", |lex| lex.slice()[0], priority = 0)]
    Other(u8),
    /// A parenthesis that opens call arguments: the pass in `lexer.rs` tells it from `LParen` by what stands before, so
    /// that the grammar needs only one token of lookahead.
    CallParen,
}

/// A numeral's value.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Num {
    Int(i64),
    Float(f64),
}

impl Tok {
    /// The text of a token that has only one; of the others, what error messages call them.
    pub fn text(self) -> &'static str {
        use Tok::*;
        match self {
            And => "and",
            Break => "break",
            Do => "do",
            Else => "else",
            Elseif => "elseif",
            End => "end",
            False => "false",
            For => "for",
            Function => "function",
            Goto => "goto",
            If => "if",
            In => "in",
            Local => "local",
            Nil => "nil",
            Not => "not",
            Or => "or",
            Repeat => "repeat",
            Return => "return",
            Then => "then",
            True => "true",
            Until => "until",
            While => "while",
            Concat => "..",
            Dots => "...",
            IDiv => "//",
            EqEq => "==",
            Ge => ">=",
            Le => "<=",
            Ne => "~=",
            Shl => "<<",
            Shr => ">>",
            DbColon => "::",
            Plus => "+",
            Minus => "-",
            Star => "*",
            Slash => "/",
            Percent => "%",
            Caret => "^",
            Hash => "#",
            Amp => "&",
            Tilde => "~",
            Pipe => "|",
            Lt => "<",
            Gt => ">",
            Assign => "=",
            LParen | CallParen => "(",
            RParen => ")",
            LBrace => "{",
            RBrace => "}",
            LBracket => "[",
            RBracket => "]",
            Semi => ";",
            Colon => ":",
            Comma => ",",
            Dot => ".",
            Number(_) => "<number>",
            Name(_) => "<name>",
            Str(_) => "<string>",
            Other(_) => "<byte>",
        }
    }
}

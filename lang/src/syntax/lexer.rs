//! Source text to the list of tokens that the grammar reads.

use super::ast::Ast;
use super::scan::{LexError, LexState};
use super::token::Tok;
use crate::compile::MAX_LEVELS;
use crate::intern::Interner;
use logos::Logos;

/// A token in its place.
#[derive(Copy, Clone, Debug)]
pub struct Token {
    pub tok: Tok,
    /// Byte range in the source.
    pub start: u32,
    pub end: u32,
    /// Line of the token's last byte.
    pub line: u32,
}

/// A whole source as tokens. After a lexical error the list ends; the parser may find a syntax error before it.
pub struct Tokens<'s> {
    pub source: &'s [u8],
    pub list: Vec<Token>,
    pub error: Option<LexError>,
    /// Byte range and line of the error, or of the end of the source.
    pub end: Token,
    pub strings: Interner,
}

/// Splits `source` into tokens.
pub fn tokenize(source: &[u8]) -> Tokens<'_> {
    let mut lexer = Tok::lexer_with_extras(source, LexState { line: 1, strings: Interner::default() });
    let mut list = Vec::with_capacity(source.len() / 4);
    let mut error = None;
    let mut parens = Parens::default();
    while let Some(result) = lexer.next() {
        match result {
            Ok(mut tok) => {
                let before = list.last().map(|t: &Token| t.tok);
                tok = parens.classify(before, tok);
                if parens.open.len() > MAX_LEVELS {
                    error = Some(LexError { overflow: true, ..LexError::default() });
                    break;
                }
                let span = lexer.span();
                list.push(Token { tok, start: span.start as u32, end: span.end as u32, line: lexer.extras.line });
            }
            Err(e) => {
                error = Some(e);
                break;
            }
        }
    }
    let span = if error.is_some() { lexer.span() } else { source.len()..source.len() };
    let end = Token { tok: Tok::Other(0), start: span.start as u32, end: span.end as u32, line: lexer.extras.line };
    Tokens { source, list, error, end, strings: lexer.extras.strings }
}

impl Tokens<'_> {
    /// Whether `index` is behind the last token.
    pub fn is_end(&self, index: usize) -> bool {
        index >= self.list.len()
    }

    /// The token at `index`; behind the last one, a stand-in with the place of the end.
    pub fn at(&self, index: usize) -> Token {
        self.list.get(index).copied().unwrap_or(self.end)
    }

    /// Line of a token.
    pub fn line(&self, index: usize) -> u32 {
        self.at(index).line
    }

    /// In a constructor, the reference looks one token beyond a name to tell `name = value` from an item, and the line
    /// it counts for the name is that of the token seen last.
    pub fn adjust_lookahead_lines(&mut self, ast: &Ast) {
        for item in ast.items.iter().filter(|i| i.key.is_none()) {
            let first = ast.expr(item.value).first as usize;
            if let (Tok::Name(_), Some(next)) = (self.at(first).tok, self.list.get(first + 1)) {
                self.list[first].line = next.line;
            }
        }
    }

    /// How messages quote a token after "near": `'text'`, or `<eof>`.
    pub fn near(&self, index: usize) -> Vec<u8> {
        if self.is_end(index) {
            return b"<eof>".to_vec();
        }
        let token = self.at(index);
        let raw = &self.source[token.start as usize..token.end as usize];
        match token.tok {
            Tok::Str(id) => quote(&string_text(raw, self.strings.get(id))),
            Tok::Other(byte) if !(b' '..=b'~').contains(&byte) => format!("'<\\{byte}>'").into_bytes(),
            _ => quote(raw),
        }
    }
}

/// `'text'`, cut at a zero byte as the reference's formatting does.
pub fn quote(text: &[u8]) -> Vec<u8> {
    let end = text.iter().position(|c| *c == 0).unwrap_or(text.len());
    [b"'", &text[..end], b"'"].concat()
}

/// A string token with its delimiters and its content decoded.
fn string_text(raw: &[u8], content: &[u8]) -> Vec<u8> {
    let delimiter = if raw[0] == b'[' { 2 + raw[1..].iter().take_while(|c| **c == b'=').count() } else { 1 };
    [&raw[..delimiter], content, &raw[raw.len() - delimiter..]].concat()
}

/// Tells call parentheses from grouping ones. `f` and `(x)` on two lines are a call, and only the token before the
/// parenthesis can tell: whether it ends a prefix expression. Strings and constructors do when they are arguments.
#[derive(Default)]
struct Parens {
    /// Whether the last token ends a prefix expression.
    prefix_end: bool,
    /// In the name list of `local`: its names are no expressions.
    local_names: bool,
    /// A `function` was read and its parameter list has not begun.
    function_head: bool,
    /// Between the two `::` of a label.
    in_label: bool,
    /// For each open bracket: what `prefix_end` will be behind its closing one.
    open: Vec<bool>,
}

impl Parens {
    fn classify(&mut self, before: Option<Tok>, tok: Tok) -> Tok {
        let callable = std::mem::take(&mut self.prefix_end);
        if self.local_names {
            // `local a b()` are two statements.
            self.local_names = match tok {
                Tok::Name(_) => matches!(before, Some(Tok::Local | Tok::Comma | Tok::Lt)),
                Tok::Comma | Tok::Lt | Tok::Gt => true,
                _ => false,
            };
        }
        match tok {
            Tok::Local => self.local_names = true,
            Tok::Function => self.function_head = true,
            Tok::DbColon => self.in_label = !self.in_label,
            Tok::Name(_) => {
                let label = self.in_label || before == Some(Tok::Goto);
                self.prefix_end = !label && !self.local_names && !self.function_head;
            }
            Tok::Str(_) => self.prefix_end = callable,
            Tok::LParen => {
                let parameters = std::mem::take(&mut self.function_head);
                self.open.push(!parameters);
                if callable {
                    return Tok::CallParen;
                }
            }
            Tok::LBrace => self.open.push(callable),
            Tok::LBracket => self.open.push(true),
            Tok::RParen | Tok::RBrace | Tok::RBracket => self.prefix_end = self.open.pop().unwrap_or(false),
            _ => {}
        }
        tok
    }
}

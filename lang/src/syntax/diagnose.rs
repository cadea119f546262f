//! The wording of syntax errors.
//!
//! The grammar says only that a token list is no chunk. This recogniser then reads the list again, in the way a
//! recursive-descent parser would, keeping track of the constructs open around each token; it builds nothing, and what
//! it reports is where and how the reference's parser would have stopped.

use super::token::Tok;
use crate::compile::{MAX_LEVELS, MAX_LOCALS};
use crate::error::{Reporter, SyntaxError};

type Result<T = ()> = std::result::Result<T, SyntaxError>;

/// The error of a token list that is not a chunk.
pub fn syntax_error(reporter: &Reporter<'_, '_>) -> SyntaxError {
    let mut reader = Reader { reporter, pos: 0, levels: 0, vararg: true, locals: 0, function_line: None };
    match reader.chunk() {
        Err(error) => error,
        Ok(()) => {
            let lexical = reporter.lexical();
            debug_assert!(lexical.is_some(), "the grammar and the recogniser disagree");
            lexical.unwrap_or_else(|| reporter.near("syntax error", reporter.tokens.list.len()))
        }
    }
}

struct Reader<'r, 't, 's> {
    reporter: &'r Reporter<'t, 's>,
    pos: usize,
    levels: usize,
    /// Local variables in scope of the function that is read, and its line; the main function has none.
    locals: usize,
    function_line: Option<u32>,
    vararg: bool,
}

/// What an expression statement starts with.
#[derive(PartialEq)]
enum Suffixed {
    Variable,
    Call,
    Other,
}

/// How tightly an operator binds its left and right operands.
fn priorities(tok: Tok) -> Option<(u8, u8)> {
    Some(match tok {
        Tok::Or => (1, 1),
        Tok::And => (2, 2),
        Tok::EqEq | Tok::Ne | Tok::Lt | Tok::Le | Tok::Gt | Tok::Ge => (3, 3),
        Tok::Pipe => (4, 4),
        Tok::Tilde => (5, 5),
        Tok::Amp => (6, 6),
        Tok::Shl | Tok::Shr => (7, 7),
        Tok::Concat => (9, 8),
        Tok::Plus | Tok::Minus => (10, 10),
        Tok::Star | Tok::Slash | Tok::IDiv | Tok::Percent => (11, 11),
        Tok::Caret => (14, 13),
        _ => return None,
    })
}

const UNARY_PRIORITY: u8 = 12;

/// A token as messages name what they expect.
fn quoted(tok: Tok) -> String {
    if matches!(tok, Tok::Name(_)) { "<name>".to_string() } else { format!("'{}'", tok.text()) }
}

impl Reader<'_, '_, '_> {
    fn peek(&self) -> Option<Tok> {
        let tokens = self.reporter.tokens;
        let tok = (!tokens.is_end(self.pos)).then(|| tokens.at(self.pos).tok)?;
        Some(if tok == Tok::CallParen { Tok::LParen } else { tok })
    }

    fn line(&self) -> u32 {
        self.reporter.tokens.line(self.pos)
    }

    fn fail<T>(&self, message: impl AsRef<[u8]>) -> Result<T> {
        Err(self.reporter.near(message, self.pos))
    }

    /// A lexical error shows when its token would be read.
    fn check_lexical(&self, pos: usize) -> Result {
        match self.reporter.lexical() {
            Some(error) if self.reporter.tokens.is_end(pos) => Err(error),
            _ => Ok(()),
        }
    }

    fn next(&mut self) -> Result {
        self.pos += 1;
        self.check_lexical(self.pos)
    }

    fn accept(&mut self, tok: Tok) -> Result<bool> {
        let found = self.peek() == Some(tok);
        if found {
            self.next()?;
        }
        Ok(found)
    }

    fn expect(&mut self, tok: Tok) -> Result {
        if self.accept(tok)? { Ok(()) } else { self.fail(format!("{} expected", quoted(tok))) }
    }

    fn name(&mut self) -> Result {
        if matches!(self.peek(), Some(Tok::Name(_))) { self.next() } else { self.fail("<name> expected") }
    }

    /// The token that closes what `opening` opened in a line.
    fn close(&mut self, closing: Tok, opening: Tok, line: u32) -> Result {
        if self.peek() == Some(closing) || line == self.line() {
            return self.expect(closing);
        }
        self.fail(format!("{} expected (to close {} at line {line})", quoted(closing), quoted(opening)))
    }

    fn enter(&mut self) -> Result {
        self.levels += 1;
        if self.levels > MAX_LEVELS { Err(self.reporter.overflow(self.pos)) } else { Ok(()) }
    }

    fn block_ends(&self, until: bool) -> bool {
        match self.peek() {
            None | Some(Tok::Else | Tok::Elseif | Tok::End) => true,
            Some(Tok::Until) => until,
            _ => false,
        }
    }

    fn chunk(&mut self) -> Result {
        self.check_lexical(0)?;
        self.block()?;
        if self.peek().is_some() { self.fail("<eof> expected") } else { Ok(()) }
    }

    /// A local variable whose name was read.
    fn declare(&mut self) -> Result {
        self.locals += 1;
        if self.locals <= MAX_LOCALS {
            return Ok(());
        }
        let place = self.function_line.map_or("main function".into(), |line| format!("function at line {line}"));
        let message = format!("too many local variables (limit is {MAX_LOCALS}) in {place}");
        Err(self.reporter.near(message, self.pos))
    }

    fn block(&mut self) -> Result {
        let locals = self.locals;
        while !self.block_ends(true) {
            let is_return = self.peek() == Some(Tok::Return);
            self.enter()?;
            self.statement()?;
            self.levels -= 1;
            if is_return {
                break;
            }
        }
        self.locals = locals;
        Ok(())
    }

    fn statement(&mut self) -> Result {
        let line = self.line();
        let Some(tok) = self.peek() else {
            return Ok(());
        };
        match tok {
            Tok::Semi | Tok::Break => self.next(),
            Tok::If => {
                loop {
                    self.next()?;
                    self.expr()?;
                    self.expect(Tok::Then)?;
                    self.block()?;
                    if self.peek() != Some(Tok::Elseif) {
                        break;
                    }
                }
                if self.accept(Tok::Else)? {
                    self.block()?;
                }
                self.close(Tok::End, Tok::If, line)
            }
            Tok::While => {
                self.next()?;
                self.expr()?;
                self.expect(Tok::Do)?;
                self.block()?;
                self.close(Tok::End, Tok::While, line)
            }
            Tok::Do => {
                self.next()?;
                self.block()?;
                self.close(Tok::End, Tok::Do, line)
            }
            Tok::For => {
                self.next()?;
                let locals = self.locals;
                self.for_head()?;
                self.expect(Tok::Do)?;
                self.block()?;
                self.locals = locals;
                self.close(Tok::End, Tok::For, line)
            }
            Tok::Repeat => {
                self.next()?;
                self.block()?;
                self.close(Tok::Until, Tok::Repeat, line)?;
                self.expr()
            }
            Tok::Function => {
                self.next()?;
                self.name()?;
                while self.accept(Tok::Dot)? {
                    self.name()?;
                }
                if self.accept(Tok::Colon)? {
                    self.name()?;
                }
                self.body(line)
            }
            Tok::Local => self.local(),
            Tok::DbColon => {
                self.next()?;
                self.name()?;
                self.expect(Tok::DbColon)
            }
            Tok::Return => {
                self.next()?;
                if !self.block_ends(true) && self.peek() != Some(Tok::Semi) {
                    self.exprs()?;
                }
                self.accept(Tok::Semi).map(|_| ())
            }
            Tok::Goto => {
                self.next()?;
                self.name()
            }
            _ => self.expression_statement(),
        }
    }

    fn for_head(&mut self) -> Result {
        self.name()?;
        match self.peek() {
            Some(Tok::Assign) => {
                self.next()?;
                self.expr()?;
                self.expect(Tok::Comma)?;
                self.expr()?;
                if self.accept(Tok::Comma)? {
                    self.expr()?;
                }
                Ok(())
            }
            Some(Tok::Comma | Tok::In) => {
                while self.accept(Tok::Comma)? {
                    self.name()?;
                }
                self.expect(Tok::In)?;
                self.exprs()
            }
            _ => self.fail("'=' or 'in' expected"),
        }
    }

    fn local(&mut self) -> Result {
        self.next()?;
        let line = self.line();
        if self.accept(Tok::Function)? {
            self.name()?;
            self.declare()?;
            return self.body(line);
        }
        loop {
            self.name()?;
            self.declare()?;
            if self.accept(Tok::Lt)? {
                self.name()?;
                self.expect(Tok::Gt)?;
            }
            if !self.accept(Tok::Comma)? {
                break;
            }
        }
        if self.accept(Tok::Assign)? { self.exprs() } else { Ok(()) }
    }

    fn expression_statement(&mut self) -> Result {
        let mut first = self.suffixed()?;
        if !matches!(self.peek(), Some(Tok::Assign | Tok::Comma)) {
            return if first == Suffixed::Call { Ok(()) } else { self.fail("syntax error") };
        }
        let levels = self.levels;
        loop {
            if first != Suffixed::Variable {
                return self.fail("syntax error");
            }
            if !self.accept(Tok::Comma)? {
                break;
            }
            first = self.suffixed()?;
            // The reference goes one level down for each further variable.
            self.enter()?;
        }
        self.expect(Tok::Assign)?;
        self.exprs()?;
        self.levels = levels;
        Ok(())
    }

    /// Parameters and body of a function.
    fn body(&mut self, line: u32) -> Result {
        self.expect(Tok::LParen)?;
        let outer = std::mem::replace(&mut self.vararg, false);
        let outer_locals = std::mem::take(&mut self.locals);
        let outer_line = self.function_line.replace(line);
        if self.peek() != Some(Tok::RParen) {
            loop {
                match self.peek() {
                    Some(Tok::Name(_)) => {
                        self.next()?;
                        self.declare()?;
                    }
                    Some(Tok::Dots) => {
                        self.vararg = true;
                        self.next()?;
                    }
                    _ => return self.fail("<name> or '...' expected"),
                }
                if self.vararg || !self.accept(Tok::Comma)? {
                    break;
                }
            }
        }
        self.expect(Tok::RParen)?;
        self.block()?;
        self.close(Tok::End, Tok::Function, line)?;
        self.vararg = outer;
        self.locals = outer_locals;
        self.function_line = outer_line;
        Ok(())
    }

    fn exprs(&mut self) -> Result {
        self.expr()?;
        while self.accept(Tok::Comma)? {
            self.expr()?;
        }
        Ok(())
    }

    fn expr(&mut self) -> Result {
        self.subexpr(0)
    }

    fn subexpr(&mut self, limit: u8) -> Result {
        self.enter()?;
        if matches!(self.peek(), Some(Tok::Not | Tok::Minus | Tok::Tilde | Tok::Hash)) {
            self.next()?;
            self.subexpr(UNARY_PRIORITY)?;
        } else {
            self.simple()?;
        }
        while let Some((left, right)) = self.peek().and_then(priorities)
            && left > limit
        {
            self.next()?;
            self.subexpr(right)?;
        }
        self.levels -= 1;
        Ok(())
    }

    fn simple(&mut self) -> Result {
        match self.peek() {
            Some(Tok::Number(_) | Tok::Str(_) | Tok::Nil | Tok::True | Tok::False) => self.next(),
            Some(Tok::Dots) if self.vararg => self.next(),
            Some(Tok::Dots) => self.fail("cannot use '...' outside a vararg function"),
            Some(Tok::LBrace) => self.table(),
            Some(Tok::Function) => {
                let line = self.line();
                self.next()?;
                self.body(line)
            }
            _ => self.suffixed().map(|_| ()),
        }
    }

    fn suffixed(&mut self) -> Result<Suffixed> {
        let line = self.line();
        let mut kind = match self.peek() {
            Some(Tok::Name(_)) => {
                self.next()?;
                Suffixed::Variable
            }
            Some(Tok::LParen) => {
                self.next()?;
                self.expr()?;
                self.close(Tok::RParen, Tok::LParen, line)?;
                Suffixed::Other
            }
            _ => return self.fail("unexpected symbol"),
        };
        loop {
            kind = match self.peek() {
                Some(Tok::Dot) => {
                    self.next()?;
                    self.name()?;
                    Suffixed::Variable
                }
                Some(Tok::LBracket) => {
                    self.next()?;
                    self.expr()?;
                    self.expect(Tok::RBracket)?;
                    Suffixed::Variable
                }
                Some(Tok::Colon) => {
                    self.next()?;
                    self.name()?;
                    self.arguments(line)?;
                    Suffixed::Call
                }
                Some(Tok::LParen | Tok::Str(_) | Tok::LBrace) => {
                    self.arguments(line)?;
                    Suffixed::Call
                }
                _ => return Ok(kind),
            };
        }
    }

    fn arguments(&mut self, line: u32) -> Result {
        match self.peek() {
            Some(Tok::LParen) => {
                self.next()?;
                if self.peek() != Some(Tok::RParen) {
                    self.exprs()?;
                }
                self.close(Tok::RParen, Tok::LParen, line)
            }
            Some(Tok::Str(_)) => self.next(),
            Some(Tok::LBrace) => self.table(),
            _ => self.fail("function arguments expected"),
        }
    }

    fn table(&mut self) -> Result {
        let line = self.line();
        self.next()?;
        while self.peek() != Some(Tok::RBrace) {
            self.field()?;
            if !self.accept(Tok::Comma)? && !self.accept(Tok::Semi)? {
                break;
            }
        }
        self.close(Tok::RBrace, Tok::LBrace, line)
    }

    fn field(&mut self) -> Result {
        match self.peek() {
            Some(Tok::Name(_)) => {
                self.check_lexical(self.pos + 1)?;
                let tokens = self.reporter.tokens;
                if !tokens.is_end(self.pos + 1) && tokens.at(self.pos + 1).tok == Tok::Assign {
                    self.next()?;
                    self.next()?;
                }
                self.expr()
            }
            Some(Tok::LBracket) => {
                self.next()?;
                self.expr()?;
                self.expect(Tok::RBracket)?;
                self.expect(Tok::Assign)?;
                self.expr()
            }
            _ => self.expr(),
        }
    }
}

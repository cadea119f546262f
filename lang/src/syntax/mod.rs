//! Text to syntax tree: the lexer, the grammar, and the wording of syntax errors.

pub mod ast;
mod diagnose;
pub mod lexer;
mod scan;
pub mod token;

lalrpop_util::lalrpop_mod!(
    #[allow(clippy::all, clippy::pedantic, unused, missing_docs)]
    grammar,
    "/syntax/grammar.rs"
);

pub(crate) use diagnose::syntax_error;

use ast::{Ast, Block};
use lexer::Tokens;
use std::ops::Range;

/// Builds the tree of a chunk. `None` when the tokens are not a chunk (or end in a lexical error).
pub fn parse(tokens: &Tokens<'_>, ast: &mut Ast) -> Option<Block> {
    let stream = tokens.list.iter().enumerate().map(|(i, t)| Ok((i, t.tok, i + 1)));
    let lexical = tokens.error.as_ref().map(|_| Err(()));
    grammar::ChunkParser::new().parse(ast, stream.chain(lexical)).ok()
}

/// Where the tokens of a source are, in bytes.
///
/// # Errors
/// At the first that is none, of which the range is given.
pub fn token_spans(source: &[u8]) -> Result<Vec<Range<usize>>, Range<usize>> {
    let tokens = lexer::tokenize(source);
    if tokens.error.is_some() {
        return Err(tokens.end.start as usize..tokens.end.end as usize);
    }
    Ok(tokens.list.iter().map(|token| token.start as usize..token.end as usize).collect())
}

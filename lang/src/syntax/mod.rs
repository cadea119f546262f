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

/// Builds the tree of a chunk. `None` when the tokens are not a chunk (or end in a lexical error).
pub fn parse(tokens: &Tokens<'_>, ast: &mut Ast) -> Option<Block> {
    let stream = tokens.list.iter().enumerate().map(|(i, t)| Ok((i, t.tok, i + 1)));
    let lexical = tokens.error.as_ref().map(|_| Err(()));
    grammar::ChunkParser::new().parse(ast, stream.chain(lexical)).ok()
}

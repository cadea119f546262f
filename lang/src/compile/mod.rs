//! Syntax tree to bytecode.
//!
//! `resolve` finds out what every name means and folds constants; the generator (`code` with its parts `expr`, `jumps`,
//! `suffix`, `assign`, `stmt`) then emits instructions straight into target registers.

mod assign;
mod code;
mod expr;
mod fold;
mod jumps;
mod resolve;
mod stmt;
mod suffix;

use crate::bytecode::Proto;
use crate::error::{Reporter, SyntaxError};
use crate::syntax::ast::{Ast, FuncId, Function};
use crate::syntax::{lexer, parse, syntax_error};
use code::{Code, Generator};
use resolve::KnownNames;
pub use resolve::{MAX_LEVELS, MAX_LOCALS};

/// Compiles a chunk to the prototype of its main function, a vararg function whose only upvalue is `_ENV`.
///
/// `chunk_name` names it in messages: `@file`, `=name`, or the source text itself. The first line is not treated
/// specially when it starts with `#`: that is up to who reads files.
pub fn compile(source: &[u8], chunk_name: impl AsRef<[u8]>) -> Result<Proto, SyntaxError> {
    let mut tokens = lexer::tokenize(source);
    let names = KnownNames {
        env: tokens.strings.intern(b"_ENV"),
        for_state: tokens.strings.intern(b"(for state)"),
        attrib_const: tokens.strings.intern(b"const"),
        attrib_close: tokens.strings.intern(b"close"),
    };
    let mut ast = Ast { self_name: Some(tokens.strings.intern(b"self")), ..Ast::default() };
    let body = parse(&tokens, &mut ast);
    tokens.adjust_lookahead_lines(&ast);
    let reporter = Reporter { tokens: &tokens, chunk_name: chunk_name.as_ref() };
    let Some(body) = body else {
        return Err(syntax_error(&reporter));
    };
    let end = tokens.list.len() as u32;
    ast.functions.push(Function { params: Vec::new(), is_vararg: true, body, first: 0, last: end });
    let main = FuncId(ast.functions.len() as u32 - 1);
    let resolved = resolve::resolve(&mut ast, main, &reporter, names)?;
    let registers = vec![0; resolved.vars.len()];
    let mut generator = Generator {
        ast: &ast,
        reporter: &reporter,
        vars: &resolved.vars,
        functions: &resolved.functions,
        registers,
        f: Box::new(Code::new(main, 0)),
    };
    generator.function(main)
}

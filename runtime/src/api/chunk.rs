//! Source text on its way to a function.

use super::convert::IntoLua;
use super::error::{Error, Result};
use super::function::Function;
use super::handle::Handle;
use super::lua::Lua;
use super::multi::{FromLuaMulti, IntoLuaMulti};
use super::table::Table;
use crate::stdlib::{Source, compile_chunk};
use crate::value::Value as Core;
use std::panic::Location;
use std::path::{Path, PathBuf};

/// What can be loaded: texts, bytes, and files by their paths.
pub trait AsChunk {
    /// The text.
    fn source(&self) -> std::io::Result<Vec<u8>>;

    /// The chunk's name with its `@` or `=`; `None` for the place of the call.
    fn name(&self) -> Option<String> {
        None
    }
}

macro_rules! text_chunks {
    ($($kind:ty),*) => {$(
        impl AsChunk for $kind {
            fn source(&self) -> std::io::Result<Vec<u8>> {
                Ok(AsRef::<[u8]>::as_ref(self).to_vec())
            }
        }
    )*};
}

text_chunks!(&str, String, &String, &[u8], Vec<u8>, &Vec<u8>);

impl AsChunk for &Path {
    fn source(&self) -> std::io::Result<Vec<u8>> {
        std::fs::read(self)
    }

    fn name(&self) -> Option<String> {
        Some(format!("@{}", self.display()))
    }
}

impl AsChunk for PathBuf {
    fn source(&self) -> std::io::Result<Vec<u8>> {
        self.as_path().source()
    }

    fn name(&self) -> Option<String> {
        self.as_path().name()
    }
}

/// A text to be run. Nothing is compiled before it is asked for something.
#[must_use = "a chunk does nothing until it is run"]
pub struct Chunk {
    lua: Lua,
    source: std::io::Result<Vec<u8>>,
    name: String,
    environment: Option<Table>,
}

impl Chunk {
    pub(super) fn new(lua: Lua, chunk: impl AsChunk, caller: &Location<'_>) -> Chunk {
        let name = chunk.name().unwrap_or_else(|| format!("@{}:{}", caller.file(), caller.line()));
        Chunk { lua, source: chunk.source(), name, environment: None }
    }

    /// The name in messages: behind `@` that of a file, behind `=` any text.
    pub fn set_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The table that the chunk's globals are in.
    pub fn set_environment(mut self, environment: Table) -> Self {
        self.environment = Some(environment);
        self
    }

    /// Compiles it to a function.
    pub fn into_function(self) -> Result<Function> {
        let text = self.source.map_err(Error::external)?;
        let environment = match &self.environment {
            Some(table) => table.0.core_in(&self.lua),
            None => Core::table(self.lua.vm().globals()),
        };
        let source = Source { text: &text, name: self.name.as_bytes(), mode: b"bt" };
        match compile_chunk(self.lua.vm(), source, environment) {
            Ok(function) => Ok(Function(Handle::new(&self.lua, function))),
            Err(message) => {
                let message = String::from_utf8_lossy(&message).into_owned();
                let incomplete_input = message.ends_with("near <eof>");
                Err(Error::SyntaxError { message, incomplete_input })
            }
        }
    }

    /// Runs it for its effects.
    pub fn exec(self) -> Result<()> {
        self.call(())
    }

    /// Runs it for its results; the text may be an expression.
    pub fn eval<R: FromLuaMulti>(self) -> Result<R> {
        if let Ok(text) = &self.source
            && !crate::stdlib::is_binary(text)
        {
            let expression = Chunk {
                lua: self.lua.clone(),
                source: Ok([b"return ", &text[..]].concat()),
                name: self.name.clone(),
                environment: self.environment.clone(),
            };
            if let Ok(function) = expression.into_function() {
                return function.call(());
            }
        }
        self.call(())
    }

    /// Runs it with arguments, which are `...` in it.
    pub fn call<R: FromLuaMulti>(self, arguments: impl IntoLuaMulti) -> Result<R> {
        self.into_function()?.call(arguments)
    }
}

impl IntoLua for Chunk {
    fn into_lua(self, _lua: &Lua) -> Result<super::value::Value> {
        Ok(super::value::Value::Function(self.into_function()?))
    }
}

//! What a build script writes: the image, and `bindings.rs`, which rustc compiles into the process.
//!
//! The interpreter includes the bindings as a module of its own:
//!
//! ```text
//! mod bindings {
//!     include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
//! }
//! ```
//!
//! They name functions and fields of the interpreter by path, so these must be visible there (`pub(crate)` is enough).

use crate::frontend::{Options, Source, Translation, translate_with_wrappers};
use crate::timeshift::Extension;
use std::fmt::Write;
use std::path::Path;

/// The image, and the source of the bindings, which finds the image beside itself.
///
/// # Errors
/// What should be green and cannot be, and heap references that a collection could free, with the chains of reasons.
pub fn generate(translation: &Translation, sources: &[Source]) -> Result<(Vec<u8>, String), String> {
    let checked = crate::hints::rooting(&translation.module);
    let extension = checked.and_then(|()| Extension::new(translation.module.clone())).map_err(|errors| {
        let text = |file: u32| sources.get(file as usize).map(|source| source.text.clone());
        let errors: Vec<String> = errors.iter().map(|error| error.render(&translation.module, &text)).collect();
        errors.join("\n")
    })?;
    let image = "include_bytes!(concat!(env!(\"OUT_DIR\"), \"/image.bin\"))";
    Ok((super::encode(&extension), bindings(translation, image)))
}

/// The source of the bindings; `image` is a Rust expression for the image's bytes.
pub fn bindings(translation: &Translation, image: &str) -> String {
    let fields = &translation.module.fields;
    let offsets: String = fields.iter().map(|field| format!("        {},\n", field.offset_source)).collect();
    let strides: String = fields.iter().map(|field| format!("        {},\n", field.stride_source)).collect();
    let mut natives = String::new();
    let mut wrappers = String::new();
    for wrapper in &translation.wrappers {
        let _ = writeln!(
            natives,
            "        Native {{ name: {:?}, direct: {} as *const u8, buffered: {} }},",
            wrapper.name, wrapper.direct, wrapper.buffered
        );
        wrappers.push('\n');
        wrappers.push_str(&wrapper.text);
    }
    format!(
        "// Written by the translator. Offsets and wrappers are checked by rustc.\n\n\
         #[allow(unused_imports)]\n\
         use ::moonshift_jitgen::{{abi::{{Bindings, Native, Pair}}, mem}};\n\n\
         /// Binds the translation image to this process.\n\
         pub static BINDINGS: Bindings = Bindings {{\n    \
         image: {image},\n    \
         offsets: &[\n{offsets}    ],\n    \
         strides: &[\n{strides}    ],\n    \
         natives: &[\n{natives}    ],\n\
         }};\n{wrappers}"
    )
}

/// For build scripts: translates files and writes `image.bin` and `bindings.rs` to `out_dir`. `files` are paths, relative to
/// the script's directory, with module paths.
///
/// # Panics
/// With the rendered errors if the files cannot be translated, and if a file cannot be read or written.
pub fn build_script(files: &[(&str, &str)], options: &Options, out_dir: &Path) {
    let mut sources = vec![];
    for (path, module) in files {
        println!("cargo:rerun-if-changed={path}");
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
        sources.push(Source::new(*path, *module, text));
    }
    let translation = match translate_with_wrappers(&sources, options) {
        Ok(translation) => translation,
        Err(errors) => panic!("the interpreter could not be translated\n\n{errors}"),
    };
    let (image, bindings) = match generate(&translation, &sources) {
        Ok(written) => written,
        Err(errors) => panic!("the interpreter could not be timeshifted\n\n{errors}"),
    };
    let write = |name: &str, bytes: &[u8]| {
        let path = out_dir.join(name);
        // An unchanged file keeps its time, so that nothing is compiled again for it.
        if std::fs::read(&path).is_ok_and(|before| before == bytes) {
            return;
        }
        std::fs::write(&path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    };
    write("image.bin", &image);
    write("bindings.rs", bindings.as_bytes());
}

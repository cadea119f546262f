//! `jitgen FILE.rs[=MODULE] ..`: what the generator makes of an interpreter. `MODULE` is the path under which the other files
//! know the file, where it is not `crate::FILE`.

use moonshift_jitgen::frontend::{Options, Source, translate};
use moonshift_jitgen::hints::Spec;
use moonshift_jitgen::timeshift::Extension;
use moonshift_jitgen::view::{colored_dot, colored_svg, colored_text, report};
use std::process::ExitCode;

const USAGE: &str = "\
usage: jitgen [options] FILE.rs[=MODULE] ..
  --form FORM      report: portals, functions, colours, kinds of calls (the default)
                   text, dot, svg: the graphs with their colours
  --root NAME      translate this function too; may be given again
  --function NAME  only this function's graphs
  --feature NAME   cfg(feature = \"NAME\") holds; may be given again
  --out FOLDER     a file for each graph instead of standard output";

#[derive(Default)]
struct Arguments {
    files: Vec<String>,
    form: String,
    options: Options,
    function: Option<String>,
    out: Option<String>,
}

fn arguments(mut words: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut all = Arguments { form: "report".into(), ..Arguments::default() };
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("`{word}` takes a value"));
        match word.as_str() {
            "--form" => all.form = value()?,
            "--root" => all.options.roots.push(value()?),
            "--function" => all.function = Some(value()?),
            "--feature" => all.options.features.push(value()?),
            "--out" => all.out = Some(value()?),
            _ if word.starts_with('-') => return Err(format!("unknown option `{word}`")),
            _ => all.files.push(word),
        }
    }
    if all.files.is_empty() {
        return Err("no file is given".into());
    }
    if !["report", "text", "dot", "svg"].contains(&all.form.as_str()) {
        return Err(format!("unknown form `{}`", all.form));
    }
    Ok(all)
}

/// The interpreter in these files, timeshifted.
fn extension(arguments: &Arguments) -> Result<Extension, String> {
    let mut sources = vec![];
    for argument in &arguments.files {
        let (path, module) =
            argument.split_once('=').map_or((argument.as_str(), None), |(path, module)| (path, Some(module)));
        let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
        let stem = std::path::Path::new(path).file_stem().unwrap_or_default().to_string_lossy();
        let module = module.map_or_else(|| format!("crate::{stem}"), str::to_string);
        sources.push(Source::new(path, module, text));
    }
    let module = translate(&sources, &arguments.options).map_err(|errors| errors.to_string())?;
    let names = module.clone();
    let checked = moonshift_jitgen::hints::rooting(&module);
    checked.and_then(|()| Extension::new(module)).map_err(|errors| {
        let text = |file: u32| sources.get(file as usize).map(|source| source.text.clone());
        let errors: Vec<String> = errors.iter().map(|error| error.render(&names, &text)).collect();
        errors.join("\n")
    })
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let extension = extension(arguments)?;
    if arguments.form == "report" {
        print!("{}", report(&extension));
        return Ok(());
    }
    let draw: fn(&Extension, &Spec) -> String = match arguments.form.as_str() {
        "dot" => colored_dot,
        "svg" => colored_svg,
        _ => colored_text,
    };
    for (number, spec) in extension.coloring.specs.iter().enumerate() {
        let name = &extension.module.func(spec.func).name;
        if arguments.function.as_ref().is_some_and(|wanted| wanted != name) {
            continue;
        }
        let drawn = draw(&extension, spec);
        match &arguments.out {
            None => println!("{drawn}"),
            Some(folder) => {
                let ending = if arguments.form == "text" { "txt" } else { &arguments.form };
                let path = format!("{folder}/{}.{number}.{ending}", name.replace("::", "."));
                std::fs::write(&path, drawn).map_err(|error| format!("{path}: {error}"))?;
            }
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    let result = match arguments(std::env::args().skip(1)) {
        Ok(arguments) => run(&arguments),
        Err(message) => Err(format!("{message}\n{USAGE}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

//! The command line: options as the reference `lua` takes them, and the program's own, which all begin with `--`.
//!
//! Arguments are bytes of the platform's encoding; file names keep them as they are. Parsing decides nothing about what
//! the options mean together: that is `run`'s job.

use std::ffi::{OsStr, OsString};

use moonshift::jit::JitMode;

/// What `--jit-stats` prints at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatsFormat {
    Text,
    Json,
}

/// Something the program can show of a script's way to machine code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dump {
    /// The bytecode of the script; it is not run.
    Bytecode,
    /// The interpreter's flow graphs, as the generator coloured them; nothing is run.
    Graph,
    /// The residual flow graph of each unit, when it is compiled.
    Residual,
    /// Cranelift's form of each unit.
    Clif,
    /// The machine code of each unit.
    Asm,
}

/// An option that acts, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// `-e stat`
    Execute(OsString),
    /// `-l mod` or `-l name=mod`
    Require(OsString),
    /// `-W`
    WarningsOn,
}

/// What is run after the actions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Script {
    #[default]
    None,
    /// `-`
    Stdin,
    File(OsString),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    pub actions: Vec<Action>,
    pub interactive: bool,
    pub version: bool,
    pub help: bool,
    pub ignore_environment: bool,
    pub jit: JitMode,
    pub stats: Option<StatsFormat>,
    pub dump: Vec<Dump>,
    /// Where to write the page of compiled units.
    pub view: Option<OsString>,
    pub script: Script,
    /// The place of the script among all arguments (the program's name is at 0); their number if there is no script.
    pub script_index: usize,
}

/// An unusable command line. The usage text is shown after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsageError {
    NeedsArgument(OsString),
    Unrecognized(OsString),
    BadValue { option: &'static str, value: OsString, allowed: &'static str },
}

impl std::fmt::Display for UsageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            UsageError::NeedsArgument(option) => write!(f, "'{}' needs argument", option.display()),
            UsageError::Unrecognized(option) => write!(f, "unrecognized option '{}'", option.display()),
            UsageError::BadValue { option, value, allowed } => {
                write!(f, "bad value '{}' for '{option}' (one of {allowed})", value.display())
            }
        }
    }
}

pub const USAGE: &str = "\
usage: moonshift [options] [script [args]]
Available options are:
  -e stat   execute string 'stat'
  -i        enter interactive mode after executing 'script'
  -l mod    require library 'mod' into global 'mod'
  -l g=mod  require library 'mod' into global 'g'
  -v        show version information
  -E        ignore environment variables
  -W        turn warnings on
  --        stop handling options
  -         stop handling options and execute stdin
  --jit=on|off|always|evaluator
            machine code for hot code (default), the interpreter only, every threshold 1, the flow-graph evaluator
  --jit-stats[=json]
            print to standard error what was compiled, exits and their reasons
  --dump=bytecode|graph|residual|clif|asm
            print the script's bytecode or the interpreter's graphs instead of running it, or (to standard error) each
            compiled unit in one of its forms
  --view=FILE.html
            write a page about the compiled units: source, bytecode, residual graphs, machine code, exits
  --help    show this text
";

/// Reads the arguments; `arguments[0]` is the program's name.
pub fn parse(arguments: &[OsString]) -> Result<Options, UsageError> {
    let mut options = Options { script_index: arguments.len(), ..Options::default() };
    let mut index = 1;
    while index < arguments.len() {
        let argument = &arguments[index];
        let bytes = argument.as_encoded_bytes();
        if !bytes.starts_with(b"-") {
            return Ok(with_script(options, Script::File(argument.clone()), index));
        }
        match bytes {
            b"-" => return Ok(with_script(options, Script::Stdin, index)),
            b"--" => {
                if let Some(script) = arguments.get(index + 1) {
                    return Ok(with_script(options, Script::File(script.clone()), index + 1));
                }
                return Ok(options);
            }
            b"-E" => options.ignore_environment = true,
            b"-W" => options.actions.push(Action::WarningsOn),
            b"-v" => options.version = true,
            b"-i" => {
                options.interactive = true;
                options.version = true;
            }
            [b'-', letter @ (b'e' | b'l'), attached @ ..] => {
                let text = if attached.is_empty() {
                    index += 1;
                    match arguments.get(index) {
                        Some(next) if !next.as_encoded_bytes().starts_with(b"-") => next.clone(),
                        _ => return Err(UsageError::NeedsArgument(argument.clone())),
                    }
                } else {
                    after_prefix(argument, 2)
                };
                options.actions.push(if *letter == b'e' { Action::Execute(text) } else { Action::Require(text) });
            }
            [b'-', b'-', ..] => parse_long(argument, &mut options)?,
            _ => return Err(UsageError::Unrecognized(argument.clone())),
        }
        index += 1;
    }
    Ok(options)
}

fn with_script(mut options: Options, script: Script, index: usize) -> Options {
    options.script = script;
    options.script_index = index;
    options
}

/// The options that the reference does not have.
fn parse_long(argument: &OsStr, options: &mut Options) -> Result<(), UsageError> {
    let Some(text) = argument.to_str() else { return Err(UsageError::Unrecognized(argument.to_owned())) };
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    };
    let bad = |option, value: &str, allowed| Err(UsageError::BadValue { option, value: value.into(), allowed });
    match (name, value) {
        ("--help", None) => options.help = true,
        ("--version", None) => options.version = true,
        ("--jit", Some(value)) => {
            let Ok(mode) = value.parse() else { return bad("--jit", value, "on, off, always, evaluator") };
            options.jit = mode;
        }
        ("--jit-stats", None) => options.stats = Some(StatsFormat::Text),
        ("--jit-stats", Some("json")) => options.stats = Some(StatsFormat::Json),
        ("--jit-stats", Some(value)) => return bad("--jit-stats", value, "json"),
        ("--dump", Some(value)) => options.dump.push(match value {
            "bytecode" => Dump::Bytecode,
            "graph" => Dump::Graph,
            "residual" => Dump::Residual,
            "clif" => Dump::Clif,
            "asm" => Dump::Asm,
            _ => return bad("--dump", value, "bytecode, graph, residual, clif, asm"),
        }),
        ("--view", Some(file)) if !file.is_empty() => options.view = Some(file.into()),
        ("--jit" | "--dump" | "--view", _) => return Err(UsageError::NeedsArgument(argument.to_owned())),
        _ => return Err(UsageError::Unrecognized(argument.to_owned())),
    }
    Ok(())
}

/// An argument without its first `ascii` bytes, which are known to be ASCII.
fn after_prefix(argument: &OsStr, ascii: usize) -> OsString {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        OsStr::from_bytes(&argument.as_bytes()[ascii..]).to_owned()
    }
    #[cfg(not(unix))]
    {
        argument.to_string_lossy()[ascii..].into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str) -> Result<Options, UsageError> {
        let arguments: Vec<OsString> =
            std::iter::once("moonshift").chain(line.split_whitespace()).map(Into::into).collect();
        parse(&arguments)
    }

    #[test]
    fn script_ends_the_options() {
        let options = check("-v -W script.lua -e x").unwrap();
        assert_eq!(options.script, Script::File("script.lua".into()));
        assert_eq!(options.script_index, 3);
        assert_eq!(options.actions, [Action::WarningsOn]);
        assert!(options.version && !options.interactive);
        assert_eq!(check("-- -odd").unwrap().script, Script::File("-odd".into()));
        assert_eq!(check("--").unwrap().script_index, 2);
        assert_eq!(check("- a").unwrap().script, Script::Stdin);
    }

    #[test]
    fn arguments_attached_and_apart() {
        let options = check("-lm -l g=m -eprint(1)").unwrap();
        let require = |text: &str| Action::Require(text.into());
        assert_eq!(options.actions, [require("m"), require("g=m"), Action::Execute("print(1)".into())]);
        assert_eq!(check("-e"), Err(UsageError::NeedsArgument("-e".into())));
        assert_eq!(check("-l -v"), Err(UsageError::NeedsArgument("-l".into())));
    }

    #[test]
    fn letters_do_not_combine() {
        for argument in ["-vi", "-Wx", "-x", "-ii", "--nothing", "--help=1"] {
            assert_eq!(check(argument), Err(UsageError::Unrecognized(argument.into())));
        }
    }

    #[test]
    fn own_options() {
        let options = check("--jit=always --jit-stats=json --dump=residual --dump=asm x.lua").unwrap();
        assert_eq!(options.jit, JitMode::Always);
        assert_eq!(options.stats, Some(StatsFormat::Json));
        assert_eq!(options.dump, [Dump::Residual, Dump::Asm]);
        assert_eq!(check("--view=units.html x.lua").unwrap().view, Some("units.html".into()));
        assert_eq!(check("--view=").unwrap_err().to_string(), "'--view=' needs argument");
        assert_eq!(
            check("--jit=maybe").unwrap_err().to_string(),
            "bad value 'maybe' for '--jit' (one of on, off, always, evaluator)"
        );
        assert_eq!(check("--jit").unwrap_err().to_string(), "'--jit' needs argument");
    }
}

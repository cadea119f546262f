//! The command line and the prompt, as a user sees them.

mod support;

use support::{Outcome, Run, has_reference, scratch};

/// Standard output of a run that must succeed.
fn output(args: &[&str], stdin: &str) -> String {
    let outcome = Run::ours().args(args).stdin(stdin.as_bytes()).outcome();
    assert!(outcome.status == Some(0) && outcome.stderr.is_empty(), "{args:?}:\n{}", outcome.text());
    String::from_utf8(outcome.stdout).expect("text")
}

fn failure(args: &[&str], stdin: &str) -> Outcome {
    let outcome = Run::ours().args(args).stdin(stdin.as_bytes()).outcome();
    assert_eq!(outcome.status, Some(1), "{args:?}:\n{}", outcome.text());
    outcome
}

/// What follows the program's own line.
fn after_version(text: &str) -> &str {
    let (version, rest) = text.split_once('\n').expect("a first line");
    assert!(version.starts_with("Moonshift ") && version.ends_with("(Lua 5.4)"), "{version}");
    rest
}

#[test]
fn statements_in_order() {
    assert_eq!(output(&["-e", "x = 1", "-e", "print(x)"], ""), "1\n");
    assert_eq!(output(&["-ex = 2", "-eprint(x)"], ""), "2\n");
}

#[test]
fn standard_input() {
    assert_eq!(output(&[], "print('piped', ...)"), "piped\n");
    assert_eq!(output(&["-", "a", "b"], "print('dash', ...)"), "dash\ta\tb\n");
    assert_eq!(output(&["-"], "#!shebang\nprint(1)"), "1\n");
}

#[test]
fn a_statement_keeps_standard_input_unread() {
    assert_eq!(output(&["-e", "print(io.read('l'))"], "a line\nmore"), "a line\n");
}

#[test]
fn version() {
    assert_eq!(after_version(&output(&["-v"], "print(1)")), "");
    assert_eq!(after_version(&output(&["-v", "-e", "print(2)"], "")), "2\n");
    assert_eq!(after_version(&output(&["--version"], "")), "");
}

#[test]
fn help() {
    assert!(output(&["--help"], "").starts_with("usage: moonshift [options] [script [args]]\n"));
}

#[test]
fn modules() {
    assert_eq!(output(&["-l", "string", "-e", "print(string ~= nil)"], ""), "true\n");
    assert_eq!(output(&["-l", "s=string", "-e", "print(s == string)"], ""), "true\n");
    let folder = scratch("command_line-modules");
    std::fs::write(folder.join("own.lua"), "return { name = ... }").expect("the module can be written");
    let outcome = Run::ours().folder(&folder).args(["-l", "own", "-e", "print(own.name)"]).outcome();
    assert_eq!(outcome.text(), "status 0\n--- stdout\nown\n--- stderr\n");
    let outcome = failure(&["-l", "no.such.module"], "");
    assert!(outcome.text().contains("moonshift: module 'no.such.module' not found:"), "{}", outcome.text());
}

#[test]
fn usage_errors() {
    for (args, message) in [
        (vec!["-e"], "'-e' needs argument"),
        (vec!["-l"], "'-l' needs argument"),
        (vec!["-x"], "unrecognized option '-x'"),
        (vec!["-ifoo"], "unrecognized option '-ifoo'"),
        (vec!["--jit=maybe"], "bad value 'maybe' for '--jit' (one of on, off, always, evaluator)"),
    ] {
        let outcome = failure(&args, "");
        let stderr = String::from_utf8(outcome.stderr).expect("text");
        assert!(stderr.starts_with(&format!("moonshift: {message}\nusage: moonshift")), "{args:?}: {stderr}");
    }
}

/// `arg` and `...`, compared with the reference where it is installed.
#[test]
fn arguments() {
    let folder = scratch("command_line-arguments");
    let script = "print(#arg, arg[0], arg[1], arg[2], arg[-2], select('#', ...), ...)";
    std::fs::write(folder.join("script.lua"), script).expect("the script can be written");
    let args = ["-e", "x = 1", "script.lua", "one", "two three"];
    let outcome = Run::ours().folder(&folder).args(args).outcome();
    assert_eq!(
        outcome.text(),
        "status 0\n--- stdout\n2\tscript.lua\tone\ttwo three\t-e\t2\tone\ttwo three\n--- stderr\n"
    );
    if has_reference() {
        assert_eq!(Run::reference().folder(&folder).args(args).outcome().text(), outcome.text());
    }
    assert_eq!(output(&["-e", "print(arg[1], arg[2] == 'print(arg[1], arg[2])' or arg[3])"], ""), "-e\tnil\n");
    let outcome = Run::ours().folder(&folder).args(["-e", "arg = 5", "script.lua"]).outcome();
    assert!(outcome.text().contains("moonshift: 'arg' is not a table"), "{}", outcome.text());
}

#[test]
fn warnings() {
    let outcome = Run::ours().args(["-e", "warn('off')", "-W", "-e", "warn('o', 'n')"]).outcome();
    assert_eq!(outcome.text(), "status 0\n--- stdout\n--- stderr\nLua warning: on\n");
}

#[test]
fn initial_code_of_the_environment() {
    let outcome = |name: &str, value: &str, args: &[&str]| Run::ours().env(name, value).args(args).outcome().text();
    assert_eq!(outcome("LUA_INIT", "x = 1", &["-e", "print(x)"]), "status 0\n--- stdout\n1\n--- stderr\n");
    assert_eq!(outcome("LUA_INIT", "x = 1", &["-E", "-e", "print(x)"]), "status 0\n--- stdout\nnil\n--- stderr\n");
    let text = outcome("LUA_INIT_5_4", "x =", &["-e", "print(x)"]);
    assert!(text.contains("moonshift: LUA_INIT_5_4:1: unexpected symbol near <eof>"), "{text}");
    let text = outcome("LUA_INIT", "error('at start')", &["-e", "print(x)"]);
    assert!(
        text.starts_with("status 1") && text.contains("moonshift: LUA_INIT:1: at start\nstack traceback:"),
        "{text}"
    );
}

/// A session at the prompt: what is printed, prompts included.
fn session(input: &str) -> String {
    let outcome = Run::ours().args(["-i"]).stdin(input.as_bytes()).outcome();
    assert_eq!(outcome.status, Some(0), "{}", outcome.text());
    let text = String::from_utf8(outcome.stdout).expect("text");
    format!("{}{}", after_version(&text), String::from_utf8(outcome.stderr).expect("text"))
}

#[test]
fn prompt_prints_results() {
    assert_eq!(session("1+1\n"), "> 2\n> \n");
    assert_eq!(session("=2+3\n"), "> 5\n> \n");
    assert_eq!(session("x = 5\nx, nil\n"), "> > 5\tnil\n> \n");
    assert_eq!(session("local function f() return end f()\n\n"), "> > > \n");
}

#[test]
fn prompt_reads_on_while_the_chunk_is_incomplete() {
    assert_eq!(session("for i = 1, 2 do\nprint(i)\nend\n"), "> >> >> 1\n2\n> \n");
    assert_eq!(session("s = [[a\nb]]\n#s\n"), "> >> > 3\n> \n");
    assert_eq!(session("x = \n"), "> >> \n> \nstdin:1: unexpected symbol near <eof>\n");
}

#[test]
fn prompt_survives_errors() {
    let text = session("x = = 1\nerror('boom')\nerror({})\n7\n");
    assert!(text.starts_with("> > > > 7\n> \n"), "{text}");
    assert!(text.contains("stdin:1: unexpected symbol near '='\nstdin:1: boom\nstack traceback:\n"), "{text}");
    assert!(text.contains("\n(error object is a table value)"), "{text}");
}

#[test]
fn prompt_text_can_be_changed() {
    let input = "_PROMPT = 'lua> '\n_PROMPT2 = '...> '\nfor i = 1, 0 do\nend\n";
    assert_eq!(session(input), "> lua> lua> ...> lua> \n");
}

#[test]
fn prompt_after_a_script() {
    let folder = scratch("command_line-prompt");
    std::fs::write(folder.join("script.lua"), "x = 40\nerror('in script')").expect("the script can be written");
    let outcome = Run::ours().folder(&folder).args(["-i", "script.lua"]).stdin(b"x + 2\n").outcome();
    assert_eq!(outcome.status, Some(0));
    assert!(outcome.text().contains("> 42\n"), "{}", outcome.text());
    assert!(outcome.text().contains("moonshift: script.lua:2: in script\n"), "{}", outcome.text());
}

#[test]
fn print_may_fail_at_the_prompt() {
    let text = session("print = nil\n7\n");
    assert!(text.contains("error calling 'print' (attempt to call a nil value)"), "{text}");
}

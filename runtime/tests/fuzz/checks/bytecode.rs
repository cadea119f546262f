//! The verifier of binary chunks: what it accepts can be run, in the interpreter and compiled, to the same effect, and
//! leaves the machine whole.

use super::{below, kind, one_in, shape, source};
use arbitrary::Unstructured;
use moonshift::jit::JitMode;
use moonshift::{Lua, LuaOptions};
use moonshift_lang::bytecode::{Constant, Instr, Proto, dump, undump};
use moonshift_lang::compile;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// What chunks may use: nothing that reaches outside of the machine, and no names that tests would see change.
const SETUP: &str = "
for _, name in ipairs {'os', 'io', 'debug', 'package', 'require', 'dofile', 'loadfile', 'load', 'print', 'warn', 'collectgarbage'} do
  _G[name] = nil
end
local concat, select, pcall, type, tostring, mathtype = table.concat, select, pcall, type, tostring, math.type
local function show(...)
  local out = {}
  for i = 1, select('#', ...) do
    local value = (select(i, ...))
    local kind = mathtype(value) or type(value)
    local plain = kind == 'integer' or kind == 'float' or kind == 'boolean' or kind == 'nil'
    -- Addresses differ.
    out[i] = plain and tostring(value) or kind == 'string' and not value:find('0x') and value or kind
  end
  return concat(out, '|')
end
-- The globals of a chunk: fresh ones, with the library behind them.
local globals, copies = _G, {}
for _, name in ipairs {'string', 'table', 'math', 'utf8', 'coroutine'} do copies[name] = globals[name] end
local names = {'assert', 'error', 'getmetatable', 'ipairs', 'next', 'pairs', 'pcall', 'rawequal', 'rawget', 'rawlen', 'rawset', 'select',
  'setmetatable', 'tonumber', 'tostring', 'type', 'xpcall'}
function environment()
  local env = {a = 1, b = 2.5, c = 'text', t = {1, 2, 3, n = 4}, x = {len = 5}, i = 3}
  for _, name in ipairs(names) do env[name] = globals[name] end
  for name, library in pairs(copies) do
    local copy = {}
    for key, value in pairs(library) do copy[key] = value end
    env[name] = copy
  end
  env.math.random, env.math.randomseed = nil, nil
  function env.f(...) return ... end
  function env.g(x) return x, x end
  env._G = env
  return env
end
function run(f) return show(pcall(f, 1, 'two', 3.5)) end
";

struct Machine {
    lua: Lua,
    runs: Cell<u32>,
}

impl Machine {
    fn new(mode: JitMode) -> Machine {
        let lua = Lua::new_with(LuaOptions::new().jit(mode));
        lua.load(SETUP).exec().expect("the setup");
        Machine { lua, runs: Cell::new(0) }
    }

    /// What a chunk says, and the fuel that is left.
    fn run(&self, chunk: &[u8]) -> (String, u64) {
        let lua = &self.lua;
        self.runs.set(self.runs.get() + 1);
        let globals = lua.globals();
        let environment: moonshift::Table =
            globals.get::<moonshift::Function>("environment").and_then(|make| make.call(())).expect("an environment");
        let run: moonshift::Function = globals.get("run").expect("set up");
        let function = lua.load(chunk).set_environment(environment).into_function().expect("verified");
        lua.set_fuel(Some(3_000));
        let outcome = run.call::<moonshift::String>(function);
        let left = lua.fuel().expect("a limit");
        lua.set_fuel(None);
        let text = match outcome {
            Ok(text) => String::from_utf8_lossy(&text.as_bytes()).into_owned(),
            Err(_) if left == 0 => "out of fuel".into(),
            Err(error) => panic!("not caught: {error}"),
        };
        (text, left)
    }
}

thread_local! {
    static MACHINES: RefCell<Option<[Machine; 2]>> = const { RefCell::new(None) };
}

/// A function of the tree, to be changed.
fn pick<'p>(u: &mut Unstructured<'_>, proto: &'p mut Proto) -> &'p mut Proto {
    if proto.children.is_empty() || one_in(u, 2) {
        return proto;
    }
    let child = below(u, proto.children.len());
    pick(u, Arc::make_mut(&mut proto.children[child]))
}

fn change_instruction(u: &mut Unstructured<'_>, proto: &mut Proto) {
    let at = below(u, proto.code.len());
    let (shift, width) = [(0, 8), (8, 8), (16, 16), (32, 16), (32, 32), (48, 16)][below(u, 6)];
    let mask = ((1u64 << width) - 1) << shift;
    let old = (proto.code[at].0 & mask) >> shift;
    let new = match below(u, 4) {
        0 => old.wrapping_add(1),
        1 => old.wrapping_sub(1),
        2 => below(u, 12) as u64,
        _ => u.arbitrary().unwrap_or(0),
    };
    proto.code[at] = Instr(proto.code[at].0 & !mask | new << shift & mask);
}

fn change(u: &mut Unstructured<'_>, proto: &mut Proto) {
    let proto = pick(u, proto);
    let at = below(u, proto.code.len());
    match below(u, 14) {
        0..=4 => change_instruction(u, proto),
        5 => {
            let other = below(u, proto.code.len());
            proto.code.swap(at, other);
        }
        6 => proto.code[at] = proto.code[below(u, proto.code.len())],
        7 => {
            proto.code.remove(at);
            if proto.lines.len() > at {
                proto.lines.remove(at);
            }
        }
        8 => {
            // Room for what a deleted jump went over, so that targets stay right.
            let other = proto.code[below(u, proto.code.len())];
            proto.code.insert(at, other);
            if proto.lines.len() >= at && !proto.lines.is_empty() {
                proto.lines.insert(at, 1);
            }
        }
        9 if !proto.constants.is_empty() => {
            let constant = below(u, proto.constants.len());
            proto.constants[constant] = match below(u, 6) {
                0 => Constant::Nil,
                1 => Constant::Int(u.arbitrary().unwrap_or(0)),
                2 => Constant::Float(f64::from_bits(u.arbitrary().unwrap_or(0))),
                3 => Constant::Str((*b"__index").into()),
                4 => Constant::True,
                _ => proto.constants[below(u, proto.constants.len())].clone(),
            };
        }
        10 if !proto.upvalues.is_empty() => {
            let upvalue = below(u, proto.upvalues.len());
            let upvalue = &mut proto.upvalues[upvalue];
            match below(u, 3) {
                0 => upvalue.index = u.arbitrary().unwrap_or(0),
                1 => upvalue.in_parent_register ^= true,
                _ => upvalue.assigned_after_init ^= true,
            }
        }
        11 => match below(u, 5) {
            0 => proto.max_stack = u.arbitrary().unwrap_or(0),
            1 => proto.num_params = below(u, 6) as u8,
            2 => proto.is_vararg ^= true,
            3 => proto.num_loops = u.arbitrary().unwrap_or(0),
            _ => proto.num_caches = u.arbitrary().unwrap_or(0),
        },
        12 if !proto.locals.is_empty() => {
            let local = below(u, proto.locals.len());
            let local = &mut proto.locals[local];
            match below(u, 3) {
                0 => local.reg = u.arbitrary().unwrap_or(0),
                1 => local.start_pc = below(u, 20) as u32,
                _ => local.end_pc = below(u, 20) as u32,
            }
        }
        _ => proto.lines.clear(),
    }
    if proto.code.is_empty() {
        proto.code.push(Instr(0));
    }
}

pub fn check(data: &[u8]) -> u64 {
    let mut u = Unstructured::new(data);
    let changes = below(&mut u, 4);
    let in_bytes = one_in(&mut u, 4);
    let spots: [u16; 8] = u.arbitrary().unwrap_or_default();
    // What is left makes a program.
    let text = if one_in(&mut u, 3) { source::changed_file(&mut u) } else { source::chunk(&mut u) };
    let Ok(mut proto) = compile(&text, "=fuzz") else { return 0 };
    let mut u = Unstructured::new(data);
    let mut chunk;
    if in_bytes {
        chunk = dump(&proto, one_in(&mut u, 2));
        for pair in spots.chunks(2).take(changes) {
            let at = 40 + usize::from(pair[0]) % (chunk.len() - 40).max(1);
            if let Some(byte) = chunk.get_mut(at) {
                *byte = pair[1] as u8;
            }
        }
    } else {
        for _ in 0..changes {
            change(&mut u, &mut proto);
        }
        chunk = dump(&proto, one_in(&mut u, 4));
    }
    match undump(&chunk) {
        Err(error) => kind((1, shape(&error.to_string()))),
        Ok(proto) => {
            let said = run(&chunk);
            kind((2, proto.code.len().min(30), shape(&said), changes))
        }
    }
}

fn run(chunk: &[u8]) -> String {
    MACHINES.with_borrow_mut(|machines| {
        // Metatables of strings and the like may have been changed: now and then all begins anew.
        if machines.as_ref().is_some_and(|machines| machines[0].runs.get() > 100) {
            *machines = None;
        }
        let [off, always] = machines.get_or_insert_with(|| [Machine::new(JitMode::Off), Machine::new(JitMode::Always)]);
        let said = off.run(chunk);
        let compiled = always.run(chunk);
        assert_eq!(said, compiled, "interpreted and compiled differ\n{}", listing(chunk));
        if off.runs.get() % 8 == 0 {
            for machine in [off, always] {
                machine.lua.gc_collect().expect("no finalizer fails");
            }
        }
        said.0
    })
}

fn listing(chunk: &[u8]) -> String {
    undump(chunk).map_or_else(|error| error.to_string(), |proto| moonshift_lang::bytecode::disassemble(&proto))
}

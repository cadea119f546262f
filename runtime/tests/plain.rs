//! Programs in the plain interpreter: results, errors, limits, the collector.

use moonshift::value::Value;
use moonshift::vm::Vm;
use moonshift_lang::bytecode::{Instr, Proto, dump, op, undump};
use std::sync::Arc;

/// Runs a chunk; its results as `tostring` shows them, or the error.
fn run(vm: &Vm, source: &str) -> Result<Vec<String>, String> {
    run_proto(vm, moonshift_lang::compile(source.as_bytes(), "=test").map_err(|error| error.to_string())?)
}

fn run_proto(vm: &Vm, proto: Proto) -> Result<Vec<String>, String> {
    let main = vm.load_main(Arc::new(proto), Value::table(vm.globals()));
    let show = |value: Value| vm.tostring(value).expect("no metamethod").to_str_lossy().into_owned();
    match vm.call_protected(Value::closure(main), &[]) {
        Ok(results) => Ok(results.to_vec().into_iter().map(show).collect()),
        Err(error) => Err(show(error)),
    }
}

#[track_caller]
fn check(source: &str, expected: &[&str]) {
    let vm = Vm::new();
    moonshift::stdlib::open_all(&vm);
    assert_eq!(run(&vm, source).expect(source), expected);
}

#[track_caller]
fn check_error(source: &str, expected: &str) {
    let vm = Vm::new();
    moonshift::stdlib::open_all(&vm);
    assert_eq!(run(&vm, source).expect_err(source), expected);
}

#[test]
fn arithmetic() {
    check("return 7 // 2, -7 // 2, 7 % -3, -7 % 3, 7.5 // 2, -0.0 // 1", &["3", "-4", "-2", "2", "3.0", "-0.0"]);
    check("return math.mininteger // -1, math.mininteger % -1", &["-9223372036854775808", "0"]);
    check(
        "return 1 << 63, 1 << 64, -1 >> 1, 1 << -1, 2^53 | 0",
        &["-9223372036854775808", "0", "9223372036854775807", "0", "9007199254740992"],
    );
    check("return '10' + 5, '0x10' * 2, 10 .. 20", &["15", "32", "1020"]);
    check(
        "local a = 5.0 return a % 3, -a % 3, a % -3, a % math.huge, -a % math.huge",
        &["2.0", "1.0", "-1.0", "5.0", "inf"],
    );
}

#[test]
fn comparisons() {
    check("return 1 == 1.0, 2^53 == 2^53 + 1, math.maxinteger + 0.0 == math.maxinteger", &["true", "true", "false"]);
    check(
        "return math.maxinteger < math.maxinteger + 0.0, 1 < 1.5, -1 > -1.5, 'a' < 'b'",
        &["true", "true", "true", "true"],
    );
    check("local n = 0/0 return n == n, n < 1, n >= 1, 1 < n", &["false", "false", "false", "false"]);
}

#[test]
fn constructors() {
    // Nils before the last item that is one are elements too, past all that the table was made for.
    let items = "nil,".repeat(70_000);
    check(&format!("local t = {{{items} 7}} return #t, t[70001]"), &["70001", "7"]);
    check(&format!("local t = {{{items} table.unpack{{nil, 7, 8}}}} return #t, t[70003]"), &["70003", "8"]);
}

/// A binary chunk may give the items of a constructor any place. Room for all places before them could not be had.
#[test]
fn items_of_a_constructor_anywhere() {
    let source =
        b"local t = {7, 8} local n = 0 for _ in pairs(t) do n = n + 1 end return n, t[0xfffffff0], t[0xfffffff1]";
    let mut proto = moonshift_lang::compile(source, "=test").expect("valid");
    let at = proto.code.iter().position(|ins| ins.op() == op::SETLIST).expect("there is one");
    let ins = proto.code[at];
    proto.code[at] = Instr::abd(op::SETLIST, ins.a() as u8, ins.b() as u16, 0xffff_ffef);
    let vm = Vm::new();
    moonshift::stdlib::open_all(&vm);
    let proto = undump(&dump(&proto, false)).expect("the verifier knows of no bound");
    assert_eq!(run_proto(&vm, proto).expect("there is room"), ["2", "7", "8"]);
}

#[test]
fn calls_and_varargs() {
    check(
        "local function f(...) local a, b = ... return select('#', ...), a, b, ... end return f(1, nil, 3)",
        &["3", "1", "nil", "1", "nil", "3"],
    );
    check("local function f(n) if n == 0 then return 'end' end return f(n - 1) end return f(1000000)", &["end"]);
    check(
        "local function f(n, ...) if n == 0 then return ... end return f(n - 1, n, ...) end return f(5)",
        &["1", "2", "3", "4", "5"],
    );
    check("return (function(...) return ... end)(1, 2, (function() return 3, 4 end)())", &["1", "2", "3", "4"]);
    check(
        "local t = setmetatable({}, { __call = function(self, a) return a end }) return t(5), pcall(t, 6)",
        &["5", "true", "6"],
    );
}

#[test]
fn loops() {
    check("local n = 0 for i = math.maxinteger - 1, math.maxinteger do n = n + 1 end return n", &["2"]);
    check("local n = 0 for i = 1, math.huge do n = n + 1 if n == 5 then break end end return n", &["5"]);
    check("local n = 0 for i = 3, 1 do n = n + 1 end for i = 1, 0, -0.5 do n = n + 1 end return n", &["3"]);
    check_error("for i = 1, 10, 0 do end", "test:1: 'for' step is zero");
    check_error("for i = 'a', 10 do end", "test:1: bad 'for' initial value (number expected, got string)");
}

#[test]
fn closures() {
    check(
        "local fs = {} for i = 1, 3 do local j = i fs[i] = function() j = j + 1 return i + j end end
         return fs[1](), fs[1](), fs[2](), fs[3]()",
        &["3", "4", "5", "7"],
    );
}

#[test]
fn metamethods() {
    check(
        "local base = { greet = function(self) return 'hi ' .. self.name end }
         local mid = setmetatable({}, { __index = base })
         local o = setmetatable({ name = 'o' }, { __index = mid })
         return o:greet(), o.absent",
        &["hi o", "nil"],
    );
    check(
        "local log = {} local t = setmetatable({}, { __newindex = function(t, k, v) rawset(t, k, v * 2) end })
         t.x = 1 t.x = 5 t[1] = 2 return t.x, t[1]",
        &["5", "4"],
    );
    check(
        "local t = setmetatable({}, { __index = function(t, k) return k .. '!' end }) return t.a, t[1], t[true == true and 'b']",
        &["a!", "1!", "b!"],
    );
}

#[test]
fn closing() {
    check(
        "local log = {}
         local function res(n) return setmetatable({}, { __close = function(_, e) log[#log + 1] = n .. ':' .. tostring(e) end }) end
         do local a <close> = res('a') local b <close> = res('b') end
         pcall(function() local c <close> = res('c') error('boom', 0) end)
         local function f() local d <close> = res('d') return 1, 2, 3 end
         local n = select('#', f())
         return table.concat(log, ' '), n",
        &["b:nil a:nil c:boom d:nil", "3"],
    );
}

#[test]
fn deep_recursion_is_an_error() {
    check(
        "local function f() return 1 + f() end
         local ok, message = pcall(f)
         local ok2, handled = xpcall(f, function(m) return 'handled' end)
         return ok, message, handled, select(2, pcall(f)) == message",
        &["false", "test:1: stack overflow", "handled", "true"],
    );
    check("local function f() return pcall(f) end return (f())", &["true"]);
    check(
        "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end return (pcall(function() return t.x end))",
        &["false"],
    );
}

#[test]
fn weak_tables() {
    check(
        "local v = setmetatable({}, { __mode = 'v' }) local k = setmetatable({}, { __mode = 'k' })
         local keep = {}
         v[1], v[2], v.x, v.s = {}, keep, {}, 'string'
         k[{}], k[keep] = 1, 2
         do local key = {} k[key] = { key } end
         collectgarbage()
         local n = 0 for _ in pairs(k) do n = n + 1 end
         return v[1], v[2] == keep, v.x, v.s, n",
        &["nil", "true", "nil", "string", "1"],
    );
}

#[test]
fn finalizers() {
    check(
        "local log = {}
         for i = 1, 3 do setmetatable({}, { __gc = function() log[#log + 1] = i end }) end
         collectgarbage()
         local saved
         do local t = setmetatable({ 7 }, { __gc = function(t) saved = t end }) end
         collectgarbage()
         return table.concat(log, ' '), saved[1]",
        &["3 2 1", "7"],
    );
}

#[test]
fn garbage_is_collected() {
    let vm = Vm::new();
    moonshift::stdlib::open_all(&vm);
    run(&vm, "for i = 1, 200000 do local t = { i, x = { i }, s = 'string ' .. i } end").expect("runs");
    assert!(vm.heap.control.count.get() > 3, "no collections");
    assert!(vm.heap.bytes.get() < 8 << 20, "{} bytes in use", vm.heap.bytes.get());
}

#[test]
fn messages_name_variables() {
    check_error("local t = {} t.x.y = 1", "test:1: attempt to index a nil value (field 'x')");
    check_error("undefined()", "test:1: attempt to call a nil value (global 'undefined')");
    check_error("local t = {} t:method()", "test:1: attempt to call a nil value (method 'method')");
    check_error("local a = {} return a + 1", "test:1: attempt to perform arithmetic on a table value (local 'a')");
    check_error("return 1 < 'x'", "test:1: attempt to compare number with string");
    check_error("local s = string.rep s()", "test:1: bad argument #1 to 's' (string expected, got no value)");
    check_error("('x'):rep({})", "test:1: bad argument #1 to 'rep' (number expected, got table)");
}

#[test]
fn an_interrupt_stops_an_endless_loop() {
    let vm = Vm::new();
    let trap = vm.trap_handle();
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(50));
        trap.request(moonshift::vm::trap::Trap::INTERRUPT);
    });
    assert_eq!(run(&vm, "while true do end").expect_err("interrupted"), "test:1: interrupted!");
    stopper.join().expect("no panic");
    assert_eq!(run(&vm, "return 1").expect("usable"), ["1"]);
}

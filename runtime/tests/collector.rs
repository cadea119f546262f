//! The collector: what lives and what does not, in cycles of small slices, by generations, and all at once.

use moonshift::value::Value;
use moonshift::vm::Vm;
use std::sync::Arc;

/// How a machine collects: what its programs begin with.
const MODES: [&str; 4] = [
    "collectgarbage('incremental')",
    // Two references a slice, and as many slices as there are polls.
    "collectgarbage('incremental', 100, 1, 5)",
    "collectgarbage('incremental', 100, 50, 8)",
    "collectgarbage('generational')",
];

/// Runs a chunk; its results as `tostring` shows them, or the error.
fn run(vm: &Vm, source: &str) -> Result<Vec<String>, String> {
    let proto = moonshift_lang::compile(source.as_bytes(), "=test").map_err(|error| error.to_string())?;
    let main = vm.load_main(Arc::new(proto), Value::table(vm.globals()));
    let show = |value: Value| vm.tostring(value).expect("no metamethod").to_str_lossy().into_owned();
    match vm.call_protected(Value::closure(main), &[]) {
        Ok(results) => Ok(results.to_vec().into_iter().map(show).collect()),
        Err(error) => Err(show(error)),
    }
}

/// A machine whose markings are all checked.
fn machine(mode: &str) -> Box<Vm> {
    let vm = Vm::new();
    moonshift::stdlib::open_all(&vm);
    vm.heap.control.check.set(true);
    run(&vm, mode).expect(mode);
    if cfg!(feature = "gc-stress") {
        run(&vm, "STRESS = true").expect("an assignment");
    }
    vm
}

/// The results in every mode.
#[track_caller]
fn check(source: &str, expected: &[&str]) {
    for mode in MODES {
        assert_eq!(run(&machine(mode), source).unwrap_or_else(|error| panic!("{error} ({mode})")), expected, "{mode}");
    }
}

/// Objects of all kinds that come to refer to one another, against a model of numbers; a slice or a young collection
/// after every few changes.
#[test]
fn nothing_reachable_is_lost_while_the_program_changes_it() {
    let source = r#"
        local seed = 12345
        local function random(n)
          seed = (seed * 1103515245 + 12345) % 2147483648
          return seed // 65536 % n + 1
        end
        local N, M = 60, 4
        local model, objects = {}, {}
        -- An object is an id and M references, which are kept in different places.
        local function new(id)
          local cells = {}
          local a, b
          local object = { id = 'id' .. id }
          local co = coroutine.wrap(function()
            local held
            while true do
              local set, value = coroutine.yield(held)
              if set then held = value end
              value = nil
            end
          end)
          co()
          object.places = {
            { get = function() return object.field end, set = function(x) object.field = x end },
            { get = function() return a end, set = function(x) a = x end },
            { get = function() return cells[1] end, set = function(x) cells[1] = x end },
            { get = function() return co(false) end, set = function(x) co(true, x) end },
            { get = function() local k = next(cells, 1) return cells[1] ~= nil and k or next(cells) end, set = function() end },
            { get = function() return getmetatable(cells) and getmetatable(cells).__index end,
              set = function(x) setmetatable(cells, { __index = x }) end },
          }
          M = 4
          return object
        end
        local function place(object, i) return object.places[i == 4 and 6 or i] end
        for i = 1, N do objects[i] = new(i) model[i] = {} end
        local function verify()
          for i = 1, N do
            local object = objects[i]
            assert(object.id == 'id' .. i)
            for j = 1, M do
              local target, expected = place(object, j).get(), model[i][j]
              assert((target and target.id) == (expected and 'id' .. expected), j)
            end
          end
        end
        for step = 1, 6000 do
          local i, j, k = random(N), random(M), random(N)
          local kind = random(8)
          if kind <= 5 then
            place(objects[i], j).set(objects[k])
            model[i][j] = k
          elseif kind == 6 then
            place(objects[i], j).set(nil)
            model[i][j] = nil
          elseif kind == 7 then
            -- The object dies, with what it refers to; references to it are to a new one.
            local fresh = new(i)
            for a = 1, N do
              for b = 1, M do if model[a][b] == i then place(objects[a], b).set(fresh) end end
            end
            for b = 1, M do
              local k = model[i][b]
              if k then place(fresh, b).set(k == i and fresh or objects[k]) end
            end
            objects[i] = fresh
          else
            -- Only one reference, which moves: through a register, a coroutine, a field.
            local other = place(objects[i], j).get()
            if other then
              place(objects[i], j).set(nil)
              place(objects[k], j).set(other)
              model[k][j], model[i][j] = model[i][j], nil
              if i == k then model[i][j] = nil place(objects[i], j).set(nil) end
            end
          end
          if step % 3 == 0 then collectgarbage('step', 0) end
          if step % 500 == 0 then verify() end
        end
        verify()
        return 'whole'
    "#;
    check(source, &["whole"]);
}

/// Elements and nodes of large tables are visited in parts; what moves meanwhile is not missed.
#[test]
fn large_tables_change_between_the_parts_of_their_visit() {
    let source = r"
        if STRESS then collectgarbage('stop') end -- All is checked after every collection.
        local array, map = {}, {}
        for i = 1, 20000 do array[i] = { i } map['k' .. i] = { i } map[{ i }] = i end
        for round = 1, 60 do
          collectgarbage('step', 0)
          for i = 1, 200 do
            local a, b = (round * 977 + i * 31) % 20000 + 1, (round * 31 + i * 577) % 20000 + 1
            array[a], array[b] = array[b], array[a]
            local x, y = 'k' .. a, 'k' .. b
            map[x], map[y] = map[y], map[x]
            map[{ a }] = a
          end
          if round % 10 == 0 then for i = 1, 3000 do map[i * 7.5] = { i } end end
          if round % 10 == 5 then for i = 1, 3000 do map[i * 7.5] = nil end end
          if round % 20 == 0 then table.sort(array, function(x, y) return x[1] < y[1] end) end
        end
        collectgarbage()
        local seen, sum = {}, 0
        for i = 1, 20000 do
          local value = array[i][1]
          assert(not seen[value])
          seen[value] = true
          sum = sum + map['k' .. i][1]
        end
        local keys = 0
        for key, value in pairs(map) do
          if type(key) == 'table' then assert(key[1] == value) keys = keys + 1 end
        end
        return sum, keys
    ";
    check(source, &["200010000", "32000"]);
}

#[test]
fn weak_tables() {
    let source = r"
        local values = setmetatable({}, { __mode = 'v' })
        local keys = setmetatable({}, { __mode = 'k' })
        local both = setmetatable({}, { __mode = 'kv' })
        local kept = {}
        for i = 1, 100 do
          local object = { i }
          values[i], values['s' .. i], values[{}] = object, object, object
          keys[object], both[object] = i, { i }
          both[i] = object
          if i % 10 == 0 then kept[#kept + 1] = object end
          collectgarbage('step', 0)
        end
        values.text, keys.text, both[1.5] = 'a string' .. 1, {}, 'another' .. 2
        collectgarbage() collectgarbage()
        local function count(t) local n = 0 for _ in pairs(t) do n = n + 1 end return n end
        return count(values), count(keys), count(both), values.text, both[1.5], #kept
    ";
    check(source, &["31", "11", "11", "a string1", "another2", "10"]);
}

/// The value of an ephemeron lives as long as its key, even where it refers to the key, or to the next key.
#[test]
fn ephemerons() {
    let source = r"
        local e = setmetatable({}, { __mode = 'k' })
        local first = {}
        local key = first
        for i = 1, 50 do
          local after = {}
          e[key] = { key, after, i }
          key = after
          collectgarbage('step', 0)
        end
        for i = 1, 50 do local k = {} e[k] = { k } end
        collectgarbage()
        local n = 0
        for k, v in pairs(e) do assert(v[1] == k) n = n + 1 end
        key, n = first, 0
        while e[key] do assert(e[key][1] == key) key, n = e[key][2], n + 1 end
        first, key = nil, nil
        collectgarbage()
        return n, next(e) == nil
    ";
    check(source, &["50", "true"]);
}

/// Finalizers run in the reverse order of their setting; a resurrected object is whole and is not finalized again, unless
/// it gets a finalizer again.
#[test]
fn finalizers_and_resurrection() {
    let source = r"
        collectgarbage('stop') -- Otherwise some are finalized sooner.
        local order, back = {}, {}
        local mt = { __gc = function(o) order[#order + 1] = o.n back[#back + 1] = o end }
        for i = 1, 10 do setmetatable({ n = i, inner = { 'inner' .. i } }, mt) end
        collectgarbage()
        for i = 1, 10 do assert(back[i].inner[1] == 'inner' .. back[i].n) end
        local first = table.concat(order, ' ')
        setmetatable(back[3], mt)
        back = {}
        collectgarbage() collectgarbage()
        -- Weak values vanish before the finalizer, weak keys after.
        local values, keys = setmetatable({}, { __mode = 'v' }), setmetatable({}, { __mode = 'k' })
        local seen
        do
          local o = setmetatable({}, { __gc = function(o) seen = tostring(values[1]) .. tostring(keys[o]) end })
          values[1], keys[o] = o, 'note'
        end
        collectgarbage() collectgarbage()
        return first, table.concat(order, ' ', 11), seen, next(keys) == nil
    ";
    check(source, &["10 9 8 7 6 5 4 3 2 1", "8", "nilnote", "true"]);
}

/// With no explicit collection: whatever is allocated and dropped comes back.
#[test]
fn memory_returns_to_its_baseline() {
    for mode in ["collectgarbage('incremental')", "collectgarbage('generational')"] {
        let vm = machine(mode);
        vm.heap.control.check.set(false);
        let source = r"
            collectgarbage()
            local base = collectgarbage('count')
            local most = 0
            for round = 1, STRESS and 2 or 40 do
              local t = {}
              for i = 1, 2000 do
                t[i] = { x = i, s = 'round' .. round .. 'i' .. i, f = function() return t end, [i + 0.5] = {} }
                t[i].co = i % 50 == 0 and coroutine.wrap(function() coroutine.yield(t) end)
                if t[i].co then t[i].co() end
              end
              most = math.max(most, collectgarbage('count'))
            end
            collectgarbage()
            local after = collectgarbage('count')
            return most < base + 24 * 1024 or most, after < base + 64 or after - base
        ";
        assert_eq!(run(&vm, source).expect(source), ["true", "true"], "{mode}");
    }
}

/// Cycles begin when the heap has grown as the pause says, and end by themselves.
#[cfg(not(feature = "gc-stress"))]
#[test]
fn pacing() {
    let source = r"
        local keep = {}
        for i = 1, 60000 do keep[i] = { i } end
        collectgarbage()
        local live, most, cycles, last = collectgarbage('count'), 0, 0, 0
        for i = 1, 600000 do
          local garbage = { i }
          local now = collectgarbage('count')
          if now < last - 100 then cycles = cycles + 1 end
          last, most = now, math.max(most, now)
        end
        return most < 2.6 * live or most / live, most > 1.2 * live or most / live
    ";
    for mode in ["collectgarbage('incremental', 200, 100)", "collectgarbage('generational', 30, 100)"] {
        let vm = machine(mode);
        vm.heap.control.check.set(false);
        let before = vm.heap.control.count.get();
        assert_eq!(run(&vm, source).expect(source), ["true", "true"], "{mode}");
        assert!(vm.heap.control.count.get() > before + 3, "{mode}");
    }
}

/// What `collectgarbage` answers, by the manual.
#[test]
fn options() {
    let vm = machine("return 1");
    let source = r"
        local out = {}
        local function add(...) out[#out + 1] = table.concat({ ... }, ' ') end
        add(collectgarbage('incremental', 150, 200, 14), collectgarbage('setpause', 200), collectgarbage('setstepmul', 100))
        add(collectgarbage('generational', 30, 50), collectgarbage('incremental'), collectgarbage('incremental'))
        add(tostring(collectgarbage('isrunning')), collectgarbage('stop'), tostring(collectgarbage('isrunning')))
        local before = collectgarbage('count')
        for i = 1, 100000 do local t = { i } end
        add(tostring(collectgarbage('count') > before + 3000), collectgarbage('restart'), tostring(collectgarbage('isrunning')))
        add(tostring(collectgarbage('step', 1 << 20)), collectgarbage('collect'), math.type(collectgarbage('count')))
        local steps = 0
        repeat steps = steps + 1 until collectgarbage('step')
        add(tostring(steps > 1), tostring(pcall(collectgarbage, 'nothing')))
        return table.concat(out, '; ')
    ";
    let expected = "incremental 150 200; incremental generational incremental; true 0 false; true 0 true; true 0 float; true false";
    assert_eq!(run(&vm, source).expect(source), [expected]);
}

//! Glue between the machine and the generated compiler: hooks at entries and back edges, modes, what people can see.
//!
//! The portal is [`crate::interp::dispatch::run`]; its variables are passed to the compiler as bits, in the order of
//! its parameters. The interpreter counts down at function entries and back edges; a counter that has run down asks
//! here, and here it is set anew: to zero where a unit is to be entered every time.

mod report;

pub use report::{Dump, dump, page, stats, stats_json};

use crate::error::Raised;
use crate::heap::object::{Closure, Counter, Proto};
use crate::interp::dispatch::run;
use crate::vm::{Dependents, Hook, Hooks, Reg, Vm};
use moonshift_jitgen::abi::{Bindings, Native};
use moonshift_jitgen::backend::cranelift::CraneliftBackend;
use moonshift_jitgen::codemem::CodeMemory;
use moonshift_jitgen::genext::{Limits, no_code_entry};
use moonshift_jitgen::mem::{Arr, Reach, Ref};
use moonshift_jitgen::portal::{Entered, Jit, Policy, Readiness};
use moonshift_jitgen::timeshift::Extension;
use std::any::TypeId;
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

/// The only portal.
const PORTAL: u32 = 0;

/// Address space for machine code, in bytes.
const CODE_MEMORY: usize = 256 << 20;

/// How programs run.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum JitMode {
    /// The plain interpreter only.
    Off,
    /// Hot code is compiled.
    #[default]
    On,
    /// Every threshold is 1: everything is compiled, for tests.
    Always,
    /// Everything runs through the flow-graph evaluator, for tests.
    Evaluator,
}

impl std::str::FromStr for JitMode {
    type Err = String;

    fn from_str(text: &str) -> Result<JitMode, String> {
        Ok(match text {
            "off" => JitMode::Off,
            "on" => JitMode::On,
            "always" => JitMode::Always,
            "evaluator" => JitMode::Evaluator,
            _ => return Err(format!("unknown mode '{text}' (on, off, always or evaluator)")),
        })
    }
}

/// Options of the compiler.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct JitOptions {
    pub mode: JitMode,
    /// Keep graphs and listings for [`dump`].
    pub keep_dumps: bool,
    /// A seed: what was seen at some places is kept from the compiler. For tests.
    pub cut_promotions: Option<u64>,
}

struct State {
    jit: OnceCell<Jit>,
    /// Makes it.
    start: Cell<Option<Box<dyn FnOnce() -> Jit>>>,
    loop_count: u32,
    entry_count: u32,
    kept: Kept,
}

impl State {
    /// The compiler, which is made when something is hot for the first time.
    fn jit(&self) -> &Jit {
        self.jit.get_or_init(|| self.start.take().expect("it is started once")())
    }
}

/// Prototypes that the hooks below need when what they ask for returns, with the threads they run in: meanwhile the
/// function may have called another last, and be gone.
#[derive(Default)]
struct Kept(RefCell<Vec<(u64, u64)>>);

/// Keeps one while it is there.
struct Keeping<'a>(&'a Kept, (u64, u64));

impl Kept {
    fn keep(&self, vm: &Vm, proto: Ref<Proto>) -> Keeping<'_> {
        let pair = (vm.current_thread().addr(), proto.addr());
        self.0.borrow_mut().push(pair);
        Keeping(self, pair)
    }
}

impl Drop for Keeping<'_> {
    fn drop(&mut self) {
        let mut kept = self.0.0.borrow_mut();
        let at = kept.iter().rposition(|pair| *pair == self.1).expect("kept until here");
        kept.remove(at);
    }
}

const BACK_EDGES: u32 = 60;
const ENTRIES: u32 = 60;

/// Gives the machine a compiler. To be called before any code is loaded.
///
/// # Errors
/// Where there is no backend for this platform, no executable memory, or a compiler already.
///
/// # Panics
/// Not here, but when something is hot for the first time, if the process is not what it was built as.
pub fn attach(vm: &Vm, options: JitOptions) -> Result<(), String> {
    if options.mode == JitMode::Off {
        return Ok(());
    }
    // SAFETY: the bindings are those of the image.
    unsafe { attach_extension(vm, options, || Arc::clone(&EXTENSION), bindings().natives) }
}

/// Of all machines of the process.
static EXTENSION: LazyLock<Arc<Extension>> =
    LazyLock::new(|| Arc::new(bindings().load().expect("the image was written for this process")));

/// The image of this interpreter, and what binds it to the process.
#[doc(hidden)]
pub fn bindings() -> &'static Bindings {
    &crate::bindings::BINDINGS
}

/// As [`attach`], with another translation of the interpreter. For tests.
///
/// # Errors
/// As [`attach`].
///
/// # Safety
/// The extension is one of this interpreter's sources, bound to this process, and `natives` are its wrappers. Code that
/// only the extension understands never gets to the plain interpreter.
#[doc(hidden)]
pub unsafe fn attach_extension(
    vm: &Vm,
    options: JitOptions,
    extension: impl FnOnce() -> Arc<Extension> + 'static,
    natives: &'static [Native],
) -> Result<(), String> {
    if state(vm).is_some() {
        return Err("the machine has a compiler".into());
    }
    // SAFETY: the natives are the module's (contract).
    let backend =
        unsafe { CraneliftBackend::new(natives, CodeMemory::new(CODE_MEMORY)) }.map_err(|error| error.to_string())?;
    let always = options.mode == JitMode::Always;
    let policy = Policy {
        keep_dumps: options.keep_dumps,
        cut_promotions: options.cut_promotions,
        profile_runs: if always { 1 } else { 2 },
        exits_before_recompile: if always { 1 } else { 4 },
        max_frame: Some(crate::vm::stack::MAX_UNIT_FRAME as u32),
        limits: Limits::default(),
        ..Policy::default()
    };
    // SAFETY: the module is bound to these natives; the hooks below pass the portal's own variables; the collector
    // visits the compiler's roots.
    let start = move || connected(unsafe { Jit::new(extension(), natives, Box::new(backend), policy) });
    let counts = |on| if always || options.mode == JitMode::Evaluator { 0 } else { on };
    let state = Rc::new(State {
        jit: OnceCell::new(),
        start: Cell::new(Some(Box::new(start))),
        loop_count: counts(BACK_EDGES),
        entry_count: counts(ENTRIES),
        kept: Kept::default(),
    });
    vm.dependents.borrow_mut().push(Box::new(state.clone()));
    let evaluator = options.mode == JitMode::Evaluator;
    vm.hooks.set(Hooks {
        back_edge,
        entry: if evaluator { evaluate } else { entry },
        finish,
        first_loop_count: state.loop_count,
        first_entry_count: state.entry_count,
    });
    vm.app_data.borrow_mut().insert(TypeId::of::<Rc<State>>(), Box::new(state));
    Ok(())
}

/// Tells the compiler where code goes, and who completes exits.
fn connected(jit: Jit) -> Jit {
    jit.on_install(Box::new(|_, greens, entry| {
        if let [proto, 0] = *greens {
            // SAFETY: the greens of a unit are a prototype, which the unit keeps alive, and a position.
            let proto: Ref<Proto> = unsafe { Ref::from_addr(proto) };
            proto.entry.set(if entry == 0 { no_code_entry() } else { entry } as usize);
            proto.is_compiled.set(entry != 0);
        }
    }));
    jit.on_finish(Box::new(|exit, reds| {
        // SAFETY: the first of the portal's variables is the machine.
        let vm: &Vm = unsafe { &*(reds[0] as usize as *const Vm) };
        let state = state(vm).expect("compiled code has a compiler");
        vm.owning(|| state.jit().finish_exit(exit, reds))
    }));
    jit
}

impl Dependents for Rc<State> {
    fn trace(&self, heap: &mut dyn Reach) {
        for &(thread, proto) in self.kept.0.borrow().iter() {
            if heap.is_reached(thread) {
                heap.reach(proto);
            }
        }
        if let Some(jit) = self.jit.get() {
            jit.trace(heap);
        }
    }

    fn release(&self, heap: &dyn Reach) {
        if let Some(jit) = self.jit.get() {
            jit.release(heap);
        }
    }
}

/// The compiler. What runs it may be on the stack of a coroutine that nobody resumes any more, which is dropped without
/// being unwound: a reference may be left there, a count may not.
fn state(vm: &Vm) -> Option<&State> {
    let data = vm.app_data.borrow();
    let state = data.get(&TypeId::of::<Rc<State>>())?.downcast_ref::<Rc<State>>()?;
    // SAFETY: it is attached once, under a type that only this module knows, and never taken away: it lives as long as the
    // machine.
    Some(unsafe { &*Rc::as_ptr(state) })
}

/// The portal's variables, as the compiler takes them.
fn variables(vm: &Vm, closure: Ref<Closure>, base: Arr<Reg>, extra: usize, proto: Ref<Proto>, pc: usize) -> [u64; 6] {
    [std::ptr::from_ref(vm) as usize as u64, closure.addr(), base.addr(), extra as u64, proto.addr(), pc as u64]
}

/// What the interpreter does next. `here` are the variables it asked with.
fn answer(vm: &Vm, entered: Entered, here: &[u64; 6]) -> Hook {
    let finished = |results: &[u64]| match *results {
        [0, count] => Hook { status: Hook::RETURNED, value: count },
        _ => Hook { status: Hook::RAISED, value: 0 },
    };
    match entered {
        Entered::Nothing { .. } => Hook { status: Hook::NOTHING, value: 0 },
        Entered::Finished(results) => finished(&results),
        Entered::Continue(next) if next[..5] == here[..5] => Hook { status: Hook::CONTINUE, value: next[5] },
        // A tail call has put another function into the frame.
        Entered::Continue(next) => {
            let [_, closure, base, extra, proto, pc] = next[..] else { unreachable!("six variables") };
            // SAFETY: these are variables of the portal, as it would have passed them on itself.
            let (closure, base, proto) =
                unsafe { (Ref::from_addr(closure), Arr::from_ptr(base as usize as *mut Reg), Ref::from_addr(proto)) };
            match run(vm, closure, base, extra as usize, proto, pc as usize) {
                Ok(count) => Hook { status: Hook::RETURNED, value: count as u64 },
                Err(_) => Hook { status: Hook::RAISED, value: 0 },
            }
        }
    }
}

fn back_edge(
    vm: &Vm,
    closure: Ref<Closure>,
    base: Arr<Reg>,
    extra: usize,
    proto: Ref<Proto>,
    pc: usize,
    number: usize,
) -> Hook {
    let nothing = Hook { status: Hook::NOTHING, value: 0 };
    let Some(state) = state(vm) else { return nothing };
    let here = variables(vm, closure, base, extra, proto, pc);
    let entered = vm.owning(|| {
        let _keeping = state.kept.keep(vm, proto);
        let entered = state.jit().hot(PORTAL, &here);
        let left = match state.jit().readiness(PORTAL, &here) {
            Readiness::Failed => u32::MAX,
            _ => 0,
        };
        proto.loop_counters.set(number, Counter { left });
        entered
    });
    answer(vm, entered, &here)
}

fn entry(vm: &Vm, closure: Ref<Closure>, base: Arr<Reg>, extra: usize, proto: Ref<Proto>, pc: usize) -> Hook {
    let nothing = Hook { status: Hook::NOTHING, value: 0 };
    let Some(state) = state(vm) else { return nothing };
    let here = variables(vm, closure, base, extra, proto, pc);
    let entered = vm.owning(|| {
        let _keeping = state.kept.keep(vm, proto);
        let entered = state.jit().prepare(PORTAL, &here);
        let left = match state.jit().readiness(PORTAL, &here) {
            Readiness::Cold => 0,
            _ => u32::MAX,
        };
        proto.entry_counter.set(left);
        entered
    });
    answer(vm, entered, &here)
}

/// Runs a call in the evaluator.
fn evaluate(vm: &Vm, closure: Ref<Closure>, base: Arr<Reg>, extra: usize, proto: Ref<Proto>, pc: usize) -> Hook {
    let nothing = Hook { status: Hook::NOTHING, value: 0 };
    let Some(state) = state(vm) else { return nothing };
    proto.entry_counter.set(0);
    let here = variables(vm, closure, base, extra, proto, pc);
    let results = vm.owning(|| state.jit().evaluate(PORTAL, &here));
    answer(vm, Entered::Finished(results), &here)
}

fn finish(
    vm: &Vm,
    closure: Ref<Closure>,
    base: Arr<Reg>,
    extra: usize,
    _proto: Ref<Proto>,
    exit: u64,
) -> Result<usize, Raised> {
    let state = state(vm).expect("compiled code has a compiler");
    let reds = [std::ptr::from_ref(vm) as usize as u64, closure.addr(), base.addr(), extra as u64];
    match vm.owning(|| state.jit().finish_exit(exit, &reds))[..] {
        [0, count] => Ok(count as usize),
        _ => Err(Raised),
    }
}

//! Coroutines: threads of Lua, each with registers, frames and a native stack of its own.
//!
//! # How control moves
//!
//! What the machine keeps of the running thread is in its own fields; that of any other thread is in the thread's
//! `Context`. `resume` exchanges the two and switches native stacks; a yield, a return or an error switches back, and
//! `resume` exchanges them again. So natives can yield at any depth: through `pcall`, metamethods, iterators, host
//! functions.
//!
//! Values cross by `ThreadState::transfer`: the registers of one side, copied by the other before anything else runs.
//!
//! # What ends a thread
//!
//! A return or an error: then the native stack is free, but after an error the registers and frames stay, so that the
//! variables to be closed and the traceback can be had. Closing a suspended thread closes its variables on the closer's
//! stack and then unwinds the native stack: the yield that waits gives an error that nobody can catch (see
//! [`Vm::is_kill`]). A suspended thread that is collected is dropped without unwinding; what natives on its stack own
//! is lost.
//!
//! # Stacks
//!
//! Those of threads that ended are used again; a collection gives back the memory of all but a few. Their registers may
//! hold addresses of freed objects if there was a collection meanwhile: they are cleared then.

use super::hook::HookState;
use super::slots::{NativeStack, Slot, Slots};
use super::stack;
use super::{Call, Reg, Vm};
use crate::error::Raised;
use crate::heap::object::{Frame, Header, Kind, Thread};
use crate::natives::close::Pending;
use crate::value::{self, Value};
use crate::vm::invoke::frame_size;
use corosensei::{Coroutine, CoroutineResult, Yielder};
use moonshift_jitgen::mem::{Arr, Ref};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

/// Coroutines that may have resumed one another.
const MAX_NESTING: usize = 195;
/// Stacks that are kept for coroutines to come when a collection is over.
const MAX_POOLED: usize = 64;
/// What a coroutine's stacks count in the heap: pages that every one touches, and one that describes them.
const STACK_BYTES: usize = 12 * 1024;

/// Where a thread is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    Suspended,
    Running,
    /// Has resumed another.
    Normal,
    Dead,
}

/// What the machine's fields are while the thread runs.
#[derive(Clone, Copy)]
struct Context {
    frame: Arr<Frame>,
    first_frame: Arr<Frame>,
    stack: Arr<Reg>,
    register_limit: u64,
    native_limit: usize,
    frame_limit: u64,
    top: usize,
    overflowed: bool,
}

type Native = Coroutine<(), (), Result<(), Raised>, NativeStack>;

/// State of a coroutine, or of the main thread.
pub struct ThreadState {
    status: Cell<Status>,
    /// The function, until it is started.
    body: Cell<Value>,
    /// While it does not run, and has begun.
    context: Cell<Option<Context>>,
    native: Cell<Option<Box<Native>>>,
    /// What `native` runs on. Declared after it: the coroutine is dropped first.
    stacks: RefCell<Option<Slot>>,
    yielder: Cell<*const Yielder<(), ()>>,
    transfer: Cell<(Arr<Reg>, usize)>,
    /// Its variables to be closed, while it does not run.
    pending: RefCell<Vec<Pending>>,
    resumer: Cell<Option<Ref<Thread>>>,
    /// [`Threads::owners`] while it does not run.
    owners: Cell<usize>,
    /// The error it died of, until it is closed.
    error: Cell<Option<Value>>,
    /// To be unwound when it is resumed.
    killed: Cell<bool>,
    pub hook: Rc<HookState>,
    /// The collection after which its unused registers were last cleared.
    cleared: Cell<u64>,
}

impl ThreadState {
    fn new(status: Status, body: Value) -> ThreadState {
        ThreadState {
            status: Cell::new(status),
            body: Cell::new(body),
            context: Cell::new(None),
            native: Cell::default(),
            stacks: RefCell::default(),
            yielder: Cell::new(std::ptr::null()),
            transfer: Cell::new((Arr::null(), 0)),
            pending: RefCell::default(),
            resumer: Cell::new(None),
            owners: Cell::new(0),
            error: Cell::new(None),
            killed: Cell::new(false),
            hook: Rc::default(),
            cleared: Cell::new(0),
        }
    }

    pub fn status(&self) -> Status {
        self.status.get()
    }

    /// Whether it died of an error and was not closed since.
    pub fn failed(&self) -> bool {
        self.error.get().is_some()
    }
}

impl Drop for ThreadState {
    fn drop(&mut self) {
        if let Some(native) = self.native.take() {
            give_up(*native);
        }
    }
}

/// Drops a coroutine without unwinding it, if it is not over.
fn give_up(mut native: Native) {
    if !native.done() {
        // SAFETY: nothing refers to the frames on the stack, which own nothing: the thread is unreachable and need not be
        // unwound, or did not come to its end when it was; borrows of host data by natives that wait in it stay taken.
        unsafe { native.force_reset() };
    }
}

/// What the machine keeps of its threads.
#[derive(Default)]
pub struct Threads {
    current: Cell<Option<Ref<Thread>>>,
    main: Cell<Option<Ref<Thread>>>,
    nesting: Cell<usize>,
    /// Above zero while a native runs that must not be left by a yield.
    pub no_yield: Cell<usize>,
    /// Above zero while a native runs that cannot be left by a yield in the reference, though it can here:
    /// `coroutine.isyieldable` says what it says there.
    pub claims_no_yield: Cell<usize>,
    /// What waits on the running thread's native stack and may own memory: natives that called Lua, the compiler.
    owners: Cell<usize>,
    slots: Rc<Slots>,
    /// Slots that were in use, with the number of the last collection before they came here. Those that came since the
    /// last one still count in the heap.
    pool: RefCell<Vec<(Slot, u64)>>,
    /// Those with a native stack, and some that have ended since the last collection.
    begun: RefCell<Vec<Ref<Thread>>>,
    /// Those that a collection found to be suspended for ever, to be unwound.
    abandoned: RefCell<Vec<Ref<Thread>>>,
}

impl Vm {
    fn new_thread_in(&self, status: Status, body: Value) -> Ref<Thread> {
        let header: Header = self.heap.header(Kind::Thread);
        self.heap.make_sized(Thread { header, state: ThreadState::new(status, body) })
    }

    /// Makes the main thread: once, before anything runs.
    pub(super) fn make_main_thread(&self) {
        let main = self.new_thread_in(Status::Running, Value::nil());
        self.threads.main.set(Some(main));
        self.threads.current.set(Some(main));
    }

    /// A coroutine that will call `body`.
    pub fn new_thread(&self, body: Value) -> Ref<Thread> {
        self.new_thread_in(Status::Suspended, body)
    }

    /// The thread that runs.
    pub fn current_thread(&self) -> Ref<Thread> {
        self.threads.current.get().expect("made with the machine")
    }

    pub fn is_main_thread(&self, thread: Ref<Thread>) -> bool {
        self.threads.main.get() == Some(thread)
    }

    /// Whether the running code may yield.
    pub fn is_yieldable(&self) -> bool {
        !self.is_main_thread(self.current_thread())
            && self.threads.no_yield.get() == 0
            && self.threads.claims_no_yield.get() == 0
    }

    /// Whether an error is the unwinding of a closed coroutine, which nobody may catch for good.
    pub fn is_kill(&self, error: Value) -> bool {
        error.tag == value::LIGHT && error.bits == self.kill().bits
    }

    /// Goes on with the unwinding of a closed coroutine, if the running one is.
    pub fn pass_kill(&self) -> Result<(), Raised> {
        if self.current_thread().state.killed.get() { Err(self.raise(self.kill())) } else { Ok(()) }
    }

    fn kill(&self) -> Value {
        // An address that hosts cannot have for their data.
        Value::light(std::ptr::from_ref(&self.threads) as usize as u64)
    }

    /// Resumes a thread with the `nargs` values from `args` on. The values it yields or returns are copied to `to` and
    /// on; the error is the thread's own, or says why it cannot be resumed.
    pub fn resume(&self, thread: Ref<Thread>, args: Arr<Reg>, nargs: usize, to: Arr<Reg>) -> Result<usize, Value> {
        let state = &thread.state;
        let text = |text: &str| Value::string(self.new_string(text.as_bytes()));
        match state.status.get() {
            Status::Suspended => {}
            Status::Dead => return Err(text("cannot resume dead coroutine")),
            _ => return Err(text("cannot resume non-suspended coroutine")),
        }
        let nesting = self.threads.nesting.get();
        let depth = self.native_depth.get();
        if nesting >= MAX_NESTING || depth >= stack::MAX_NATIVE_CALLS || !self.has_native_room() {
            return Err(text("C stack overflow"));
        }
        if state.context.get().is_none() && !self.prepare(thread) {
            return Err(text("not enough memory"));
        }
        state.transfer.set((args, nargs));
        let mut native = state.native.take().expect("a suspended thread has one");
        let resumer = self.current_thread();
        self.threads.nesting.set(nesting + 1);
        let no_yield = self.threads.no_yield.replace(0);
        let claims_no_yield = self.threads.claims_no_yield.replace(0);
        let owners = self.threads.owners.replace(state.owners.get());
        self.switch(resumer, Status::Normal, thread);
        state.resumer.set(Some(resumer));
        let outcome = catch_unwind(AssertUnwindSafe(|| native.resume(())));
        let ended = !matches!(outcome, Ok(CoroutineResult::Yield(())));
        self.switch(thread, if ended { Status::Dead } else { Status::Suspended }, resumer);
        state.resumer.set(None);
        self.threads.no_yield.set(no_yield);
        self.threads.claims_no_yield.set(claims_no_yield);
        state.owners.set(self.threads.owners.replace(owners));
        self.threads.nesting.set(nesting);
        self.native_depth.set(depth);
        match outcome {
            Ok(CoroutineResult::Yield(())) => {
                state.native.set(Some(native));
                self.receive(state, to)
            }
            Ok(CoroutineResult::Return(Ok(()))) => {
                let count = self.receive(state, to);
                drop(native);
                self.release(thread, true);
                count
            }
            Ok(CoroutineResult::Return(Err(Raised))) => {
                let error = self.error.replace(Value::nil());
                state.error.set(Some(error));
                // The frames stay for those who ask what happened.
                drop(native);
                Err(error)
            }
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Copies what the thread left for its resumer.
    fn receive(&self, state: &ThreadState, to: Arr<Reg>) -> Result<usize, Value> {
        let (from, count) = state.transfer.get();
        if to.offset(count).addr() > self.bulk_limit() {
            return Err(Value::string(self.new_string(b"too many results to resume")));
        }
        for index in 0..count {
            to.set(index, from.get(index));
        }
        Ok(count)
    }

    /// Suspends the running thread, which hands over the native's arguments; the results are those of the next resume.
    pub fn yield_arguments(&self, call: Call) -> Result<usize, Raised> {
        let thread = self.current_thread();
        if self.is_main_thread(thread) {
            return Err(self.raise_message("attempt to yield from outside a coroutine"));
        }
        if self.threads.no_yield.get() > 0 {
            return Err(self.raise_message("attempt to yield across a C-call boundary"));
        }
        let state = &thread.state;
        state.transfer.set((call.base, call.nargs()));
        let claims_no_yield = self.threads.claims_no_yield.get();
        // SAFETY: the yielder lives on the native stack that this code runs on.
        unsafe { (*state.yielder.get()).suspend(()) };
        self.threads.claims_no_yield.set(claims_no_yield);
        self.pass_kill()?;
        let (from, count) = state.transfer.get();
        call.reserve(self, count)?;
        let slot = call.base.back(1);
        for index in 0..count {
            slot.set(index, from.get(index));
        }
        Ok(count)
    }

    /// Closes a suspended or dead thread: its variables to be closed, then its stacks. The error is that of a variable's
    /// closing, or the one the thread died of.
    pub fn close_thread(&self, thread: Ref<Thread>) -> Result<(), Value> {
        let state = &thread.state;
        debug_assert!(matches!(state.status.get(), Status::Suspended | Status::Dead));
        let mut error = state.error.take();
        let suspended = state.status.replace(Status::Dead) == Status::Suspended;
        if state.context.get().is_some() {
            error = self.close_variables_of(thread, error);
        }
        if suspended && state.context.get().is_some() {
            self.unwind(thread);
        }
        state.body.set(Value::nil());
        self.release(thread, false);
        error.map_or(Ok(()), Err)
    }

    /// Closes the variables of a thread that has begun, as that thread, but on the native stack of the running one.
    fn close_variables_of(&self, thread: Ref<Thread>, error: Option<Value>) -> Option<Value> {
        let state = &thread.state;
        if state.pending.borrow().is_empty() {
            return error;
        }
        let native_limit = self.native_limit.get();
        let context = state.context.get();
        let resumer = self.current_thread();
        self.switch(resumer, Status::Normal, thread);
        state.resumer.set(Some(resumer));
        // Its frames are gone but for the outermost; there may be as many as the native stack has room for.
        self.frame.set(self.first_frame.get());
        self.native_limit.set(native_limit);
        let levels = stack::native_position().saturating_sub(native_limit) / stack::LEVEL;
        let most = self.frame.get().offset(levels).addr();
        self.trap.set_limit(self.trap.limit().min(most));
        self.threads.no_yield.set(self.threads.no_yield.get() + 1);
        let error = crate::natives::close::close_down_to(self, 0, error);
        self.threads.no_yield.set(self.threads.no_yield.get() - 1);
        self.switch(thread, Status::Dead, resumer);
        state.context.set(context);
        state.resumer.set(None);
        error
    }

    /// Lets the natives that wait on a thread's stack return.
    fn unwind(&self, thread: Ref<Thread>) {
        let state = &thread.state;
        let Some(mut native) = state.native.take() else { return };
        if native.started() && !native.done() {
            state.killed.set(true);
            let error = self.error.get();
            let resumer = self.current_thread();
            self.switch(resumer, Status::Normal, thread);
            let outcome = catch_unwind(AssertUnwindSafe(|| native.resume(())));
            self.switch(thread, Status::Dead, resumer);
            self.error.set(error);
            if let Err(panic) = outcome {
                resume_unwind(panic);
            }
        }
        if native.done() {
            drop(native);
            self.release(thread, true);
        } else {
            state.native.set(Some(native));
        }
    }

    /// Exchanges the machine's fields.
    fn switch(&self, from: Ref<Thread>, status: Status, to: Ref<Thread>) {
        from.state.context.set(Some(Context {
            frame: self.frame.get(),
            first_frame: self.first_frame.get(),
            stack: self.stack.get(),
            register_limit: self.register_limit.get(),
            native_limit: self.native_limit.get(),
            frame_limit: self.trap.limit(),
            top: self.top.get(),
            overflowed: self.overflowed.get(),
        }));
        from.state.status.set(status);
        self.heap.note_write(Value::thread(from));
        self.heap.note_write(Value::thread(to));
        let mut pending = self.tbc.borrow_mut();
        std::mem::swap(&mut *pending, &mut *from.state.pending.borrow_mut());
        std::mem::swap(&mut *pending, &mut *to.state.pending.borrow_mut());
        let context = to.state.context.get().expect("a thread that can run has one");
        self.frame.set(context.frame);
        self.first_frame.set(context.first_frame);
        self.stack.set(context.stack);
        self.register_limit.set(context.register_limit);
        self.native_limit.set(context.native_limit);
        self.trap.set_limit(context.frame_limit);
        self.top.set(context.top);
        self.overflowed.set(context.overflowed);
        to.state.status.set(Status::Running);
        to.state.cleared.set(0);
        self.threads.current.set(Some(to));
        if from.state.hook.mask.get() | to.state.hook.mask.get() != 0 {
            self.update_watching();
        }
    }

    /// Gives a new thread its stacks; false if there is no room for them.
    fn prepare(&self, thread: Ref<Thread>) -> bool {
        let state = &thread.state;
        let pooled = self.threads.pool.borrow_mut().pop();
        let stacks = match pooled {
            Some((stacks, collection)) if collection == self.heap.control.count.get() => stacks,
            Some((stacks, _)) => {
                stacks.clear_registers(stacks.registers());
                self.heap.add_bytes(STACK_BYTES);
                stacks
            }
            None => match self.threads.slots.take() {
                Some(stacks) => {
                    self.heap.add_bytes(STACK_BYTES);
                    stacks
                }
                None => return false,
            },
        };
        let (stack, frames) = (stacks.registers(), stacks.frames());
        // The outermost frame is the resumer's: no function, no registers.
        stack.set(0, Reg::of(Value::nil()));
        frames.set(0, Frame { base: stack.offset(1), pc: 0 });
        state.context.set(Some(Context {
            frame: frames,
            first_frame: frames,
            stack,
            register_limit: stacks.register_limit(),
            native_limit: stacks.native_limit(),
            frame_limit: stacks.frame_limit(),
            top: 0,
            overflowed: false,
        }));
        let native = stacks.native();
        *state.stacks.borrow_mut() = Some(stacks);
        let vm: *const Vm = self;
        let body = move |yielder: &Yielder<(), ()>, ()| {
            // SAFETY: the machine outlives its threads, and is where it was: it is boxed.
            let vm = unsafe { &*vm };
            vm.run_body(thread, yielder)
        };
        state.native.set(Some(Box::new(Coroutine::with_stack(native, body))));
        self.threads.begun.borrow_mut().push(thread);
        true
    }

    /// The first function on a thread's native stack.
    fn run_body(&self, thread: Ref<Thread>, yielder: &Yielder<(), ()>) -> Result<(), Raised> {
        let state = &thread.state;
        state.yielder.set(yielder);
        let (from, count) = state.transfer.get();
        let slot = self.scratch();
        if slot.offset(count + 1).addr() > self.bulk_limit() {
            return Err(self.raise_message("stack overflow"));
        }
        slot.set(0, Reg::of(state.body.replace(Value::nil())));
        for index in 0..count {
            slot.set(index + 1, from.get(index));
        }
        let count = self.call_at(slot, count)?;
        state.transfer.set((slot, count));
        Ok(())
    }

    /// Takes a thread's stacks back; those that nothing is left on wait for the next coroutine, or collection.
    fn release(&self, thread: Ref<Thread>, clean: bool) {
        let state = &thread.state;
        state.context.set(None);
        // What still waits on the native stack is given up before it.
        if let Some(native) = state.native.take() {
            give_up(*native);
        }
        let Some(stacks) = state.stacks.borrow_mut().take() else { return };
        if clean {
            self.threads.pool.borrow_mut().push((stacks, self.heap.control.count.get()));
        } else {
            self.heap.sub_bytes(STACK_BYTES);
        }
    }

    /// Gives the memory of most stacks back that no coroutine has: at every collection, before it is counted.
    pub(crate) fn trim_stacks(&self) {
        let mut pool = self.threads.pool.borrow_mut();
        let count = self.heap.control.count.get();
        let booked = pool.iter().filter(|&&(_, collection)| collection == count).count();
        self.heap.sub_bytes(booked * STACK_BYTES);
        pool.truncate(MAX_POOLED);
    }

    /// Books that the stacks of a thread that is freed go with it.
    pub(crate) fn book_stacks_freed(&self, thread: Ref<Thread>) {
        if thread.state.stacks.borrow().is_some() {
            self.heap.sub_bytes(STACK_BYTES);
        }
    }

    /// Runs `look` with the frames of another thread in place of the running one's, as far as it has any.
    pub fn with_frames_of<R>(&self, thread: Ref<Thread>, look: impl FnOnce() -> R) -> Option<R> {
        if thread == self.current_thread() {
            return Some(look());
        }
        let context = thread.state.context.get()?;
        let (frame, first_frame) = (self.frame.get(), self.first_frame.get());
        self.frame.set(context.frame);
        self.first_frame.set(context.first_frame);
        let result = look();
        self.frame.set(frame);
        self.first_frame.set(first_frame);
        Some(result)
    }

    /// Shows the collector what a thread refers to.
    pub(crate) fn visit_thread(&self, thread: Ref<Thread>, visit: &mut dyn FnMut(Value)) {
        let state = &thread.state;
        visit(state.body.get());
        visit(state.hook.function.get());
        visit(state.error.get().unwrap_or(Value::nil()));
        if let Some(resumer) = state.resumer.get() {
            visit(Value::thread(resumer));
        }
        // The running thread's registers are roots.
        let Some(context) = state.context.get().filter(|_| thread != self.current_thread()) else { return };
        let frame = context.frame.get(0);
        let end = frame.base.offset(frame_size(frame));
        let count = self.heap.control.count.get();
        if state.cleared.replace(count + 1) == 0 {
            match &*state.stacks.borrow() {
                Some(stacks) => stacks.clear_registers(end),
                None => self.clear_main_registers(end),
            }
        }
        let mut at = context.stack;
        while at.addr() < end.addr() {
            visit(at.get(0).value());
            at = at.offset(1);
        }
    }

    /// Shows the collector the threads that are alive because they run, or wait for one that does.
    pub(crate) fn visit_threads(&self, visit: &mut dyn FnMut(Value)) {
        for thread in [self.threads.current.get(), self.threads.main.get()].into_iter().flatten() {
            visit(Value::thread(thread));
        }
        for &thread in self.threads.abandoned.borrow().iter() {
            visit(Value::thread(thread));
        }
    }

    /// Does something that may own memory while it waits for Lua code.
    pub(crate) fn owning<R>(&self, f: impl FnOnce() -> R) -> R {
        let owners = self.threads.owners.get();
        self.threads.owners.set(owners + 1);
        let result = f();
        self.threads.owners.set(owners);
        result
    }

    /// Once everything is marked that is reached: puts suspended threads aside that are not, if something on their native
    /// stacks may own memory: it is let return before they are freed. The first call on a native stack owns nothing.
    pub(crate) fn separate_abandoned(&self, is_marked: &dyn Fn(Value) -> bool) {
        let mut abandoned = self.threads.abandoned.borrow_mut();
        self.threads.begun.borrow_mut().retain(|&thread| {
            let alive = is_marked(Value::thread(thread));
            let ended = thread.state.status.get() == Status::Dead;
            if !alive && !ended && thread.state.owners.get() > 1 {
                abandoned.push(thread);
            }
            alive && !ended
        });
    }

    /// Unwinds what [`Vm::separate_abandoned`] has put aside; whether there was any.
    pub(crate) fn unwind_abandoned(&self) -> bool {
        let mut any = false;
        loop {
            let next = self.threads.abandoned.borrow_mut().pop();
            let Some(thread) = next else { return any };
            any = true;
            let state = &thread.state;
            if state.status.replace(Status::Dead) == Status::Suspended {
                // Nobody closes the variables of a thread that is collected.
                state.pending.borrow_mut().clear();
                self.unwind(thread);
                self.release(thread, false);
            }
        }
    }

    /// Sets all registers of the running thread from `end` on to nil.
    pub(crate) fn clear_registers(&self, end: Arr<Reg>) {
        match &*self.current_thread().state.stacks.borrow() {
            Some(stacks) => stacks.clear_registers(end),
            None => self.clear_main_registers(end),
        }
    }
}

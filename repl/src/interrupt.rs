//! Ctrl-C while a script runs: an error in the script, that says "interrupted!". A second one, before the script has
//! come to notice the first, ends the program, and so does one while nothing runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use moonshift::vm::trap::Trap;

/// The exit status of a program that an interrupt has ended, as shells have it.
const STATUS: i32 = 130;

const IDLE: u8 = 0;
const RUNNING: u8 = 1;
const ASKED: u8 = 2;

/// What is going on, as the handler sees it.
#[derive(Clone)]
pub struct Interrupts(Arc<AtomicU8>);

impl Interrupts {
    /// Interrupts go to the machine of this trap. Where they cannot be caught they end the program, as ever.
    pub fn new(trap: Arc<Trap>) -> Interrupts {
        let state = Arc::new(AtomicU8::new(IDLE));
        let shared = state.clone();
        let _ = ctrlc::set_handler(move || {
            match shared.compare_exchange(RUNNING, ASKED, Ordering::SeqCst, Ordering::SeqCst) {
                Ok(_) => trap.request(Trap::INTERRUPT),
                Err(_) => std::process::exit(STATUS),
            }
        });
        Interrupts(state)
    }

    /// Runs a part of the script.
    pub fn running<R>(&self, run: impl FnOnce() -> R) -> R {
        let before = self.0.swap(RUNNING, Ordering::SeqCst);
        let result = run();
        self.0.store(before, Ordering::SeqCst);
        result
    }
}

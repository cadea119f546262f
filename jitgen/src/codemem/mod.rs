//! Executable memory, reclaimed unit by unit.
//!
//! # Invariants
//!
//! Memory is writable or executable, never both, and changes only from the first to the second: code is complete,
//! relocations included, before it can run. Each piece of code has pages of its own, so making a new one executable
//! touches no page that another thread may be running, and giving one back unmaps it. Code is never patched; what
//! must change later goes through cells that the code loads.

use memmap2::{Mmap, MmapMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const PAGE: usize = 4096;
const CODE_ALIGNMENT: usize = 64;

/// Why code could not be placed.
#[derive(Debug)]
pub enum CodeMemoryError {
    /// The limit given to [`CodeMemory::new`] would be exceeded.
    Limit {
        limit: usize,
        in_use: usize,
        wanted: usize,
    },
    System(std::io::Error),
}

impl std::fmt::Display for CodeMemoryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CodeMemoryError::Limit { limit, in_use, wanted } => {
                write!(f, "code memory is limited to {limit} bytes: {in_use} in use, {wanted} wanted")
            }
            CodeMemoryError::System(error) => write!(f, "code memory: {error}"),
        }
    }
}

impl std::error::Error for CodeMemoryError {}

/// Where code is placed. Clones share one account.
#[derive(Clone, Debug)]
pub struct CodeMemory {
    in_use: Arc<AtomicUsize>,
    placed: Arc<AtomicUsize>,
    limit: usize,
}

impl CodeMemory {
    /// At most `limit` bytes of pages at a time.
    pub fn new(limit: usize) -> CodeMemory {
        CodeMemory { in_use: Arc::default(), placed: Arc::default(), limit }
    }

    /// Bytes of pages in use.
    pub fn in_use(&self) -> usize {
        self.in_use.load(Ordering::Relaxed)
    }

    /// Copies code into executable memory. `relocate` finishes it: it gets the writable copy and its final address.
    pub fn place(&self, code: &[u8], relocate: impl FnOnce(&mut [u8], usize)) -> Result<CodeBlock, CodeMemoryError> {
        let pages = code.len().max(1).next_multiple_of(PAGE);
        let before = self.in_use.fetch_add(pages, Ordering::Relaxed);
        let account = Account { in_use: self.in_use.clone(), pages };
        if before + pages > self.limit {
            return Err(CodeMemoryError::Limit { limit: self.limit, in_use: before, wanted: pages });
        }
        let mut map = MmapMut::map_anon(pages).map_err(CodeMemoryError::System)?;
        // Entries at one offset in every page would share few sets of the instruction cache.
        let slack = pages - code.len();
        let turn = self.placed.fetch_add(1, Ordering::Relaxed);
        let start = (turn * 5 * CODE_ALIGNMENT) % (slack + 1) / CODE_ALIGNMENT * CODE_ALIGNMENT;
        let address = map.as_ptr() as usize + start;
        let place = &mut map[start..start + code.len()];
        place.copy_from_slice(code);
        relocate(place, address);
        let map = map.make_exec().map_err(CodeMemoryError::System)?;
        synchronize(&map);
        Ok(CodeBlock { map, start, len: code.len(), _account: account })
    }
}

/// Makes the instructions written visible to instruction fetch.
#[cfg(any(target_arch = "x86_64", target_arch = "x86"))]
fn synchronize(_: &Mmap) {}

/// Makes the instructions written visible to instruction fetch.
#[cfg(not(any(target_arch = "x86_64", target_arch = "x86")))]
fn synchronize(map: &Mmap) {
    use wasmtime_internal_jit_icache_coherence::{clear_cache, pipeline_flush_mt};
    // SAFETY: the range is that of a live mapping.
    unsafe { clear_cache(map.as_ptr().cast(), map.len()) }.expect("the instruction cache can be cleared");
    pipeline_flush_mt().expect("the pipeline can be flushed");
}

/// Pages counted as in use while this lives.
#[derive(Debug)]
struct Account {
    in_use: Arc<AtomicUsize>,
    pages: usize,
}

impl Drop for Account {
    fn drop(&mut self) {
        self.in_use.fetch_sub(self.pages, Ordering::Relaxed);
    }
}

/// A piece of executable code. Dropping it unmaps it: the owner sees to it that nobody runs it then.
#[derive(Debug)]
pub struct CodeBlock {
    map: Mmap,
    start: usize,
    len: usize,
    _account: Account,
}

impl CodeBlock {
    /// Address of the first instruction.
    pub fn entry(&self) -> *const u8 {
        self.bytes().as_ptr()
    }

    pub fn bytes(&self) -> &[u8] {
        &self.map[self.start..self.start + self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_and_limits() {
        let memory = CodeMemory::new(3 * PAGE);
        let first = memory.place(&[0; 100], |_, _| ()).expect("fits");
        let second = memory.place(&[1; PAGE + 1], |code, _| code[0] = 7).expect("fits");
        assert_eq!(memory.in_use(), 3 * PAGE);
        assert_eq!(second.bytes()[..2], [7, 1]);
        assert!(matches!(memory.place(&[0], |_, _| ()), Err(CodeMemoryError::Limit { .. })));
        drop(second);
        assert_eq!(memory.in_use(), PAGE);
        let third = memory.place(&[2; 10], |_, _| ()).expect("fits again");
        assert_ne!(first.entry(), third.entry());
        assert_eq!(third.entry() as usize % CODE_ALIGNMENT, 0);
    }

    #[test]
    #[cfg(all(target_arch = "x86_64", unix))]
    fn runs() {
        // mov eax, edi; add eax, 1; ret
        let code = [0x89, 0xf8, 0x83, 0xc0, 0x01, 0xc3];
        let memory = CodeMemory::new(1 << 20);
        let blocks: Vec<CodeBlock> = (0..20).map(|_| memory.place(&code, |_, _| ()).expect("fits")).collect();
        for block in &blocks {
            // SAFETY: the code is a function of one integer that touches no memory.
            let function: extern "C" fn(u32) -> u32 = unsafe { std::mem::transmute(block.entry()) };
            assert_eq!(function(41), 42);
        }
    }
}

//! Buffered streams: what C's `FILE` does for the reference.
//!
//! A stream has a buffer for each direction, of which at most one is in use: reading writes out what waits, and writing
//! drops what was read ahead and steps back to the position the script sees.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::process::{Child, ExitStatus};

const BUFFER: usize = 32 * 1024;

/// Where the bytes come from or go to.
pub(super) enum Device {
    Input,
    Output,
    Error,
    Disk {
        file: std::fs::File,
        writable: bool,
    },
    Process(Box<Child>),
    /// Something the host gave for the standard output.
    Host(Box<dyn Write>),
}

/// When written bytes leave the buffer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Buffering {
    None,
    Line,
    Full,
}

/// An open stream.
pub(super) struct Stream {
    device: Device,
    ahead: Vec<u8>,
    /// What of `ahead` was read.
    consumed: usize,
    waiting: Vec<u8>,
    pub(super) buffering: Buffering,
}

impl Stream {
    pub(super) fn new(device: Device, buffering: Buffering) -> Self {
        Stream { device, ahead: Vec::new(), consumed: 0, waiting: Vec::new(), buffering }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.is_writable() {
            return if bytes.is_empty() { Ok(()) } else { Err(bad_descriptor()) };
        }
        if self.consumed < self.ahead.len() {
            self.forget_ahead()?;
        }
        self.waiting.extend_from_slice(bytes);
        let ready = match self.buffering {
            Buffering::None => true,
            Buffering::Line => memchr::memchr(b'\n', bytes).is_some(),
            Buffering::Full => false,
        };
        if ready || self.waiting.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    fn is_writable(&self) -> bool {
        match &self.device {
            Device::Input => false,
            Device::Disk { writable, .. } => *writable,
            Device::Process(child) => child.stdin.is_some(),
            Device::Output | Device::Error | Device::Host(_) => true,
        }
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let outcome = match &mut self.device {
            Device::Input => Err(bad_descriptor()),
            Device::Output => {
                let mut out = io::stdout().lock();
                out.write_all(&self.waiting).and_then(|()| out.flush())
            }
            Device::Error => io::stderr().write_all(&self.waiting),
            Device::Disk { file, .. } => file.write_all(&self.waiting),
            Device::Process(child) => match &mut child.stdin {
                Some(pipe) => pipe.write_all(&self.waiting),
                None => Err(bad_descriptor()),
            },
            Device::Host(host) => host.write_all(&self.waiting).and_then(|()| host.flush()),
        };
        self.waiting.clear();
        outcome
    }

    /// The bytes read ahead; empty at the end of the stream only.
    pub(super) fn fill(&mut self) -> io::Result<&[u8]> {
        if self.consumed == self.ahead.len() {
            self.flush()?;
            self.ahead.resize(BUFFER, 0);
            self.consumed = 0;
            let outcome = match &mut self.device {
                Device::Input => io::stdin().lock().read(&mut self.ahead),
                Device::Disk { file, .. } => file.read(&mut self.ahead),
                Device::Process(child) => match &mut child.stdout {
                    Some(pipe) => pipe.read(&mut self.ahead),
                    None => Err(bad_descriptor()),
                },
                Device::Output | Device::Error | Device::Host(_) => Err(bad_descriptor()),
            };
            self.ahead.truncate(*outcome.as_ref().unwrap_or(&0));
            outcome?;
        }
        Ok(&self.ahead[self.consumed..])
    }

    /// Marks bytes that `fill` showed as read.
    pub(super) fn consume(&mut self, count: usize) {
        self.consumed += count;
    }

    /// The next byte, which stays unread.
    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.fill()?.first().copied())
    }

    pub(super) fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.flush()?;
        self.forget_ahead()?;
        match &mut self.device {
            Device::Disk { file, .. } => file.seek(to),
            _ => Err(io::Error::from_raw_os_error(libc::ESPIPE)),
        }
    }

    /// Writes out what waits and ends a process, whose status is the result.
    pub(super) fn close(mut self) -> io::Result<Option<ExitStatus>> {
        let flushed = self.flush();
        if let Device::Process(child) = &mut self.device {
            drop(child.stdin.take());
            return child.wait().map(Some);
        }
        flushed.map(|()| None)
    }

    fn forget_ahead(&mut self) -> io::Result<()> {
        let unread = (self.ahead.len() - self.consumed) as i64;
        self.ahead.clear();
        self.consumed = 0;
        match &mut self.device {
            Device::Disk { file, .. } if unread > 0 => file.seek(SeekFrom::Current(-unread)).map(drop),
            _ => Ok(()),
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // Nobody is left to be told of a failure.
        let _ = self.flush();
    }
}

fn bad_descriptor() -> io::Error {
    io::Error::from_raw_os_error(libc::EBADF)
}

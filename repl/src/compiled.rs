//! What the command line asks to be shown of the compiler's work, at the end of the program.

use std::cell::RefCell;
use std::ffi::OsString;

use moonshift::jit;
use moonshift::vm::Vm;

use crate::options::{Dump, Options, StatsFormat};
use crate::report;

/// What is to be shown.
pub struct Compiled {
    dump: Vec<Dump>,
    stats: Option<StatsFormat>,
    /// The file of the page about the compiled units.
    view: Option<OsString>,
    /// Names and texts of what was loaded, for the page.
    loaded: RefCell<Vec<(String, String)>>,
}

impl Compiled {
    pub fn new(options: &Options) -> Compiled {
        Compiled {
            dump: options.dump.clone(),
            stats: options.stats,
            view: options.view.clone(),
            loaded: RefCell::default(),
        }
    }

    /// A chunk is loaded.
    pub fn note_loaded(&self, name: &[u8], text: &[u8]) {
        if self.view.is_some() {
            let text_of = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            self.loaded.borrow_mut().push((text_of(name), text_of(text)));
        }
    }

    /// Shows it, also when the script ends the program.
    pub fn show(&self, vm: &Vm) {
        for dump in &self.dump {
            let what = match dump {
                Dump::Residual => jit::Dump::Residual,
                Dump::Clif => jit::Dump::Clif,
                Dump::Asm => jit::Dump::Asm,
                // Shown instead of a run.
                Dump::Bytecode | Dump::Graph => continue,
            };
            eprint!("{}", jit::dump(vm, what));
        }
        match self.stats {
            None => {}
            Some(StatsFormat::Text) => eprint!("{}", jit::stats(vm)),
            Some(StatsFormat::Json) => eprint!("{}", jit::stats_json(vm)),
        }
        if let Some(file) = &self.view
            && let Err(error) = std::fs::write(file, self.page(vm))
        {
            report::message(format!("cannot write {}: {error}", file.display()).as_bytes());
        }
    }

    fn page(&self, vm: &Vm) -> String {
        let loaded = self.loaded.borrow();
        let title = loaded.first().map_or("units", |(name, _)| name.trim_start_matches(['@', '=']));
        let source: String = loaded.iter().map(|(_, text)| text.as_str()).collect();
        let page = jit::page(vm, title, (!loaded.is_empty()).then_some(source.as_str()));
        page.unwrap_or_else(|| "<!DOCTYPE html>\n<p>The compiler is off.</p>\n".into())
    }
}

//! Graphs as text, for people and for tests.
//!
//! ```text
//! fn clamp -> (i64):
//! block0(x#0: i64):
//!     v1 = slt x#0, 0i64
//!     branch v1, block1, block2(x#0)
//! ```
//!
//! Fields and functions have names when the module is given, numbers otherwise.

use super::{Arg, Block, BlockId, FieldId, FuncId, FuncKind, Graph, Inst, Link, Module, Op, Term, Ty, VarId};

/// The text of a graph, blocks in the order of their numbers.
pub fn print_graph(graph: &Graph, module: Option<&Module>) -> String {
    let mut printer = Printer::new(graph, module, None);
    printer.header();
    for index in 0..graph.blocks.len() {
        printer.block(BlockId(index as u32));
    }
    printer.out
}

/// The text of all functions of a module: graphs in full, residual functions as their signatures.
pub fn print_module(module: &Module) -> String {
    let mut out = String::new();
    for func in &module.funcs {
        match &func.kind {
            FuncKind::Graph(graph) => out.push_str(&print_graph(graph, Some(module))),
            FuncKind::Residual => {
                let params: Vec<String> =
                    func.params.iter().map(|(name, ty)| format!("{name}: {}", ty.name())).collect();
                let mark = if func.elidable { "elidable" } else { "residual" };
                out.push_str(&format!("{mark} fn {}({}) -> {}\n", func.name, params.join(", "), tuple(&func.results)));
            }
        }
        out.push('\n');
    }
    out
}

fn tuple(types: &[Ty]) -> String {
    let names: Vec<&str> = types.iter().map(|ty| ty.name()).collect();
    format!("({})", names.join(", "))
}

/// How variables are coloured, by the name of a colour.
pub(crate) type Color<'a> = &'a dyn Fn(VarId) -> Option<&'static str>;

/// How coloured text is written: what stands around a variable and its colour, and what stands for characters.
#[derive(Copy, Clone)]
pub(crate) struct Markup {
    /// Before the colour, and between it and the variable.
    pub open: [&'static str; 2],
    pub close: &'static str,
    pub newline: &'static str,
    pub space: &'static str,
    /// Characters of XML are escaped.
    pub escape: bool,
}

impl Markup {
    /// Labels of dot.
    pub const DOT: Markup = Markup {
        open: ["<font color=\"", "\">"],
        close: "</font>",
        newline: "<br align=\"left\"/>",
        space: "&#160;",
        escape: true,
    };
    /// Texts of SVG, line by line.
    pub const SVG: Markup =
        Markup { open: ["<tspan fill=\"", "\">"], close: "</tspan>", newline: "\n", space: "&#160;", escape: true };
    /// Plain text in which the colour stands before the variable: `green:pc#1`.
    pub const PREFIX: Markup = Markup { open: ["", ":"], close: "", newline: "\n", space: " ", escape: false };
}

/// The text of a graph with colours.
pub(crate) fn print_colored(graph: &Graph, module: Option<&Module>, color: Color<'_>, markup: Markup) -> String {
    let mut printer = Printer::with(graph, module, Some(color), markup);
    printer.header();
    for index in 0..graph.blocks.len() {
        printer.block(BlockId(index as u32));
    }
    printer.out
}

/// Writes parts of one graph, either as plain text or, with a colouring, as coloured text.
pub(crate) struct Printer<'a> {
    graph: &'a Graph,
    module: Option<&'a Module>,
    color: Option<Color<'a>>,
    markup: Markup,
    pub(crate) out: String,
}

impl<'a> Printer<'a> {
    pub(super) fn new(graph: &'a Graph, module: Option<&'a Module>, color: Option<Color<'a>>) -> Printer<'a> {
        Printer::with(graph, module, color, Markup::DOT)
    }

    pub(crate) fn with(
        graph: &'a Graph,
        module: Option<&'a Module>,
        color: Option<Color<'a>>,
        markup: Markup,
    ) -> Printer<'a> {
        Printer { graph, module, color, markup, out: String::new() }
    }

    pub(crate) fn header(&mut self) {
        let header = format!("fn {} -> {}:", self.graph.name, tuple(&self.graph.results));
        self.text(&header);
        self.newline();
    }

    pub(crate) fn block(&mut self, id: BlockId) {
        let block = &self.graph.blocks[id.index()];
        self.block_head(id, block);
        for inst in &block.insts {
            self.text("    ");
            self.inst(inst);
            self.newline();
        }
        self.text("    ");
        self.term(&block.term);
        self.newline();
    }

    fn block_head(&mut self, id: BlockId, block: &Block) {
        self.text(&format!("block{}", id.0));
        if !block.params.is_empty() {
            self.text("(");
            for (index, &param) in block.params.iter().enumerate() {
                self.comma(index);
                self.var(param);
                let ty = self.graph.vars[param.index()].ty;
                self.text(": ");
                self.text(ty.name());
            }
            self.text(")");
        }
        self.text(if block.cold { ": cold" } else { ":" });
        self.newline();
    }

    fn inst(&mut self, inst: &Inst) {
        for (index, &result) in inst.results.iter().enumerate() {
            self.comma(index);
            self.var(result);
        }
        if !inst.results.is_empty() {
            self.text(" = ");
        }
        self.text(inst.op.name());
        match inst.op {
            Op::Conv(_, ty) => self.text(&format!(".{}", ty.name())),
            Op::Load(id) | Op::Store(id) | Op::LoadItem(id) | Op::StoreItem(id) | Op::PtrAdd(id) | Op::Interior(id) => {
                let name = self.field(id);
                self.text(&format!(" {name}:"));
            }
            Op::Call(id) => {
                let name = self.func(id);
                self.text(&format!(" {name}"));
                return self.list(&inst.args);
            }
            Op::CallIndirect(sig) | Op::CallUnit(sig) | Op::CallEntry(sig) => {
                self.text(&format!(" sig{} ", sig.0));
                if let Some((&target, rest)) = inst.args.split_first() {
                    self.arg(target);
                    self.list(rest);
                }
                return;
            }
            _ => {}
        }
        if !inst.args.is_empty() {
            self.text(" ");
            self.args(&inst.args);
        }
    }

    pub(super) fn term(&mut self, term: &Term) {
        match term {
            Term::Jump(link) => {
                self.text("jump ");
                self.link(link);
            }
            Term::Branch { cond, then_to, else_to } => {
                self.text("branch ");
                self.arg(*cond);
                self.text(", ");
                self.link(then_to);
                self.text(", ");
                self.link(else_to);
            }
            Term::Switch { value, cases, default } => {
                self.text("switch ");
                self.arg(*value);
                self.text(" { ");
                let ty = self.graph.ty(*value);
                for (bits, link) in cases {
                    self.text(&format!("{}: ", super::Const::new(ty, *bits)));
                    self.link(link);
                    self.text(", ");
                }
                self.text("default: ");
                self.link(default);
                self.text(" }");
            }
            Term::Return(args) => {
                self.text(if args.is_empty() { "return" } else { "return " });
                self.args(args);
            }
            Term::Exit { id, args } => {
                self.text(&format!("exit {id}"));
                self.list(args);
            }
            Term::Unreachable => self.text("unreachable"),
        }
    }

    fn link(&mut self, link: &Link) {
        self.text(&format!("block{}", link.block.0));
        if !link.args.is_empty() {
            self.list(&link.args);
        }
    }

    fn list(&mut self, args: &[Arg]) {
        self.text("(");
        self.args(args);
        self.text(")");
    }

    fn args(&mut self, args: &[Arg]) {
        for (index, &arg) in args.iter().enumerate() {
            self.comma(index);
            self.arg(arg);
        }
    }

    fn arg(&mut self, arg: Arg) {
        match arg {
            Arg::Var(var) => self.var(var),
            Arg::Const(value) => self.text(&value.to_string()),
        }
    }

    fn var(&mut self, var: VarId) {
        // The verifier prints broken graphs too: a number out of range is shown, not a panic.
        let name = if var.index() < self.graph.vars.len() {
            Module::var_name(self.graph, var)
        } else {
            format!("undeclared{}", var.0)
        };
        match self.color.and_then(|color| color(var)) {
            Some(color) => {
                let Markup { open: [before, between], close, .. } = self.markup;
                self.out.push_str(&format!("{before}{color}{between}"));
                self.text(&name);
                self.out.push_str(close);
            }
            None => self.text(&name),
        }
    }

    fn field(&self, id: FieldId) -> String {
        match self.module.and_then(|module| module.fields.get(id.index())) {
            Some(field) => field.name.clone(),
            None => format!("field{}", id.0),
        }
    }

    fn func(&self, id: FuncId) -> String {
        match self.module.and_then(|module| module.funcs.get(id.index())) {
            Some(func) => func.name.clone(),
            None => format!("func{}", id.0),
        }
    }

    fn comma(&mut self, index: usize) {
        if index > 0 {
            self.text(", ");
        }
    }

    fn newline(&mut self) {
        self.out.push_str(if self.color.is_some() { self.markup.newline } else { "\n" });
    }

    fn text(&mut self, text: &str) {
        if self.color.is_none() || !self.markup.escape {
            return self.out.push_str(text);
        }
        for c in text.chars() {
            match c {
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '&' => self.out.push_str("&amp;"),
                ' ' => self.out.push_str(self.markup.space),
                _ => self.out.push(c),
            }
        }
    }
}

/// One operation as text, for messages.
pub(crate) fn print_inst(graph: &Graph, module: Option<&Module>, inst: &Inst) -> String {
    let mut printer = Printer::new(graph, module, None);
    printer.inst(inst);
    printer.out
}

/// A terminator as text, for messages.
pub(super) fn print_term(graph: &Graph, module: Option<&Module>, term: &Term) -> String {
    let mut printer = Printer::new(graph, module, None);
    printer.term(term);
    printer.out
}

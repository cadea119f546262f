//! Puts a module together: numbers what is used, resolves effects and portals.

use super::containers::{Containers, is_handle};
use super::diag::{Errors, Pos};
use super::items::{FnId, Program};
use super::lower::Context;
use super::marks::{Effect, Name, PortalMark};
use super::types::Type;
use super::{Options, Source, Translation, natives};
use crate::flow::{
    AliasClass, Arg, Container, Effects, Enters, Field, FieldId, FuncId, FuncInfo, FuncKind, Graph, Init, LiveHint,
    Module, Op, Portal, SigId, Signature, Touched, Ty, VarId, WritesFrom,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The portals, and the functions asked for.
pub fn roots(program: &Program, options: &Options, errors: &Errors) -> Vec<FnId> {
    let mut roots: Vec<FnId> = (0..program.fns.len()).filter(|&id| program.fns[id].marks.portal.is_some()).collect();
    for name in &options.roots {
        let found: Vec<FnId> = (0..program.fns.len()).filter(|&id| program.fns[id].name == *name).collect();
        match found[..] {
            [id] => roots.push(id),
            [] => errors.add(Pos::default(), format!("there is no function `{name}` to translate")),
            _ => errors.add(program.fns[found[1]].pos, format!("several functions are named `{name}`")),
        }
    }
    roots
}

pub fn link(context: &Context, sources: &[Source], roots: &[FnId], graphs: BTreeMap<u32, Graph>) -> Translation {
    let program = context.program;
    let mut linker = Linker { context, graphs, ..Linker::new(context) };
    linker.collect(roots);
    linker.merge_classes();
    let mut module = Module { files: sources.iter().map(|source| source.path.clone()).collect(), ..Module::default() };
    linker.link_fields(&mut module);
    let mut wrappers = vec![];
    for id in linker.used.clone() {
        let info = linker.function(id, &module);
        let native = program.fns[id].marks.needs_wrapper().then_some(wrappers.len() as u32);
        if native.is_some() {
            match natives::wrapper(program, id, wrappers.len()) {
                Ok(wrapper) => wrappers.push(wrapper),
                Err(message) => context.errors.add(program.fns[id].pos, message),
            }
        }
        module.funcs.push(FuncInfo { native, ..info });
    }
    linker.portals(&mut module);
    linker.signatures(&mut module);
    Translation { module, wrappers }
}

struct Linker<'c> {
    context: &'c Context<'c>,
    graphs: BTreeMap<u32, Graph>,
    /// Functions of the program that the module has, in the order of the source.
    used: BTreeSet<FnId>,
    func_ids: HashMap<FnId, FuncId>,
    used_fields: BTreeSet<FieldId>,
    field_ids: HashMap<FieldId, FieldId>,
    used_sigs: BTreeSet<SigId>,
    sig_ids: HashMap<SigId, SigId>,
    /// Which field of the layout stands for the class of each.
    class_of: Vec<usize>,
}

impl<'c> Linker<'c> {
    fn new(context: &'c Context) -> Self {
        Linker {
            context,
            graphs: BTreeMap::new(),
            used: BTreeSet::new(),
            func_ids: HashMap::new(),
            used_fields: BTreeSet::new(),
            field_ids: HashMap::new(),
            used_sigs: BTreeSet::new(),
            sig_ids: HashMap::new(),
            class_of: vec![],
        }
    }

    /// Finds what the roots reach, after inlining.
    fn collect(&mut self, roots: &[FnId]) {
        let mut work = roots.to_vec();
        while let Some(id) = work.pop() {
            if !self.used.insert(id) {
                continue;
            }
            let marks = &self.context.program.fns[id].marks;
            work.extend(marks.portal.as_ref().and_then(|mark| self.live_function(mark)));
            work.extend(self.containers().family(id));
            let Some(graph) = self.graphs.get(&(id as u32)) else { continue };
            for inst in graph.blocks.iter().flat_map(|block| &block.insts) {
                match inst.op {
                    Op::Call(id) => work.push(id.index()),
                    Op::CallIndirect(sig) => {
                        self.used_sigs.insert(sig);
                        work.push(self.context.signatures.borrow()[sig.index()]);
                    }
                    Op::Load(field)
                    | Op::Store(field)
                    | Op::LoadItem(field)
                    | Op::StoreItem(field)
                    | Op::PtrAdd(field)
                    | Op::Interior(field) => {
                        self.used_fields.insert(field);
                    }
                    _ => {}
                }
            }
        }
        self.func_ids = self.used.iter().enumerate().map(|(index, &id)| (id, FuncId(index as u32))).collect();
        self.field_ids = self.used_fields.iter().enumerate().map(|(new, &old)| (old, FieldId(new as u32))).collect();
        self.sig_ids = self.used_sigs.iter().enumerate().map(|(new, &old)| (old, SigId(new as u32))).collect();
    }

    /// The function of `live(function, window)`.
    fn live_function(&self, mark: &PortalMark) -> Option<FnId> {
        let (name, _) = &mark.live.as_ref()?.0;
        self.context.program.fns.iter().position(|def| def.name == *name)
    }

    /// A structure held by value and reached by its address has its fields under two names: one class for both.
    fn merge_classes(&mut self) {
        let layout = self.context.layout.borrow();
        self.class_of = (0..layout.fields.len()).collect();
        for interior in &layout.interiors {
            for (index, field) in layout.fields.iter().enumerate() {
                let Some(rest) = field.name.strip_prefix(&interior.outer).filter(|rest| rest.starts_with('.')) else {
                    continue;
                };
                let twin = format!("{}{rest}", interior.inner);
                if let Some(twin) = layout.fields.iter().position(|field| field.name == twin) {
                    let (from, to) = (self.class_of[index], self.class_of[twin]);
                    self.class_of.iter_mut().filter(|class| **class == from).for_each(|class| *class = to);
                }
            }
        }
    }

    fn link_fields(&mut self, module: &mut Module) {
        let layout = self.context.layout.borrow();
        let mut classes: BTreeMap<usize, AliasClass> = BTreeMap::new();
        for &old in &self.used_fields {
            let field = &layout.fields[old.index()];
            let class = *classes.entry(self.class_of[old.index()]).or_insert_with(|| {
                module.classes.push(field.name.clone());
                AliasClass(module.classes.len() as u32 - 1)
            });
            module.fields.push(Field { class, ..field.clone() });
        }
    }

    fn function(&mut self, id: FnId, module: &Module) -> FuncInfo {
        let program = self.context.program;
        let def = &program.fns[id];
        let mut params = vec![];
        for param in &def.params {
            match program.flatten(&param.ty) {
                Ok(parts) => {
                    params.extend(parts.into_iter().map(|part| (format!("{}{}", param.name, part.name), part.ty)))
                }
                Err(message) => self.context.errors.add(def.pos, format!("parameter `{}`: {message}", param.name)),
            }
        }
        let results = program.flatten(&def.ret).unwrap_or_else(|message| {
            self.context.errors.add(def.pos, format!("result: {message}"));
            vec![]
        });
        let graph = self.graphs.remove(&(id as u32)).filter(|_| !def.marks.is_opaque());
        let kind = match graph {
            Some(graph) => FuncKind::Graph(self.renumber(graph)),
            None => FuncKind::Residual,
        };
        let effects = match &def.marks.residual {
            Some(Some(effects)) => self.effects(id, effects, module),
            None if def.marks.elidable || def.marks.allocates.is_some() => Effects::pure(),
            // Containers do not run the user program.
            None if def.marks.oopspec.is_some() => Effects { collects: false, calls: false, ..Effects::strongest() },
            _ => Effects::strongest(),
        };
        let results: Vec<Ty> = results.into_iter().map(|part| part.ty).collect();
        let container = self.container(id, &effects, &results);
        FuncInfo {
            name: def.name.clone(),
            path: def.path.clone(),
            params,
            results,
            kind,
            effects,
            elidable: def.marks.elidable,
            never_inline: def.marks.never_inline,
            unroll: def.marks.unroll,
            container,
            native: None,
        }
    }

    fn containers(&self) -> Containers<'c> {
        Containers { program: self.context.program, errors: self.context.errors }
    }

    /// What a function means for the container it makes or works on. Fields that nothing translated reads or writes are
    /// left out: their contents are nobody's concern here.
    fn container(&self, id: FnId, effects: &Effects, results: &[Ty]) -> Option<Container> {
        let meaning = self.containers().meaning(&mut self.context.layout.borrow_mut(), id, effects)?;
        let makes = !matches!(meaning, Container::Op { .. });
        if makes && !is_handle(results) {
            let pos = self.context.program.fns[id].pos;
            self.context.errors.add(pos, "a function that makes a container returns a handle to it");
            return None;
        }
        let used = |parts: Vec<(FieldId, Init)>| {
            parts.into_iter().filter_map(|(field, init)| Some((*self.field_ids.get(&field)?, init))).collect()
        };
        Some(match meaning {
            Container::Struct(fields) => Container::Struct(used(fields)),
            Container::Array { len, parts } => Container::Array { len, parts: used(parts) },
            other => other,
        })
    }

    fn renumber(&self, mut graph: Graph) -> Graph {
        let field = |field: FieldId| self.field_ids[&field];
        for inst in graph.blocks.iter_mut().flat_map(|block| &mut block.insts) {
            inst.op = match inst.op {
                Op::Call(id) => Op::Call(self.func_ids[&id.index()]),
                Op::CallIndirect(sig) => Op::CallIndirect(self.sig_ids[&sig]),
                Op::Load(id) => Op::Load(field(id)),
                Op::Store(id) => Op::Store(field(id)),
                Op::LoadItem(id) => Op::LoadItem(field(id)),
                Op::StoreItem(id) => Op::StoreItem(field(id)),
                Op::PtrAdd(id) => Op::PtrAdd(field(id)),
                Op::Interior(id) => Op::Interior(field(id)),
                op => op,
            };
        }
        graph
    }

    fn effects(&self, id: FnId, list: &[Effect], module: &Module) -> Effects {
        let mut effects = Effects::pure();
        let add = |touched: &mut Touched, classes: Vec<AliasClass>| touched.add(&Touched::Classes(classes));
        for effect in list {
            match effect {
                Effect::Reads(names) => {
                    names.iter().for_each(|name| add(&mut effects.reads, self.classes(name, module)));
                }
                Effect::Writes(names) => {
                    names.iter().for_each(|name| add(&mut effects.writes, self.classes(name, module)));
                }
                &Effect::WritesFrom { ref param, ref element, below } => {
                    let classes = self.classes(element, module);
                    if let Some(index) = self.flattened_param(id, param) {
                        effects.writes_from.extend(classes.iter().map(|&class| WritesFrom {
                            param: index,
                            class,
                            below,
                        }));
                    }
                    add(&mut effects.writes, classes);
                }
                Effect::Collects => effects.collects = true,
                Effect::Calls => {}
            }
        }
        // Arbitrary code of the user program may do anything, but leaves alone what `writes_from` says.
        if list.iter().any(|effect| matches!(effect, Effect::Calls)) {
            effects.reads = Touched::Everything;
            effects.writes = Touched::Everything;
            effects.collects = true;
            effects.calls = true;
        }
        for touched in [&mut effects.reads, &mut effects.writes] {
            if let Touched::Classes(classes) = touched {
                classes.sort();
                classes.dedup();
            }
        }
        effects
    }

    /// The classes of a name: a structure's fields, one field with its parts, or an element's parts.
    fn classes(&self, (name, pos): &Name, module: &Module) -> Vec<AliasClass> {
        let program = self.context.program;
        let (owner, field) = name.split_once('.').map_or((name.as_str(), None), |(owner, rest)| (owner, Some(rest)));
        let known = program.structs.iter().enumerate().find(|(_, def)| def.name == owner);
        let first = field.map(|field| field.split('.').next().unwrap_or(field));
        match known {
            None if super::types::Int::parse(owner).is_none() && !matches!(owner, "f64" | "bool" | "Ref") => {
                self.context.errors.add(*pos, format!("there is no structure `{owner}`"));
            }
            Some((_, def)) if first.is_some_and(|first| def.fields.iter().all(|(name, _)| name != first)) => {
                self.context.errors.add(*pos, format!("`{owner}` has no field `{}`", first.unwrap_or_default()));
            }
            _ => {}
        }
        let suffix = field.map_or(String::new(), |field| format!(".{field}"));
        let prefixes = [format!("{owner}{suffix}"), format!("[{owner}]{suffix}")];
        let matches = |field: &&Field| {
            prefixes.iter().any(|prefix| {
                field.name.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        };
        module.fields.iter().filter(matches).map(|field| field.class).collect()
    }

    /// The flattened parameters of a parameter: the first one's index.
    fn flattened_param(&self, id: FnId, (name, pos): &Name) -> Option<u32> {
        let range = self.param_range(id, name);
        if range.is_none() {
            self.context.errors.add(*pos, format!("there is no parameter `{name}`"));
        }
        range.map(|range| range.start)
    }

    fn param_range(&self, id: FnId, name: &str) -> Option<std::ops::Range<u32>> {
        let program = self.context.program;
        let mut start = 0;
        for param in &program.fns[id].params {
            let size = program.flatten(&param.ty).map_or(0, |parts| parts.len() as u32);
            if param.name == name {
                return Some(start..start + size);
            }
            start += size;
        }
        None
    }

    fn signatures(&self, module: &mut Module) {
        let program = self.context.program;
        let declared = self.context.signatures.borrow();
        for sig in &self.used_sigs {
            let id = declared[sig.index()];
            let def = &program.fns[id];
            if def.params.first().map(|param| &param.ty) != Some(&Type::USIZE) {
                self.context
                    .errors
                    .add(def.pos, "the first parameter of an indirect function is its code address, a `usize`");
            }
            let declared_by = self.func_ids[&id];
            let info = &module.funcs[declared_by.index()];
            let params = info.params.iter().skip(1).map(|(_, ty)| *ty).collect();
            let enters = program.fns[id].marks.enters.as_ref().and_then(|mark| self.enters(module, declared_by, mark));
            let results = module.func(declared_by).results.clone();
            module.sigs.push(Signature { params, results, declared_by, enters });
        }
    }

    /// What `enters` means for the `#[indirect]` function `func`: its parameters are the portal's, by name.
    fn enters(&self, module: &Module, func: FuncId, (name, pos): &(String, Pos)) -> Option<Enters> {
        let errors = &self.context.errors;
        let find = |portal: &Portal| module.func(portal.func).name == *name;
        let Some(portal) = module.portals.iter().position(find) else {
            errors.add(*pos, format!("there is no portal `{name}`"));
            return None;
        };
        let (info, callee) = (module.func(func), module.func(module.portals[portal].func));
        if info.results != [Ty::I64, Ty::I64] {
            errors.add(*pos, "what calls a unit returns its status and its value, two integers of 64 bits");
            return None;
        }
        let mut params = vec![];
        for param in &callee.params {
            match info.params.iter().skip(1).position(|own| own == param) {
                Some(own) => params.push(own as u32),
                None => {
                    errors.add(*pos, format!("`{name}` takes `{}`, which is no parameter here", param.0));
                    return None;
                }
            }
        }
        if info.params.len() != params.len() + 1 {
            errors.add(*pos, format!("there is a parameter that `{name}` does not take"));
            return None;
        }
        Some(Enters { portal: portal as u32, params })
    }

    fn portals(&self, module: &mut Module) {
        let program = self.context.program;
        for &id in &self.used {
            let Some(mark) = &program.fns[id].marks.portal else { continue };
            let mut greens = vec![];
            for (name, pos) in &mark.greens {
                match self.param_range(id, name) {
                    Some(range) => greens.extend(range),
                    None => self.context.errors.add(*pos, format!("there is no parameter `{name}`")),
                }
            }
            if let Some(graph) = module.graph(self.func_ids[&id]) {
                for var in strays(graph) {
                    let name = Module::var_name(graph, var);
                    let name = name.split('#').next().unwrap_or_default();
                    let message = format!("`{name}` changes around the merge point but is no parameter of the portal");
                    self.context.errors.add(program.fns[id].pos, message);
                }
            }
            let order = mark.order.as_ref().and_then(|name| self.flattened_param(id, name)).unwrap_or(0);
            if mark.order.is_some() && !greens.contains(&order) {
                self.context.errors.add(mark.pos, "the order must be one of the greens");
            }
            let mut live = None;
            if let Some(((name, pos), window)) = &mark.live {
                match (self.live_function(mark), self.flattened_param(id, window)) {
                    (Some(func), Some(window)) if program.fns[func].marks.elidable => {
                        live = Some(LiveHint { func: self.func_ids[&func], window });
                    }
                    _ => self.context.errors.add(*pos, format!("there is no elidable function `{name}`")),
                }
            }
            module.portals.push(Portal { func: self.func_ids[&id], greens, order, live });
        }
    }
}

/// Variables that the loop around a merge point carries and that are not among its operands: whoever enters the portal
/// there again could not give them.
fn strays(graph: &Graph) -> Vec<VarId> {
    let mut strays = vec![];
    for block in &graph.blocks {
        if let Some(merge_point) = block.insts.iter().find(|inst| inst.op == Op::MergePoint) {
            strays.extend(block.params.iter().filter(|&&var| !merge_point.args.contains(&Arg::Var(var))));
        }
    }
    strays
}

//! Virtual containers: structures, arrays, lists and dicts whose allocation has not been emitted.
//!
//! A box can refer to one ([`Val::Virtual`]); the state describes its contents by boxes. Operations on it are performed
//! at compile time. It is *forced*, really made, when something needs its address: a residual operation, a place in
//! memory that is written, a join where the states disagree about it. What is then known of its contents stays known
//! ([`super::memory`]). An exit that needs it makes it on the way out, so that the path that stays does not.
//!
//! Containers are numbered as they are made, so what a container was first given refers to lower numbers only. That
//! orders the making of several that refer to each other: each with what it holds if that exists already, else with what
//! it was first given, and the rest is stored when all exist.

use super::engine::Engine;
use super::loc::{Base, Index, Loc};
use super::state::State;
use super::value::Val;
use crate::flow::{Arg, Args, CmpOp, Container, FieldId, FieldKind, FuncId, Init, Module, Mutability, Oopspec, Op, Ty};
use smallvec::SmallVec;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Longer arrays are made at once.
const MAX_ELEMENTS: u64 = 64;

#[derive(Clone, PartialEq, Debug)]
pub(super) struct Virtual {
    /// The function that makes it.
    pub func: FuncId,
    /// The function's arguments. Scalars that fields begin with are `Dead`: their fields have them, or what replaced
    /// them.
    pub args: Vec<Val>,
    pub contents: Contents,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Contents {
    /// Of a structure or array, by field and element.
    Fields(BTreeMap<(FieldId, i64), Val>),
    List(Vec<Vec<Val>>),
    /// Keys by their bits, in the order in which they came.
    Dict(Vec<(Vec<u64>, Vec<Val>)>),
}

/// What became of a container.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Made {
    Not(Virtual),
    /// It was forced: its address.
    Yes(Val),
}

pub(super) type Virtuals = Rc<BTreeMap<u32, Made>>;

impl Virtual {
    /// All boxes, in an order that equal shapes share.
    pub fn vals(&self) -> impl Iterator<Item = &Val> {
        let (fields, list, dict) = match &self.contents {
            Contents::Fields(fields) => (Some(fields), None, None),
            Contents::List(rows) => (None, Some(rows), None),
            Contents::Dict(rows) => (None, None, Some(rows)),
        };
        let fields = fields.into_iter().flat_map(|fields| fields.values());
        let list = list.into_iter().flatten().flatten();
        let dict = dict.into_iter().flatten().flat_map(|(_, row)| row);
        self.args.iter().chain(fields).chain(list).chain(dict)
    }

    pub fn vals_mut(&mut self) -> impl Iterator<Item = &mut Val> {
        let (fields, list, dict) = match &mut self.contents {
            Contents::Fields(fields) => (Some(fields), None, None),
            Contents::List(rows) => (None, Some(rows), None),
            Contents::Dict(rows) => (None, None, Some(rows)),
        };
        let fields = fields.into_iter().flat_map(|fields| fields.values_mut());
        let list = list.into_iter().flatten().flatten();
        let dict = dict.into_iter().flatten().flat_map(|(_, row)| row);
        self.args.iter_mut().chain(fields).chain(list).chain(dict)
    }

    /// Whether two describe the same places, whatever is in them.
    pub fn same_shape(&self, other: &Virtual) -> bool {
        self.func == other.func
            && match (&self.contents, &other.contents) {
                (Contents::Fields(one), Contents::Fields(other)) => one.keys().eq(other.keys()),
                (Contents::List(one), Contents::List(other)) => one.len() == other.len(),
                (Contents::Dict(one), Contents::Dict(other)) => {
                    one.iter().map(|(key, _)| key).eq(other.iter().map(|(key, _)| key))
                }
                _ => false,
            }
    }
}

/// One step of making containers. Containers that a step mentions were made by steps before.
pub(super) enum Step {
    Make { id: u32, func: FuncId, args: Vec<Val> },
    Call { func: FuncId, args: Vec<Val> },
    Store { id: u32, field: FieldId, index: i64, val: Val },
}

impl State {
    /// The container that a box refers to, if it is still virtual.
    pub fn virtual_of(&self, val: Val) -> Option<(u32, &Virtual)> {
        match val {
            Val::Virtual(_, id) => match self.virtuals.get(&id)? {
                Made::Not(virt) => Some((id, virt)),
                Made::Yes(_) => None,
            },
            _ => None,
        }
    }

    /// The box without reference to a container that was forced since.
    pub fn resolve(&self, val: Val) -> Val {
        let Val::Virtual(ty, id) = val else { return val };
        match self.virtuals.get(&id) {
            Some(&Made::Yes(Val::Var(var))) => Val::Cast(ty, var),
            _ => val,
        }
    }

    pub fn virtual_mut(&mut self, id: u32) -> &mut Virtual {
        match Rc::make_mut(&mut self.virtuals).get_mut(&id) {
            Some(Made::Not(virt)) => virt,
            _ => unreachable!("asked of virtual containers only"),
        }
    }

    /// The virtual containers that these refer to, directly or through others.
    pub fn reachable(&self, from: impl IntoIterator<Item = u32>) -> BTreeSet<u32> {
        let mut found = BTreeSet::new();
        let mut work: Vec<u32> = from.into_iter().collect();
        while let Some(id) = work.pop() {
            if let Some(Made::Not(virt)) = self.virtuals.get(&id)
                && found.insert(id)
            {
                work.extend(virt.vals().filter_map(|&val| self.virtual_of(val)).map(|(id, _)| id));
            }
        }
        found
    }
}

impl Engine<'_> {
    /// A call of a function on containers, if it can be performed at compile time.
    pub(super) fn container_call(
        &mut self,
        state: &mut State,
        func: FuncId,
        args: &[Val],
        results: &[Ty],
    ) -> Option<Vec<Val>> {
        let info = self.module().func(func);
        let contents = match info.container.as_ref()? {
            Container::Struct(fields) => self.first_contents(state, fields, args, 1),
            Container::Array { len, parts } => {
                let len = args[*len as usize].as_const()?.bits;
                if len > MAX_ELEMENTS {
                    return None;
                }
                self.first_contents(state, parts, args, len as i64)
            }
            Container::New(spec, _) if spec.is_dict() => Contents::Dict(vec![]),
            Container::New(..) => Contents::List(vec![]),
            &Container::Op { spec, receiver, .. } => {
                let (id, _) = state.virtual_of(args[receiver as usize])?;
                return self.operate(state, func, spec, id, &args[receiver as usize + 1..], results);
            }
        };
        let mut args = args.to_vec();
        if let Some(Container::Struct(fields)) = &info.container {
            for (field, init) in fields {
                let ty = self.module().field(*field).ty;
                if let (Init::Param(param), false) = (init, matches!(ty, Ty::Ptr | Ty::Ref)) {
                    args[*param as usize] = Val::Dead;
                }
            }
        }
        let id = self.virtuals;
        self.virtuals += 1;
        Rc::make_mut(&mut state.virtuals).insert(id, Made::Not(Virtual { func, args, contents }));
        Some(vec![Val::Virtual(results[0], id)])
    }

    fn first_contents(&mut self, state: &mut State, parts: &[(FieldId, Init)], args: &[Val], len: i64) -> Contents {
        let mut fields = BTreeMap::new();
        for &(field, ref init) in parts {
            let ty = self.module().field(field).ty;
            let val = match *init {
                Init::Const(bits) => Val::constant(ty, bits),
                Init::Param(param) => args[param as usize],
                Init::Nullable(param) => {
                    let (some, address) = (args[param as usize], args[param as usize + 1]);
                    self.pure_one(state, Op::Select, &[some, address, Val::constant(ty, 0)], ty)
                }
            };
            for index in 0..len {
                fields.insert((field, index), val);
            }
        }
        Contents::Fields(fields)
    }

    /// An operation on a virtual list or dict. `None`: it cannot be performed without the container.
    fn operate(
        &mut self,
        state: &mut State,
        func: FuncId,
        spec: Oopspec,
        id: u32,
        operands: &[Val],
        results: &[Ty],
    ) -> Option<Vec<Val>> {
        let module = self.module();
        let zero = |ty: &Ty| Val::constant(*ty, 0);
        // What is asked for and not there: `None`, if the function says it that way.
        let missing = |width: usize| {
            (results.len() == width + 1 && results[0] == Ty::Bool).then(|| results.iter().map(zero).collect::<Vec<_>>())
        };
        let found = |row: &[Val]| -> Option<Vec<Val>> {
            let some = (results.len() == row.len() + 1).then(|| Val::constant(Ty::Bool, 1));
            (some.is_some() || results.len() == row.len())
                .then(|| some.into_iter().chain(row.iter().copied()).collect())
        };
        let key = |width: usize| -> Option<Vec<u64>> {
            operands.get(..width)?.iter().map(|part| Some(part.as_const()?.bits)).collect()
        };
        match &mut state.virtual_mut(id).contents {
            Contents::List(rows) => {
                let index = || Some(operands.first()?.as_const()?.bits as usize);
                let width = rows.first().map_or_else(|| item_width(module, func), Vec::len);
                match spec {
                    Oopspec::ListPush if results.is_empty() => {
                        rows.push(operands.to_vec());
                        Some(vec![])
                    }
                    Oopspec::ListPop => match rows.last() {
                        Some(row) => {
                            let out = found(row)?;
                            rows.pop();
                            Some(out)
                        }
                        None => missing(width),
                    },
                    Oopspec::ListGet => match rows.get(index()?) {
                        Some(row) => found(row),
                        None => missing(width),
                    },
                    Oopspec::ListSet if results.is_empty() => {
                        *rows.get_mut(index()?)? = operands[1..].to_vec();
                        Some(vec![])
                    }
                    Oopspec::ListLen => Some(vec![Val::constant(*results.first()?, rows.len() as u64)]),
                    _ => None,
                }
            }
            Contents::Dict(rows) => match spec {
                Oopspec::DictSet if results.is_empty() => {
                    let width = key_width(module, func)?;
                    let key = key(width)?;
                    let row = operands[width..].to_vec();
                    match rows.iter_mut().find(|(other, _)| *other == key) {
                        Some((_, old)) => *old = row,
                        None => rows.push((key, row)),
                    }
                    Some(vec![])
                }
                Oopspec::DictGet => {
                    let key = key(operands.len())?;
                    match rows.iter().find(|(other, _)| *other == key) {
                        Some((_, row)) => found(row),
                        None => missing(results.len().checked_sub(1)?),
                    }
                }
                Oopspec::DictHas => {
                    let key = key(operands.len())?;
                    let has = rows.iter().any(|(other, _)| *other == key);
                    (results == [Ty::Bool]).then(|| vec![Val::constant(Ty::Bool, u64::from(has))])
                }
                Oopspec::DictRemove if results.is_empty() => {
                    let key = key(operands.len())?;
                    rows.retain(|(other, _)| *other != key);
                    Some(vec![])
                }
                Oopspec::DictLen => Some(vec![Val::constant(*results.first()?, rows.len() as u64)]),
                _ => None,
            },
            Contents::Fields(_) => None,
        }
    }

    /// A read of a virtual structure or array.
    pub(super) fn load_virtual(&self, state: &State, field: FieldId, base: Val, index: Option<Val>) -> Option<Val> {
        let (_, virt) = state.virtual_of(base)?;
        let Contents::Fields(fields) = &virt.contents else { return None };
        let index = index.map_or(Some(0), |index| Some(index.as_const()?.bits as i64))?;
        fields.get(&(field, index)).map(|&val| state.resolve(val))
    }

    /// A write to a virtual structure or array; false if it could not be performed.
    pub(super) fn store_virtual(
        &self,
        state: &mut State,
        field: FieldId,
        base: Val,
        index: Option<Val>,
        val: Val,
    ) -> bool {
        let Some((id, _)) = state.virtual_of(base) else { return false };
        let Some(index) = index.map_or(Some(0), |index| Some(index.as_const()?.bits as i64)) else { return false };
        let Contents::Fields(fields) = &mut state.virtual_mut(id).contents else { return false };
        match fields.get_mut(&(field, index)) {
            Some(place) => {
                *place = val;
                true
            }
            None => false,
        }
    }

    /// Comparisons of a container that nobody else can have the address of.
    pub(super) fn compare_virtual(&self, state: &State, op: Op, args: &[Val]) -> Option<Val> {
        let equal = match op {
            Op::Cmp(CmpOp::Eq) => true,
            Op::Cmp(CmpOp::Ne) => false,
            _ => return None,
        };
        let ids = [state.virtual_of(args[0]), state.virtual_of(args[1])].map(|found| found.map(|(id, _)| id));
        (ids != [None, None]).then(|| Val::constant(Ty::Bool, u64::from((ids[0] == ids[1]) == equal)))
    }

    /// The steps that make these containers; they hold no others.
    pub(super) fn steps(&mut self, state: &mut State, ids: &BTreeSet<u32>) -> Vec<Step> {
        let module = self.module();
        let mut steps = vec![];
        let mut late = vec![];
        for &id in ids {
            let Some(Made::Not(virt)) = state.virtuals.get(&id).cloned() else { continue };
            let mut args = virt.args.clone();
            let exists = |state: &State, val: Val| state.virtual_of(val).is_none_or(|(other, _)| other < id);
            match (module.func(virt.func).container.as_ref(), &virt.contents) {
                (Some(Container::Struct(parts)), Contents::Fields(fields)) => {
                    // A parameter that several fields begin with: the first has it, then those that agree.
                    let mut given: BTreeMap<u32, Val> = BTreeMap::new();
                    let fixed = |part: &&(FieldId, Init)| module.field(part.0).mutability == Mutability::Immutable;
                    let in_order = parts.iter().filter(fixed).chain(parts.iter().filter(|part| !fixed(part)));
                    for &(field, ref init) in in_order {
                        let val = fields[&(field, 0)];
                        let fits = match *init {
                            Init::Param(param) | Init::Nullable(param) => {
                                exists(state, val) && *given.entry(param).or_insert(val) == val
                            }
                            Init::Const(_) => true,
                        };
                        match *init {
                            Init::Param(param) if fits => args[param as usize] = val,
                            Init::Nullable(param) if fits => {
                                let null = Val::constant(module.field(field).ty, 0);
                                let some = self.pure_one(state, Op::Cmp(CmpOp::Ne), &[val, null], Ty::Bool);
                                args[param as usize] = some;
                                args[param as usize + 1] = val;
                            }
                            Init::Const(bits) if val.as_const().is_some_and(|value| value.bits == bits) => {}
                            _ => late.push(Step::Store { id, field, index: 0, val }),
                        }
                    }
                }
                (Some(Container::Array { parts, .. }), Contents::Fields(fields)) => {
                    for (&(field, index), &val) in fields {
                        let init = parts.iter().find(|(other, _)| *other == field).map(|(_, init)| init);
                        let is_there = match init {
                            Some(Init::Const(bits)) => val.as_const().is_some_and(|value| value.bits == *bits),
                            Some(Init::Param(param)) => args[*param as usize] == val,
                            _ => false,
                        };
                        if !is_there {
                            late.push(Step::Store { id, field, index, val });
                        }
                    }
                }
                (Some(&Container::New(spec, kind)), contents) => {
                    let Some(func) = module.operation(spec.filler(), kind) else { continue };
                    let this = Val::Virtual(module.func(virt.func).results[0], id);
                    let first: Vec<Val> = virt.args.iter().copied().chain([this]).collect();
                    let mut fill = |items: &mut dyn Iterator<Item = Val>| {
                        let args = first.iter().copied().chain(items).collect();
                        late.push(Step::Call { func, args });
                    };
                    match contents {
                        Contents::List(rows) => rows.iter().for_each(|row| fill(&mut row.iter().copied())),
                        Contents::Dict(rows) => {
                            for (key, row) in rows {
                                let types = module.func(func).params[first.len()..].iter().map(|(_, ty)| *ty);
                                let mut keys = key.iter().zip(types).map(|(&bits, ty)| Val::constant(ty, bits));
                                fill(&mut keys.by_ref().chain(row.iter().copied()));
                            }
                        }
                        Contents::Fields(_) => unreachable!("lists and dicts have rows"),
                    }
                }
                _ => unreachable!("containers are made by functions that make containers"),
            }
            steps.push(Step::Make { id, func: virt.func, args });
        }
        steps.extend(late);
        steps
    }

    /// Emits the container and all it refers to; whatever refers to them has their addresses from here on.
    pub(super) fn force(&mut self, state: &mut State, id: u32) {
        let ids = state.reachable([id]);
        let module = self.module();
        let mut contents = vec![];
        for &id in &ids {
            if let Some(Made::Not(Virtual { contents: Contents::Fields(fields), .. })) = state.virtuals.get(&id) {
                contents.push((id, fields.clone()));
            }
        }
        for step in self.steps(state, &ids) {
            match step {
                Step::Make { id, func, args } => {
                    let operands: Args = args.into_iter().map(|arg| self.operand(state, arg)).collect();
                    let ty = module.func(func).results[0];
                    let var = self.builder.one(state.out, Op::Call(func), operands, ty);
                    Rc::make_mut(&mut state.virtuals).insert(id, Made::Yes(Val::Var(var)));
                }
                Step::Call { func, args } => {
                    let operands: Args = args.into_iter().map(|arg| self.operand(state, arg)).collect();
                    self.builder.push(state.out, Op::Call(func), operands, &[]);
                }
                Step::Store { id, field, index, val } => {
                    let base = Val::Virtual(Ty::Ptr, id);
                    let mut operands: SmallVec<[Val; 3]> = SmallVec::from_slice(&[base]);
                    let op = match module.field(field).kind {
                        FieldKind::Struct => Op::Store(field),
                        FieldKind::Item => {
                            operands.push(Val::constant(Ty::I64, index as u64));
                            Op::StoreItem(field)
                        }
                    };
                    operands.push(val);
                    let operands: Args = operands.into_iter().map(|val| self.operand(state, val)).collect();
                    self.builder.push(state.out, op, operands, &[]);
                }
            }
        }
        self.rename_forced(state);
        for (id, fields) in contents {
            let Some(&Made::Yes(Val::Var(var))) = state.virtuals.get(&id) else { continue };
            for ((field, index), val) in fields {
                let info = module.field(field);
                if info.mutability != Mutability::Volatile {
                    let index = Index::Bytes(index * info.stride as i64);
                    let val = state.resolve(val);
                    let val = self.plain_type(val);
                    state.memory.note(Loc::new(field, Base::Var(var), index), val, false);
                }
            }
        }
    }

    /// An operand of a call that makes something. Nothing was given for what the container no longer needs.
    fn operand(&mut self, state: &mut State, val: Val) -> Arg {
        let val = state.resolve(val);
        match self.plain_type(val) {
            // Addresses are addresses: those of arrays and of what the collector owns are told apart by their type only.
            Val::Cast(Ty::Ptr | Ty::Ref, var) if matches!(self.builder.ty(var), Ty::Ptr | Ty::Ref) => {
                let val = self.plain_type(Val::Cast(Ty::Ptr, var));
                self.arg(state, val)
            }
            val => self.arg(state, val),
        }
    }

    /// A cast to the variable's own type is the variable.
    pub(super) fn plain_type(&self, val: Val) -> Val {
        match val {
            Val::Cast(ty, var) if self.builder.ty(var) == ty => Val::Var(var),
            val => val,
        }
    }

    /// Everything that refers to forced containers gets their addresses.
    fn rename_forced(&self, state: &mut State) {
        let virtuals = state.virtuals.clone();
        let forced = |val: &Val| matches!(val, Val::Virtual(_, id) if matches!(virtuals.get(id), Some(Made::Yes(_))));
        let rename = |val: &mut Val| {
            if let Val::Virtual(ty, id) = *val
                && let Some(&Made::Yes(Val::Var(var))) = virtuals.get(&id)
            {
                *val = self.plain_type(Val::Cast(ty, var));
            }
        };
        for frame in state.frames.iter_mut().filter(|frame| frame.reds.iter().any(forced)) {
            Rc::make_mut(frame).reds.iter_mut().for_each(rename);
        }
        state.memory.change(forced, rename);
        for made in Rc::make_mut(&mut state.virtuals).values_mut() {
            if let Made::Not(virt) = made {
                virt.vals_mut().for_each(rename);
            }
        }
    }
}

/// How many boxes an item of the list has that the function works on.
fn item_width(module: &Module, func: FuncId) -> usize {
    let Some(&Container::Op { kind, receiver, .. }) = module.func(func).container.as_ref() else { return 0 };
    let push = module.operation(Oopspec::ListPush, kind);
    push.map_or(0, |push| module.func(push).params.len() - receiver as usize - 1)
}

/// How many boxes a key of the dict has that the function works on: as many as the functions that take a key alone.
fn key_width(module: &Module, func: FuncId) -> Option<usize> {
    let &Container::Op { kind, receiver, .. } = module.func(func).container.as_ref()? else { return None };
    let specs = [Oopspec::DictGet, Oopspec::DictHas, Oopspec::DictRemove];
    let taker = specs.into_iter().find_map(|spec| module.operation(spec, kind))?;
    Some(module.func(taker).params.len() - receiver as usize - 1)
}

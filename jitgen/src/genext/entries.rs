//! Typed entries: units for calls of which more is known than the greens.
//!
//! The caller of a unit often knows what lies in the window it hands over: the type of an argument, and its value, not yet
//! written. A *typed entry* of the unit is compiled for such knowledge ([`EntryType::args`]): what is known is assumed, what
//! is not is passed in registers, and nothing of it has been written when the unit begins. In the same way a unit returns
//! what it would leave in memory, as long as nobody has looked: [`Returned`] says what every return has in common.
//!
//! A unit entered like that returns `(`[`UNBOXED`]`, the value passed)` where its return is as the entry type says, and its
//! portal's results, all of memory written, where it is not. It completes its own exits
//! ([`crate::portal`] does, on its behalf), so that its callers see results only.

use super::engine::Engine;
use super::exit::ExitReason;
use super::loc::{Base, Index, Loc};
use super::memory::Elements;
use super::state::State;
use super::units::Entered;
use super::value::Val;
use crate::abi::Pair;
use crate::flow::{Arg, Args, CmpOp, Const, Enters, FieldId, Link, Op, Portal, SigId, Term, Ty, VarId};
use crate::timeshift::{Dst, Jump};
use smallvec::SmallVec;
use std::collections::BTreeMap;

/// The status of a unit that was entered through a typed entry and returned as the entry says.
pub const UNBOXED: u64 = 3;

/// The status when there is no code behind a typed entry.
pub const NO_CODE: u64 = 4;

/// The address of code that stands where there is none: it returns the status [`NO_CODE`].
pub fn no_code_entry() -> u64 {
    no_code as *const () as usize as u64
}

/// What a cell holds when there is no code: it takes whatever is passed.
extern "C" fn no_code() -> Pair {
    Pair { a: NO_CODE, b: 0 }
}

/// Most values that a typed entry is passed besides its portal's parameters.
const MAX_PASSED: usize = 6;
/// Most parts that a return leaves to its caller.
const MAX_RETURNED: usize = 4;

/// A virtualizable scalar: an element relative to the address in a parameter of the portal.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Part {
    /// Flattened parameter of the portal.
    pub param: u32,
    pub field: FieldId,
    pub index: i64,
    pub value: PartValue,
}

#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum PartValue {
    /// Canonical bits.
    Known(u64),
    /// In a register, as a value of this type.
    Passed(Ty),
}

/// What the returns of a unit have in common.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Returned {
    /// The portal's results as status and value.
    pub words: [u64; 2],
    /// Left to the caller to write; at most one is passed.
    pub parts: Vec<Part>,
}

/// What a typed entry is for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct EntryType {
    /// In the order in which values are passed.
    pub args: Vec<Part>,
    /// What callers expect, or `None` if that is to be found out.
    pub returned: Option<Returned>,
}

/// A typed entry that would be of use.
#[derive(Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Wanted {
    pub portal: u32,
    pub greens: Vec<u64>,
    pub args: Vec<Part>,
}

/// A return of a unit with a typed entry: it is generated last, when all of them are known.
pub(super) struct Return {
    state: State,
    vals: SmallVec<[Val; 2]>,
}

impl Engine<'_> {
    /// What a typed entry begins with. `vals` are the portal's parameters.
    pub(super) fn assume_args(&mut self, state: &mut State, vals: &[Val]) {
        let Some(entry) = self.request.entry else { return };
        for part in &entry.args {
            let ty = self.module().field(part.field).ty;
            let val = match part.value {
                PartValue::Known(bits) => Val::constant(ty, bits),
                PartValue::Passed(passed) => {
                    let var = self.builder.param(crate::flow::Graph::ENTRY, passed);
                    if passed == ty { Val::Var(var) } else { Val::Cast(ty, var) }
                }
            };
            let loc = self.location(part, vals[part.param as usize]).expect("parameters are addresses");
            state.memory.note(loc, val, true);
        }
    }

    /// Fields whose values are promoted and say what else there is: a known value of them is part of an entry's type.
    fn is_type(&self, field: FieldId) -> bool {
        self.is_promoted(field) && self.module().field(field).ty.bits() < 64
    }

    /// Where a part lies, from the box of the parameter it is relative to.
    fn location(&self, part: &Part, param: Val) -> Option<Loc> {
        let (base, bytes) = param.place()?;
        let stride = self.module().field(part.field).stride as i64;
        Some(Loc::new(part.field, base, Index::Bytes(bytes + part.index * stride)))
    }

    /// What the state knows of the window that the parameters hand over, where the callee reads it: elements of which
    /// all that is promoted is known. With the locations, in the same order.
    fn known_args(&mut self, state: &State, number: u32, greens: &[u64], params: &[Val]) -> (Vec<Part>, Vec<Loc>) {
        let portal = &self.module().portals[number as usize];
        let Some(live) = &portal.live else { return Default::default() };
        let Some((base, from)) = params[live.window as usize].place() else { return Default::default() };
        let mut elements: BTreeMap<i64, Vec<(Loc, Val)>> = BTreeMap::new();
        for (index, loc, entry) in state.memory.elements_from(&self.fields, base, from).flat_map(Elements::iter) {
            elements.entry(index).or_default().push((*loc, entry.val));
        }
        let (mut parts, mut locs) = (vec![], vec![]);
        let mut passed = 0;
        for (index, found) in elements {
            let known = found.iter().filter(|(loc, _)| self.is_type(loc.field()));
            let is_typed = known.clone().count() > 0 && known.clone().all(|(_, val)| val.as_const().is_some());
            if !is_typed || !self.experience.liveness.point(number, greens).is_live(self.bound, portal, greens, index) {
                continue;
            }
            for (loc, val) in found {
                let value = match val {
                    Val::Const(value) if self.is_type(loc.field()) => PartValue::Known(value.bits),
                    Val::Const(value) => PartValue::Passed(value.ty),
                    Val::Var(var) | Val::Cast(_, var) => PartValue::Passed(self.builder.ty(var)),
                    Val::Dead | Val::Virtual(..) | Val::Addr { .. } => continue,
                };
                if let PartValue::Passed(_) = value {
                    passed += 1;
                }
                if passed > MAX_PASSED {
                    return (parts, locs);
                }
                parts.push(Part { param: live.window, field: loc.field(), index, value });
                locs.push(loc);
            }
        }
        (parts, locs)
    }

    /// Calls the unit through a typed entry, if there is one for what the state knows. Gives the state back if not.
    pub(super) fn typed_call(&mut self, mut state: State, call: &UnitCall<'_>) -> Entered {
        let Some(greens) = call.greens() else { return Entered::Not(state) };
        let (args, locs) = self.known_args(&state, call.enters.portal, &greens, &call.params);
        let wanted = Wanted { portal: call.enters.portal, greens, args };
        let units = self.request.units;
        let mut entry = units.entry(&wanted);
        if let Entry::Missing = entry {
            entry = self.lend_experience(|_| units.make(&wanted));
        }
        let (cell, returned) = match entry {
            Entry::Compiled { cell, returned } => (cell, returned),
            Entry::Open { cell } => match self.guess_returned(&wanted) {
                Some(returned) => (cell, returned),
                None => {
                    units.leave_out(&wanted);
                    return Entered::Not(state);
                }
            },
            Entry::Missing | Entry::None => return Entered::Not(state),
        };
        let args = wanted.args;
        let mut vals: SmallVec<[Val; 8]> = SmallVec::from_slice(&[Val::constant(Ty::Ptr, cell)]);
        vals.extend(call.reds());
        for &val in &vals {
            if let Val::Virtual(..) = val {
                return Entered::Not(state);
            }
        }
        for (part, loc) in args.iter().zip(&locs) {
            if let PartValue::Passed(_) = part.value {
                vals.push(match state.memory.get(loc).expect("just found") {
                    Val::Cast(_, var) => Val::Var(var),
                    val => val,
                });
            }
        }
        let operands: Args = vals.iter().map(|&val| self.arg(&mut state, val)).collect();
        // All is written but what the callee gets.
        let delayed: Vec<Loc> = locs.iter().copied().filter(|loc| state.memory.is_dirty(loc)).collect();
        for &loc in &delayed {
            state.memory.set_dirty(&loc, false);
        }
        self.flush(&mut state);
        let mut before = state.clone();
        for loc in &delayed {
            before.memory.set_dirty(loc, true);
        }
        let op = Op::CallEntry(call.sig);
        let words = self.builder.push(state.out, op, operands, &[Ty::I64, Ty::I64]);
        let (status, value) = (words[0], words[1]);
        self.forget_written(&mut state, op, call.vals);

        let is = |engine: &mut Self, state: &mut State, expected: u64| -> VarId {
            let operands = [Val::Var(status), Val::constant(Ty::I64, expected)];
            let cond = engine.pure_one(state, Op::Cmp(CmpOp::Eq), &operands, Ty::Bool);
            let Val::Var(cond) = cond else { unreachable!("nothing is known of the status") };
            cond
        };
        let unboxed = is(self, &mut state, UNBOXED);
        let (mut taken, mut other) = self.fork(state, unboxed);
        for (word, &dst) in returned.words.iter().zip(call.results) {
            taken.top().set(dst, Val::constant(dst.ty(), *word));
        }
        for part in &returned.parts {
            let ty = self.module().field(part.field).ty;
            let val = match part.value {
                PartValue::Known(bits) => Val::constant(ty, bits),
                PartValue::Passed(_) if ty == Ty::I64 => Val::Var(value),
                PartValue::Passed(_) => Val::Cast(ty, value),
            };
            let loc =
                self.location(part, call.params[part.param as usize]).expect("it was an address when it was passed");
            self.overwrite(&mut taken, loc, val);
        }

        // The rest is hardly ever run, and would only spoil what is known here.
        let missing = is(self, &mut other, NO_CODE);
        let (absent, mut other) = self.fork(other, missing);
        before.out = absent.out;
        self.leave_unit(before, ExitReason::NoCode);
        for (&dst, var) in call.results.iter().zip([status, value]) {
            other.top().set(dst, Val::Var(var));
        }
        self.assign(&mut other, call.jump);
        self.leave_unit(other, ExitReason::Returned);
        self.exits.last_mut().expect("just made").entry = Some(cell);
        Entered::Typed(taken)
    }

    /// What the entry that is being generated will return, if it is this unit: as far as it has returned, it does so
    /// likewise everywhere.
    fn guess_returned(&mut self, wanted: &Wanted) -> Option<Returned> {
        let request = self.request;
        let is_own = request.entry.is_some_and(|entry| entry.args == wanted.args)
            && (request.portal, &request.greens) == (wanted.portal, &wanted.greens);
        if is_own && self.guess.is_none() {
            self.guess = self.in_common(&self.returns);
        }
        self.guess.clone().filter(|_| is_own)
    }

    /// The state where `cond` is true, and where it is not, which is rare.
    fn fork(&mut self, state: State, cond: VarId) -> (State, State) {
        let (mut yes, mut no) = (state.clone(), state);
        let from = yes.out;
        yes.out = self.builder.block(self.builder.graph.blocks[from.index()].cold);
        no.out = self.builder.block(true);
        let link = |state: &State| Link { block: state.out, args: vec![] };
        self.builder.end(from, Term::Branch { cond: cond.into(), then_to: link(&yes), else_to: link(&no) });
        self.assume(&mut yes, cond, true);
        self.assume(&mut no, cond, false);
        (yes, no)
    }

    /// The unit returns.
    pub(super) fn leave_last(&mut self, state: State, vals: &[Val]) {
        let state_and_vals = Return { state, vals: vals.iter().copied().collect() };
        match self.request.entry {
            Some(_) => self.returns.push(state_and_vals),
            None => self.plain_return(state_and_vals),
        }
    }

    /// The portal's results as status and value.
    fn words(&mut self, ret: &mut Return) -> [Arg; 2] {
        let mut words = [Arg::Const(Const::i64(0)); 2];
        let missing = 2 - ret.vals.len();
        for (index, val) in ret.vals.clone().into_iter().enumerate() {
            let word = self.as_type(&mut ret.state, val, Ty::I64);
            words[missing + index] = self.arg(&mut ret.state, word);
        }
        words
    }

    fn plain_return(&mut self, mut ret: Return) {
        self.flush(&mut ret.state);
        let words = self.words(&mut ret);
        self.builder.end(ret.state.out, Term::Return(words.to_vec()));
    }

    /// Generates the returns of a typed entry. Gives what they have in common.
    pub(super) fn finish_returns(&mut self) -> Option<Returned> {
        let entry = self.request.entry?;
        let returns = std::mem::take(&mut self.returns);
        let guess = self.guess.clone().filter(|guess| returns.iter().all(|ret| self.satisfies(ret, guess)));
        let returned = entry.returned.clone().or(guess).or_else(|| self.in_common(&returns));
        for ret in returns {
            self.typed_return(ret, returned.as_ref());
        }
        returned
    }

    fn typed_return(&mut self, mut ret: Return, returned: Option<&Returned>) {
        let Some(returned) = returned.filter(|returned| self.satisfies(&ret, returned)) else {
            return self.plain_return(ret);
        };
        let mut passed: Arg = Const::i64(0).into();
        for part in &returned.parts {
            let loc = self.own_location(part);
            if let PartValue::Passed(_) = part.value {
                let val = ret.state.memory.get(&loc).expect("it satisfies the type");
                let word = self.as_type(&mut ret.state, val, Ty::I64);
                passed = self.arg(&mut ret.state, word);
            }
            ret.state.memory.set_dirty(&loc, false);
        }
        self.flush(&mut ret.state);
        let status = Const::i64(UNBOXED as i64);
        self.builder.end(ret.state.out, Term::Return(vec![status.into(), passed]));
    }

    /// Whether a return is as callers expect.
    fn satisfies(&self, ret: &Return, returned: &Returned) -> bool {
        let has = |part: &Part| {
            let val = ret.state.memory.get(&self.own_location(part));
            match part.value {
                PartValue::Known(bits) => val.and_then(Val::as_const).is_some_and(|value| value.bits == bits),
                PartValue::Passed(_) => val.is_some_and(|val| !matches!(val, Val::Virtual(..) | Val::Dead)),
            }
        };
        known_words(ret) == Some(returned.words) && returned.parts.iter().all(has)
    }

    /// Of a part relative to this unit's own parameters.
    fn own_location(&self, part: &Part) -> Loc {
        let greens = &self.module().portals[self.request.portal as usize].greens;
        let red = part.param as usize - greens.iter().filter(|&&green| green < part.param).count();
        self.location(part, Val::Var(self.builder.graph.params()[red])).expect("a variable is a root")
    }

    fn in_common(&self, returns: &[Return]) -> Option<Returned> {
        let words = known_words(returns.first()?)?;
        if returns.iter().any(|ret| known_words(ret) != Some(words)) {
            return None;
        }
        let mut all = returns.iter().map(|ret| self.returned_parts(ret));
        let mut parts = all.next()?;
        for other in all {
            let fits = |(one, other): (&Part, &Part)| {
                (one.param, one.field, one.index) == (other.param, other.field, other.index)
            };
            if other.len() != parts.len() || !parts.iter().zip(&other).all(fits) {
                parts.clear();
                break;
            }
            for (part, other) in parts.iter_mut().zip(other) {
                let ty = self.module().field(part.field).ty;
                part.value = match (part.value, other.value) {
                    (one, other) if one == other => one,
                    _ => PartValue::Passed(ty),
                };
            }
        }
        // What is narrow would have to be looked at.
        let fits = |part: &&Part| match part.value {
            PartValue::Known(_) => true,
            PartValue::Passed(ty) => ty.bits() == 64,
        };
        let passed = parts.iter().filter(|part| matches!(part.value, PartValue::Passed(_))).count();
        if parts.len() > MAX_RETURNED || passed > 1 || parts.iter().filter(fits).count() < parts.len() {
            parts.clear();
        }
        Some(Returned { words, parts })
    }

    /// The delayed writes of a return, relative to the unit's parameters. In an order that only places decide.
    fn returned_parts(&self, ret: &Return) -> Vec<Part> {
        let portal = &self.module().portals[self.request.portal as usize];
        let count = self.module().func(portal.func).params.len() as u32;
        let reds: Vec<u32> = (0..count).filter(|param| !portal.greens.contains(param)).collect();
        let params = self.builder.graph.params();
        let mut parts: Vec<Part> = vec![];
        for (loc, val) in ret.state.memory.delayed() {
            let (Base::Var(base), Index::Bytes(bytes)) = (loc.base(), loc.index()) else { continue };
            let Some(red) = params[..reds.len()].iter().position(|&param| param == base) else { continue };
            let field = self.module().field(loc.field());
            // Of what has 64 bits nobody knows whether it keeps something alive.
            let value = match val {
                Val::Const(value) if field.ty.bits() < 64 => PartValue::Known(value.bits),
                _ => PartValue::Passed(field.ty),
            };
            let index = bytes / field.stride as i64;
            parts.push(Part { param: reds[red], field: loc.field(), index, value });
        }
        parts.sort_by_key(|part| (part.param, part.index, part.field));
        parts
    }
}

/// The portal's results, if they are known.
fn known_words(ret: &Return) -> Option<[u64; 2]> {
    let mut words = [0; 2];
    let missing = 2 - ret.vals.len();
    for (index, val) in ret.vals.iter().enumerate() {
        words[missing + index] = val.as_const()?.bits;
    }
    Some(words)
}

/// The call of a unit.
pub(super) struct UnitCall<'a> {
    pub sig: SigId,
    pub enters: &'a Enters,
    pub portal: &'a Portal,
    /// As written: the code's address, then the parameters of the function that declares the call.
    pub vals: &'a [Val],
    /// The portal's parameters.
    pub params: SmallVec<[Val; 8]>,
    pub results: &'a [Dst],
    pub jump: &'a Jump,
}

impl UnitCall<'_> {
    /// What the call is for, if that is known.
    pub fn greens(&self) -> Option<Vec<u64>> {
        let green = |&green: &u32| self.params[green as usize].as_const().map(|value| value.bits);
        self.portal.greens.iter().map(green).collect()
    }

    pub fn reds(&self) -> impl Iterator<Item = Val> {
        let is_red = |index: usize| !self.portal.greens.contains(&(index as u32));
        self.params.iter().enumerate().filter(move |(index, _)| is_red(*index)).map(|(_, &val)| val)
    }
}

/// Whether there is a typed entry.
pub enum Entry {
    /// Its code's address is in this cell.
    Compiled {
        cell: u64,
        returned: Returned,
    },
    /// There is none, and it would be worth one.
    Missing,
    /// It is being generated; its code's address will be in this cell.
    Open {
        cell: u64,
    },
    None,
}

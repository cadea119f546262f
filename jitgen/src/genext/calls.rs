//! Memory operations and calls on boxes: partial data, delayed writes, residual calls and their effects.

use super::engine::{Engine, Results};
use super::loc::{Base, Index, Loc};
use super::memory::{Elements, Entry, Memory};
use super::state::State;
use super::value::Val;
use crate::flow::{Arg, Args, Const, FieldId, FuncId, Mutability, Op, Touched, Ty, WritesFrom};
use smallvec::{SmallVec, smallvec};

/// Where a memory operation goes: its location, and the operands to emit.
struct Address {
    loc: Option<Loc>,
    base: Val,
    index: Option<Val>,
}

impl Engine<'_> {
    /// Reads immutable memory of the process at compile time.
    pub(super) fn read_now(&self, field: FieldId, base: u64, index: i64) -> u64 {
        self.bound.read(field, base, index)
    }

    /// Calls an elidable function at compile time.
    fn call_now(&self, func: FuncId, args: &[Const], results: usize) -> Results<u64> {
        let args: SmallVec<[u64; 8]> = args.iter().map(|arg| arg.bits).collect();
        let mut out = smallvec![0; results];
        self.bound.call(func, &args, &mut out);
        out
    }

    fn locate(&self, field: FieldId, base: Val, index: Option<Val>) -> Address {
        let stride = self.module().field(field).stride as i64;
        let loc = base.place().and_then(|(root, bytes)| {
            let index = match index {
                None => Index::Bytes(bytes),
                Some(Val::Const(value)) => Index::Bytes(bytes + (value.bits as i64).wrapping_mul(stride)),
                Some(Val::Var(var)) | Some(Val::Cast(_, var)) => Index::Var(var, bytes),
                Some(_) => return None,
            };
            Some(Loc::new(field, root, index))
        });
        // An element at a constant distance from a derived address is addressed from the root.
        if let (Val::Addr { base, bytes, .. }, Some(Val::Const(value))) = (base, index)
            && stride != 0
            && i64::from(bytes) % stride == 0
        {
            let index = (value.bits as i64).wrapping_add(i64::from(bytes) / stride);
            return Address { loc, base: Val::Var(base), index: Some(Val::constant(Ty::I64, index as u64)) };
        }
        Address { loc, base, index }
    }

    pub(super) fn load(&mut self, state: &mut State, field: FieldId, base: Val, index: Option<Val>) -> Val {
        if let Some(val) = self.load_virtual(state, field, base, index) {
            return self.plain_type(val);
        }
        let base = self.escaped(state, base);
        let info = self.module().field(field);
        let (ty, mutability) = (info.ty, info.mutability);
        let address = self.locate(field, base, index);
        if mutability == Mutability::Immutable
            && let Some(base) = base.as_const()
            && self.is_memory(base)
        {
            let index = match index {
                None => Some(0),
                Some(index) => index.as_const().map(|index| index.bits as i64),
            };
            if let Some(index) = index {
                let bits = self.read_now(field, base.bits, index);
                self.note_root(ty, bits);
                return Val::constant(ty, bits);
            }
        }
        let volatile = mutability == Mutability::Volatile;
        let mut place = None;
        if let Some(loc) = address.loc {
            let mut found = state.memory.entries.find(&loc);
            if !volatile && let Ok(at) = found {
                return state.memory.entries.entries()[at].1.val;
            }
            if self.write_dirty_aliases(state, &loc) {
                found = state.memory.entries.find(&loc);
            }
            place = Some((loc, found)).filter(|_| !volatile);
        }
        let base = self.arg(state, address.base);
        let (op, args) = match address.index {
            None => (Op::Load(field), smallvec![base]),
            Some(index) => (Op::LoadItem(field), smallvec![base, self.arg(state, index)]),
        };
        let var = self.builder.one(state.out, op, args, ty);
        if let Some((loc, found)) = place {
            state.memory.note_at(found, loc, Val::Var(var), false);
        }
        Val::Var(var)
    }

    pub(super) fn store(&mut self, state: &mut State, field: FieldId, base: Val, index: Option<Val>, val: Val) {
        if self.store_virtual(state, field, base, index, val) {
            return;
        }
        let base = self.escaped(state, base);
        let info = self.module().field(field);
        let delayed = info.virtualizable;
        self.stored_truth |= info.ty == Ty::Bool;
        let address = self.locate(field, base, index);
        if info.mutability == Mutability::Volatile {
            return self.emit_store(state, field, address.base, address.index, val);
        }
        if let Some(loc) = address.loc {
            let mut found = state.memory.entries.find(&loc);
            if found.is_ok_and(|at| state.memory.entries.entries()[at].1.val == val) {
                return;
            }
            let (Ok(at) | Err(at)) = found;
            if !state.memory.is_apart(&self.fields, &loc, at) && self.overwrite_aliases(state, &loc) {
                found = state.memory.entries.find(&loc);
            }
            if delayed && matches!(loc.index(), Index::Bytes(_)) {
                state.memory.note_at(found, loc, val, true);
                return;
            }
            self.emit_store(state, field, address.base, address.index, val);
            let val = self.escaped(state, val);
            state.memory.note(loc, val, false);
        } else {
            self.flush(state);
            let all = state.memory.of_class(&self.fields, field);
            self.note_killed(state, &all);
            state.memory.forget(&all);
            self.emit_store(state, field, address.base, address.index, val);
        }
    }

    /// The box of something that has an address: a virtual container is forced.
    fn escaped(&mut self, state: &mut State, val: Val) -> Val {
        let Val::Virtual(_, id) = val else { return val };
        if state.virtual_of(val).is_some() {
            self.force(state, id);
        }
        let val = state.resolve(val);
        self.plain_type(val)
    }

    /// Nobody reads virtualizable elements from the address on.
    pub(super) fn dead_from(&self, state: &mut State, from: Val) {
        let Some((base, bytes)) = from.place() else { return };
        let dead = state.memory.elements_from(&self.fields, base, bytes);
        let dead: SmallVec<[Loc; 16]> = dead.flat_map(Elements::iter).map(|(_, loc, _)| *loc).collect();
        state.memory.forget(&dead);
    }

    /// A write that was delayed by somebody else: what it may meet is written or forgotten.
    pub(super) fn overwrite(&mut self, state: &mut State, loc: Loc, val: Val) {
        self.overwrite_aliases(state, &loc);
        state.memory.note(loc, val, true);
    }

    /// What a write of `loc` may meet is written if that is still to come, and forgotten. Whether there was any.
    fn overwrite_aliases(&mut self, state: &mut State, loc: &Loc) -> bool {
        let mut aliases = state.memory.aliases(&self.fields, loc);
        if aliases.is_empty() {
            return false;
        }
        if aliases.iter().any(|other| state.memory.is_dirty(other)) {
            for &other in &aliases {
                self.write_back(state, other);
            }
            // Forced containers are known too now.
            aliases = state.memory.aliases(&self.fields, loc);
        }
        self.note_killed(state, &aliases);
        state.memory.forget(&aliases);
        true
    }

    fn emit_store(&mut self, state: &mut State, field: FieldId, base: Val, index: Option<Val>, val: Val) {
        let base = self.arg(state, base);
        let (op, args) = match index {
            None => (Op::Store(field), smallvec![base, self.arg(state, val)]),
            Some(index) => (Op::StoreItem(field), smallvec![base, self.arg(state, index), self.arg(state, val)]),
        };
        self.builder.push(state.out, op, args, &[]);
    }

    /// Delayed writes that a read of `loc` could meet must happen before it. Whether there were any.
    fn write_dirty_aliases(&mut self, state: &mut State, loc: &Loc) -> bool {
        let aliases = state.memory.dirty_aliases(&self.fields, loc);
        for &other in &aliases {
            self.write_back(state, other);
        }
        !aliases.is_empty()
    }

    /// Performs the delayed write of one location.
    pub(super) fn write_back(&mut self, state: &mut State, loc: Loc) {
        let Some(&Entry { val, dirty: true }) = state.memory.entries.get(&loc) else { return };
        state.memory.set_dirty(&loc, false);
        self.emit_write(state, loc, val);
    }

    /// Performs the delayed writes that are not delayed in the memory of a state this one goes over into.
    pub(super) fn write_back_others(&mut self, state: &mut State, into: &Memory) {
        let mut others = SmallVec::<[Loc; 16]>::new();
        let mut rest = into.entries.entries();
        for (loc, _) in state.memory.delayed() {
            while rest.first().is_some_and(|(other, _)| *other != loc && *other < loc) {
                rest = &rest[1..];
            }
            if !rest.first().is_some_and(|(other, entry)| *other == loc && entry.dirty) {
                others.push(loc);
            }
        }
        for loc in others {
            self.write_back(state, loc);
        }
    }

    fn emit_write(&mut self, state: &mut State, loc: Loc, val: Val) {
        let index = Const::i64(self.element_number(&loc));
        let base: Arg = match loc.base() {
            Base::Var(var) => var.into(),
            Base::Const(bits) => Const::new(Ty::Ptr, bits).into(),
        };
        let val = self.arg(state, val);
        self.builder.push(state.out, Op::StoreItem(loc.field()), smallvec![base, index.into(), val], &[]);
    }

    /// Of a location with a delayed write.
    pub(super) fn element_number(&self, loc: &Loc) -> i64 {
        let Index::Bytes(bytes) = loc.index() else { unreachable!("only constant places are delayed") };
        let stride = self.module().field(loc.field()).stride as i64;
        // A division for each would be felt.
        if stride.count_ones() == 1 { bytes >> stride.trailing_zeros() } else { bytes / stride }
    }

    /// Performs all delayed writes: somebody else could look from here on.
    pub(super) fn flush(&mut self, state: &mut State) {
        for (loc, val) in state.memory.take_dirty() {
            self.emit_write(state, loc, val);
        }
    }

    /// Before a branch that may leave the unit. A few delayed writes are left to the exit itself, off the hot path; many
    /// would make every exit large, so they are performed here, once.
    pub(super) fn flush_before_exit(&mut self, state: &mut State) {
        let limit = self.request.limits.max_delayed;
        if state.memory.entries.entries().len() > limit && state.memory.delayed().count() > limit {
            self.flush(state);
        }
    }

    pub(super) fn residual_call(&mut self, state: &mut State, op: Op, args: &[Val], results: &[Ty]) -> Results<Val> {
        self.residual_call_of(state, op, args, args, results)
    }

    /// A residual call that passes `args`; `declared` are those of the function that declares it.
    pub(super) fn residual_call_of(
        &mut self,
        state: &mut State,
        op: Op,
        args: &[Val],
        declared: &[Val],
        results: &[Ty],
    ) -> Results<Val> {
        let module = self.module();
        if let Op::Call(func) = op
            && module.func(func).elidable
            && let Some(consts) = args.iter().map(|arg| arg.as_const()).collect::<Option<Vec<_>>>()
            && consts.iter().all(|&value| self.is_memory(value))
        {
            let bits = self.call_now(func, &consts, results.len());
            for (&bits, &ty) in bits.iter().zip(results) {
                self.note_root(ty, bits);
            }
            return bits.into_iter().zip(results).map(|(bits, &ty)| Val::constant(ty, bits)).collect();
        }
        if let Op::Call(func) = op
            && let Some(vals) = self.container_call(state, func, args, results)
        {
            return vals.into();
        }
        let effects = module.call_effects(op).expect("calls have effects");
        let args: SmallVec<[Val; 8]> = args.iter().map(|&arg| self.escaped(state, arg)).collect();
        let args = &args[..];
        let operands: Args = args.iter().map(|&arg| self.arg(state, arg)).collect();
        if matches!(op, Op::Call(func) if module.func(func).elidable) {
            return self.emit_pure(state, op, operands, results);
        }
        let looks = effects.collects
            || effects.calls
            || effects.reads != Touched::Nothing
            || effects.writes != Touched::Nothing;
        if looks {
            self.flush(state);
        }
        let vars = self.builder.push(state.out, op, operands, results);
        let vals = vars.iter().map(|&var| Val::Var(var)).collect();
        self.forget_written(state, op, declared);
        vals
    }

    /// After a call: what it may have written is not known any more. `declared` are the arguments of the function that
    /// declares it.
    pub(super) fn forget_written(&mut self, state: &mut State, op: Op, declared: &[Val]) {
        let module = self.module();
        let effects = module.call_effects(op).expect("calls have effects");
        self.note_changes(state, &effects.writes);
        self.note_written(state, &effects.writes);
        let keep = bounded(&effects.writes_from, declared);
        let is_written = |id: FieldId| {
            let field = module.field(id);
            effects.writes.contains(field.class) && field.mutability != Mutability::Immutable
        };
        let mut doomed = SmallVec::<[Loc; 16]>::new();
        for of_field in state.memory.entries.entries().chunk_by(|(one, _), (other, _)| one.field() == other.field()) {
            if is_written(of_field[0].0.field()) {
                doomed.extend(of_field.iter().map(|(loc, _)| *loc).filter(|loc| !self.below(loc, &keep)));
            }
        }
        self.note_killed(state, &doomed);
        state.memory.forget(&doomed);
    }

    /// Whether the location lies below the address from which on the callee writes its class.
    fn below(&self, loc: &Loc, bounds: &[(WritesFrom, Val)]) -> bool {
        let field = self.module().field(loc.field());
        bounds.iter().any(|&(bound, from)| {
            let Some((base, bytes)) = from.place() else { return false };
            let bytes = bytes - i64::from(bound.below) * field.stride as i64;
            bound.class == field.class && loc.base() == base && matches!(loc.index(), Index::Bytes(at) if at < bytes)
        })
    }
}

fn bounded(writes_from: &[WritesFrom], args: &[Val]) -> Vec<(WritesFrom, Val)> {
    writes_from.iter().map(|&bound| (bound, args[bound.param as usize])).collect()
}

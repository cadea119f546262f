//! The dispatch loop: the portal of the generated compiler.
//!
//! `proto` and `pc` are the user program's position; compiled code is made for each. Operands are decoded here, what
//! instructions do is in the other files.

use super::calls;
use super::closures;
use super::mode::WATCHED;
use super::regs::{constant, key, load_nil, reg, rk, save_pc, set_reg};
use super::{arith, compare, fields, indexing, loops};
use crate::error::Raised;
use crate::heap::object::{Closure, Proto};
use crate::natives::calls::tail_call_other;
use crate::natives::close;
use crate::natives::concat::concat;
use crate::natives::hooks::{count_back_edge, invalid_opcode};
use crate::natives::watch::{self, run_watched};
use crate::value::{CLOSURE, Value};
use crate::vm::{Event, Hook, Reg, Vm};
use moonshift_jitgen::hint::{interpreting, merge_point, promote, promote_few, rooted};
use moonshift_jitgen::marks::portal;
use moonshift_jitgen::mem::{Arr, Ref};
use moonshift_lang::bytecode::op;

/// Runs a function from `pc` until it returns. Its window is `base`, its frame is the innermost one, `extra` varargs lie
/// below the window. Returns how many results it left, from the slot of its function on.
#[portal(greens(proto, pc), order = pc, live(register_live, base))]
#[inline(never)]
pub fn run(
    vm: &Vm,
    mut closure: Ref<Closure>,
    mut base: Arr<Reg>,
    mut extra: usize,
    mut proto: Ref<Proto>,
    mut pc: usize,
) -> Result<usize, Raised> {
    loop {
        merge_point();
        if WATCHED {
            watch::before(vm, base, proto, pc)?;
        }
        let ins = proto.code.get(pc);
        pc += 1;
        match ins.op() {
            op::MOVE => set_reg(base, ins.a(), reg(base, ins.b())),
            op::LOADI => set_reg(base, ins.a(), Value::int(ins.sd() as i64)),
            op::LOADF => set_reg(base, ins.a(), Value::float(ins.sd() as f64)),
            op::LOADK => set_reg(base, ins.a(), constant(proto, ins.d())),
            op::LOADNIL => load_nil(base, ins.a(), ins.b() + 1),
            op::LOADTRUE => set_reg(base, ins.a(), Value::bool(true)),
            op::LOADFALSE => set_reg(base, ins.a(), Value::bool(false)),
            op::NEWCELL => closures::make_cell(vm, base, ins.a()),
            op::GETCELL => set_reg(base, ins.a(), reg(base, ins.b()).as_cell().value.get()),
            op::SETCELL => closures::set_cell(vm, reg(base, ins.a()).as_cell(), rk(base, proto, ins.c())),
            op::GETUP => set_reg(base, ins.a(), closures::upvalue(closure, ins.b())),
            op::SETUP => closures::set_upvalue(vm, closure, ins.b(), rk(base, proto, ins.c())),
            op::GETENV => {
                let env = closures::upvalue(closure, ins.b());
                fields::get_field(vm, base, proto, pc, ins.a(), env, key(proto, ins.c()), ins.e())?;
            }
            op::SETENV => {
                let env = closures::upvalue(closure, ins.b());
                fields::set_field(vm, base, proto, pc, env, key(proto, ins.c()), reg(base, ins.a()), ins.e())?;
            }
            op::GETTABLE => indexing::get_index(vm, base, proto, pc, ins.a(), reg(base, ins.b()), reg(base, ins.c()))?,
            op::GETFIELD => {
                fields::get_field(vm, base, proto, pc, ins.a(), reg(base, ins.b()), key(proto, ins.c()), ins.e())?
            }
            op::GETINT => {
                let index = Value::int(ins.c() as i64);
                indexing::get_index(vm, base, proto, pc, ins.a(), reg(base, ins.b()), index)?;
            }
            op::SETTABLE => {
                let value = rk(base, proto, ins.c());
                indexing::set_index_any(vm, base, proto, pc, reg(base, ins.a()), reg(base, ins.b()), value)?;
            }
            op::SETFIELD => {
                let value = rk(base, proto, ins.c());
                fields::set_field(vm, base, proto, pc, reg(base, ins.a()), key(proto, ins.b()), value, ins.e())?;
            }
            op::SETINT => {
                let index = Value::int(ins.b() as i64);
                indexing::set_index_any(vm, base, proto, pc, reg(base, ins.a()), index, rk(base, proto, ins.c()))?;
            }
            op::NEWTABLE => closures::make_table(vm, base, ins.a(), ins.b(), ins.c()),
            op::SETLIST => {
                let count = if ins.b() == 0 { vm.top.get() - ins.a() - 1 } else { ins.b() };
                indexing::set_items(vm, base, ins.a(), count, ins.d());
            }
            op::SELF => {
                let object = reg(base, ins.b());
                set_reg(base, ins.a() + 1, object);
                fields::get_field(vm, base, proto, pc, ins.a(), object, key(proto, ins.c()), ins.e())?;
            }
            op::ADD => {
                let (x, y) = (reg(base, ins.b()), reg(base, ins.c()));
                arith::arith(vm, base, proto, pc, ins.a(), Event::ADD, x, y)?;
            }
            op::SUB => {
                let (x, y) = (reg(base, ins.b()), reg(base, ins.c()));
                arith::arith(vm, base, proto, pc, ins.a(), Event::SUB, x, y)?;
            }
            op::MUL => {
                let (x, y) = (reg(base, ins.b()), reg(base, ins.c()));
                arith::arith(vm, base, proto, pc, ins.a(), Event::MUL, x, y)?;
            }
            op::DIV => {
                let (x, y) = (reg(base, ins.b()), reg(base, ins.c()));
                arith::float_arith(vm, base, proto, pc, ins.a(), Event::DIV, x, y)?;
            }
            op::MOD => {
                let (x, y) = (reg(base, ins.b()), reg(base, ins.c()));
                arith::floor_arith(vm, base, proto, pc, ins.a(), Event::MOD, x, y)?;
            }
            op::POW => {
                let (x, y) = (reg(base, ins.b()), reg(base, ins.c()));
                arith::float_arith(vm, base, proto, pc, ins.a(), Event::POW, x, y)?;
            }
            op::IDIV => {
                let (x, y) = (reg(base, ins.b()), reg(base, ins.c()));
                arith::floor_arith(vm, base, proto, pc, ins.a(), Event::IDIV, x, y)?;
            }
            op::BAND => {
                let (x, y) = (reg(base, ins.b()), reg(base, ins.c()));
                arith::bitwise(vm, base, proto, pc, ins.a(), Event::BAND, x, y)?;
            }
            op::BOR => {
                let (x, y) = (reg(base, ins.b()), reg(base, ins.c()));
                arith::bitwise(vm, base, proto, pc, ins.a(), Event::BOR, x, y)?;
            }
            op::BXOR => {
                let (x, y) = (reg(base, ins.b()), reg(base, ins.c()));
                arith::bitwise(vm, base, proto, pc, ins.a(), Event::BXOR, x, y)?;
            }
            op::SHL => {
                let (x, y) = (reg(base, ins.b()), reg(base, ins.c()));
                arith::bitwise(vm, base, proto, pc, ins.a(), Event::SHL, x, y)?;
            }
            op::SHR => {
                let (x, y) = (reg(base, ins.b()), reg(base, ins.c()));
                arith::bitwise(vm, base, proto, pc, ins.a(), Event::SHR, x, y)?;
            }
            op::ADDK => {
                let (x, y) = (reg(base, ins.b()), constant(proto, ins.c()));
                arith::arith(vm, base, proto, pc, ins.a(), Event::ADD, x, y)?;
            }
            op::SUBK => {
                let (x, y) = (reg(base, ins.b()), constant(proto, ins.c()));
                arith::arith(vm, base, proto, pc, ins.a(), Event::SUB, x, y)?;
            }
            op::MULK => {
                let (x, y) = (reg(base, ins.b()), constant(proto, ins.c()));
                arith::arith(vm, base, proto, pc, ins.a(), Event::MUL, x, y)?;
            }
            op::DIVK => {
                let (x, y) = (reg(base, ins.b()), constant(proto, ins.c()));
                arith::float_arith(vm, base, proto, pc, ins.a(), Event::DIV, x, y)?;
            }
            op::MODK => {
                let (x, y) = (reg(base, ins.b()), constant(proto, ins.c()));
                arith::floor_arith(vm, base, proto, pc, ins.a(), Event::MOD, x, y)?;
            }
            op::POWK => {
                let (x, y) = (reg(base, ins.b()), constant(proto, ins.c()));
                arith::float_arith(vm, base, proto, pc, ins.a(), Event::POW, x, y)?;
            }
            op::IDIVK => {
                let (x, y) = (reg(base, ins.b()), constant(proto, ins.c()));
                arith::floor_arith(vm, base, proto, pc, ins.a(), Event::IDIV, x, y)?;
            }
            op::BANDK => {
                let (x, y) = (reg(base, ins.b()), constant(proto, ins.c()));
                arith::bitwise(vm, base, proto, pc, ins.a(), Event::BAND, x, y)?;
            }
            op::BORK => {
                let (x, y) = (reg(base, ins.b()), constant(proto, ins.c()));
                arith::bitwise(vm, base, proto, pc, ins.a(), Event::BOR, x, y)?;
            }
            op::BXORK => {
                let (x, y) = (reg(base, ins.b()), constant(proto, ins.c()));
                arith::bitwise(vm, base, proto, pc, ins.a(), Event::BXOR, x, y)?;
            }
            op::SHLK => {
                let (x, y) = (reg(base, ins.b()), constant(proto, ins.c()));
                arith::bitwise(vm, base, proto, pc, ins.a(), Event::SHL, x, y)?;
            }
            op::SHRK => {
                let (x, y) = (reg(base, ins.b()), constant(proto, ins.c()));
                arith::bitwise(vm, base, proto, pc, ins.a(), Event::SHR, x, y)?;
            }
            op::UNM => arith::negate(vm, base, proto, pc, ins.a(), reg(base, ins.b()))?,
            op::BNOT => arith::complement(vm, base, proto, pc, ins.a(), reg(base, ins.b()))?,
            op::NOT => set_reg(base, ins.a(), compare::not(reg(base, ins.b()))),
            op::LEN => indexing::length(vm, base, proto, pc, ins.a(), reg(base, ins.b()))?,
            op::CONCAT => {
                save_pc(vm, base, pc);
                concat(vm, base.offset(ins.a()), ins.b())?;
            }
            op::JMP => pc = ins.d(),
            op::LOOP => {
                pc = ins.d();
                if loops::poll_back_edge(vm, base, proto, pc)? && !WATCHED {
                    return run_watched(vm, calls::result_slot(base, extra, proto), closure, base, extra, proto, pc);
                }
                if interpreting() && !WATCHED {
                    let hook = count_back_edge(vm, closure, base, extra, proto, pc, ins.b());
                    if hook.status != Hook::NOTHING {
                        match hook.status {
                            Hook::RETURNED => return Ok(hook.value as usize),
                            Hook::RAISED => return Err(Raised),
                            _ => pc = hook.value as usize,
                        }
                    }
                }
            }
            op::JT => {
                if compare::is_true(reg(base, ins.a())) {
                    pc = ins.d();
                }
            }
            op::JF => {
                if !compare::is_true(reg(base, ins.a())) {
                    pc = ins.d();
                }
            }
            op::JEQ => {
                if compare::equal(vm, base, proto, pc, reg(base, ins.a()), reg(base, ins.b()))? {
                    pc = ins.d();
                }
            }
            op::JNE => {
                if !compare::equal(vm, base, proto, pc, reg(base, ins.a()), reg(base, ins.b()))? {
                    pc = ins.d();
                }
            }
            op::JEQK => {
                if compare::equal_constant(reg(base, ins.a()), constant(proto, ins.b())) {
                    pc = ins.d();
                }
            }
            op::JNEK => {
                if !compare::equal_constant(reg(base, ins.a()), constant(proto, ins.b())) {
                    pc = ins.d();
                }
            }
            op::JLT => {
                if compare::less_than(vm, base, proto, pc, reg(base, ins.a()), reg(base, ins.b()))? {
                    pc = ins.d();
                }
            }
            op::JNLT => {
                if !compare::less_than(vm, base, proto, pc, reg(base, ins.a()), reg(base, ins.b()))? {
                    pc = ins.d();
                }
            }
            op::JLE => {
                if compare::less_equal(vm, base, proto, pc, reg(base, ins.a()), reg(base, ins.b()))? {
                    pc = ins.d();
                }
            }
            op::JNLE => {
                if !compare::less_equal(vm, base, proto, pc, reg(base, ins.a()), reg(base, ins.b()))? {
                    pc = ins.d();
                }
            }
            op::JLTK => {
                if compare::less_than(vm, base, proto, pc, reg(base, ins.a()), constant(proto, ins.b()))? {
                    pc = ins.d();
                }
            }
            op::JNLTK => {
                if !compare::less_than(vm, base, proto, pc, reg(base, ins.a()), constant(proto, ins.b()))? {
                    pc = ins.d();
                }
            }
            op::JLEK => {
                if compare::less_equal(vm, base, proto, pc, reg(base, ins.a()), constant(proto, ins.b()))? {
                    pc = ins.d();
                }
            }
            op::JNLEK => {
                if !compare::less_equal(vm, base, proto, pc, reg(base, ins.a()), constant(proto, ins.b()))? {
                    pc = ins.d();
                }
            }
            op::JGTK => {
                if compare::less_than(vm, base, proto, pc, constant(proto, ins.b()), reg(base, ins.a()))? {
                    pc = ins.d();
                }
            }
            op::JNGTK => {
                if !compare::less_than(vm, base, proto, pc, constant(proto, ins.b()), reg(base, ins.a()))? {
                    pc = ins.d();
                }
            }
            op::JGEK => {
                if compare::less_equal(vm, base, proto, pc, constant(proto, ins.b()), reg(base, ins.a()))? {
                    pc = ins.d();
                }
            }
            op::JNGEK => {
                if !compare::less_equal(vm, base, proto, pc, constant(proto, ins.b()), reg(base, ins.a()))? {
                    pc = ins.d();
                }
            }
            op::FORPREP => {
                if !loops::for_prep(vm, base, pc, ins.a())? {
                    pc = ins.d();
                }
            }
            op::FORLOOP => {
                if loops::for_loop(base, ins.a()) {
                    pc = ins.d();
                    if loops::poll_back_edge(vm, base, proto, pc)? && !WATCHED {
                        return run_watched(
                            vm,
                            calls::result_slot(base, extra, proto),
                            closure,
                            base,
                            extra,
                            proto,
                            pc,
                        );
                    }
                    if interpreting() && !WATCHED {
                        let hook = count_back_edge(vm, closure, base, extra, proto, pc, ins.b());
                        if hook.status != Hook::NOTHING {
                            match hook.status {
                                Hook::RETURNED => return Ok(hook.value as usize),
                                Hook::RAISED => return Err(Raised),
                                _ => pc = hook.value as usize,
                            }
                        }
                    }
                }
            }
            op::TFORPREP => {
                loops::generic_prep(vm, base, pc, ins.a())?;
                pc = ins.d();
            }
            op::TFORCALL => loops::generic_call(vm, base, pc, ins.a(), ins.c(), WATCHED)?,
            op::TFORLOOP => {
                if loops::generic_loop(base, ins.a()) {
                    pc = ins.d();
                    if loops::poll_back_edge(vm, base, proto, pc)? && !WATCHED {
                        return run_watched(
                            vm,
                            calls::result_slot(base, extra, proto),
                            closure,
                            base,
                            extra,
                            proto,
                            pc,
                        );
                    }
                    if interpreting() && !WATCHED {
                        let hook = count_back_edge(vm, closure, base, extra, proto, pc, ins.b());
                        if hook.status != Hook::NOTHING {
                            match hook.status {
                                Hook::RETURNED => return Ok(hook.value as usize),
                                Hook::RAISED => return Err(Raised),
                                _ => pc = hook.value as usize,
                            }
                        }
                    }
                }
            }
            op::CALL => {
                let slot = base.offset(ins.a());
                let nargs = if ins.b() == 0 { vm.top.get() - ins.a() - 1 } else { ins.b() - 1 };
                save_pc(vm, base, pc);
                let count = calls::call_value(vm, slot, nargs)?;
                if WATCHED {
                    watch::came_back(vm, pc);
                }
                if ins.c() == 0 {
                    vm.top.set(ins.a() + count);
                } else {
                    calls::adjust_results(slot, count, ins.c() - 1);
                }
            }
            op::TAILCALL => {
                let slot = base.offset(ins.a());
                let given = if ins.b() == 0 { vm.top.get() - ins.a() - 1 } else { ins.b() - 1 };
                save_pc(vm, base, pc);
                let nargs = calls::prepare_tail_call(vm, slot, given)?;
                let callee = reg(slot, 0);
                let to = calls::result_slot(base, extra, proto);
                if promote(callee.tag) != CLOSURE {
                    let count = tail_call_other(vm, to, slot, nargs)?;
                    if WATCHED {
                        watch::returned(vm, to, base, pc, count)?;
                    }
                    return Ok(count);
                }
                // The new frame has it in the register below its window.
                let target = rooted(callee.as_closure());
                let Some(next) = promote_few(target.proto) else {
                    return tail_call_other(vm, to, slot, nargs);
                };
                let (new_base, new_extra) = calls::replace_frame(vm, to, slot, nargs, next)?;
                closure = target;
                base = new_base;
                extra = new_extra;
                proto = next;
                pc = 0;
                if loops::poll_back_edge(vm, base, proto, 0)? && !WATCHED {
                    return run_watched(vm, to, closure, base, extra, proto, 0);
                }
                if WATCHED {
                    watch::tail_called(vm, proto)?;
                }
            }
            op::RETURN => {
                if WATCHED {
                    let count = if ins.b() == 0 { vm.top.get() - ins.a() } else { ins.b() - 1 };
                    watch::returning(vm, base, pc, ins.a(), count)?;
                }
                if ins.b() == 0 {
                    return Ok(calls::return_open(vm, base, extra, proto, ins.a()));
                }
                calls::return_values(base, extra, proto, ins.a(), ins.b() - 1);
                return Ok(ins.b() - 1);
            }
            op::RETURN0 => {
                if WATCHED {
                    watch::returning(vm, base, pc, 0, 0)?;
                }
                calls::return_values(base, extra, proto, 0, 0);
                return Ok(0);
            }
            op::RETURN1 => {
                if WATCHED {
                    watch::returning(vm, base, pc, ins.a(), 1)?;
                }
                calls::return_values(base, extra, proto, ins.a(), 1);
                return Ok(1);
            }
            op::VARARG => {
                if ins.c() == 0 {
                    calls::varargs_open(vm, base, pc, extra, ins.a())?;
                } else {
                    calls::varargs_fixed(base, extra, ins.a(), ins.c() - 1);
                }
            }
            op::CLOSURE => {
                let child = proto.children.get(ins.d()).proto;
                closures::make_closure(vm, closure, base, ins.a(), child);
            }
            op::TBC => {
                save_pc(vm, base, pc);
                close::mark(vm, base.offset(ins.a()))?;
            }
            op::CLOSE => {
                save_pc(vm, base, pc);
                if ins.b() == 0 {
                    close::close(vm, base.offset(ins.a()))?;
                } else {
                    close::close_keeping_open_list(vm, base, base.offset(ins.a()))?;
                }
            }
            _ => return invalid_opcode(),
        }
    }
}

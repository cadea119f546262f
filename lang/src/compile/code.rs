//! The function being generated: instructions with their lines, constants, registers, blocks, jump lists.

use super::resolve::{FunctionInfo, Var};
use crate::bytecode::{Constant, Instr, LocalVar, Proto, RK_CONST, op};
use crate::error::{Reporter, SyntaxError};
use crate::intern::StrId;
use crate::syntax::ast::{Ast, FuncId, VarId};
use std::collections::HashMap;
use std::sync::Arc;

pub type Result<T> = std::result::Result<T, SyntaxError>;

/// A function uses fewer registers than this.
pub const MAX_REGISTERS: usize = 255;

/// Highest constant number an RK operand can hold.
const MAX_RK: usize = 0xffff - RK_CONST;

/// Longest string used as a field name operand: longer ones are not interned by the runtime.
pub const MAX_FIELD_NAME: usize = 40;

/// Jump instructions whose target is not known yet.
pub type JumpList = Vec<usize>;

/// A block of statements open in the generator.
pub struct BlockState {
    /// First register of the block's variables.
    pub base: usize,
    /// Length of `Code::locals_active` outside the block.
    pub first_local: usize,
    pub first_tbc: usize,
}

/// A loop open in the generator.
pub struct LoopState {
    pub breaks: JumpList,
    /// Variables to be closed at or above this register are closed by `break`.
    pub level: usize,
}

/// A label of the function.
#[derive(Default)]
pub struct LabelState {
    pub pc: Option<usize>,
    pub level: usize,
    pub pending: JumpList,
}

/// Everything about the function being generated.
pub struct Code {
    pub id: FuncId,
    pub code: Vec<Instr>,
    pub lines: Vec<u32>,
    pub constants: Vec<Constant>,
    constant_ids: HashMap<ConstantKey, usize>,
    pub children: Vec<Arc<Proto>>,
    pub locals: Vec<LocalVar>,
    /// Indices into `locals` of the variables in scope.
    pub locals_active: Vec<usize>,
    /// First free register.
    pub free: usize,
    pub max_stack: usize,
    pub blocks: Vec<BlockState>,
    pub loops: Vec<LoopState>,
    pub labels: Vec<LabelState>,
    /// Registers to be closed that are in scope.
    pub tbc: Vec<usize>,
    /// The last place that is a jump target.
    last_target: usize,
    pub num_loops: u32,
    pub num_caches: u32,
}

#[derive(PartialEq, Eq, Hash)]
enum ConstantKey {
    Nil,
    False,
    True,
    Int(i64),
    Float(u64),
    Str(StrId),
}

/// The generator: one chunk, function by function.
pub struct Generator<'g, 't, 's> {
    pub ast: &'g Ast,
    pub reporter: &'g Reporter<'t, 's>,
    pub vars: &'g [Var],
    pub functions: &'g [FunctionInfo],
    /// Register of each variable, once declared.
    pub registers: Vec<u8>,
    pub f: Box<Code>,
}

impl Code {
    pub fn new(id: FuncId, labels: usize) -> Code {
        Code {
            id,
            code: Vec::new(),
            lines: Vec::new(),
            constants: Vec::new(),
            constant_ids: HashMap::new(),
            children: Vec::new(),
            locals: Vec::new(),
            locals_active: Vec::new(),
            free: 0,
            max_stack: 2,
            blocks: Vec::new(),
            loops: Vec::new(),
            labels: (0..labels).map(|_| LabelState::default()).collect(),
            tbc: Vec::new(),
            last_target: 0,
            num_loops: 0,
            num_caches: 0,
        }
    }

    /// Number of the next instruction.
    pub fn pc(&self) -> usize {
        self.code.len()
    }

    /// The next instruction becomes a jump target.
    pub fn target(&mut self) -> usize {
        self.last_target = self.pc();
        self.last_target
    }

    /// Sends jumps to the next instruction.
    pub fn patch_here(&mut self, jumps: JumpList) {
        if !jumps.is_empty() {
            let target = self.target();
            self.patch(jumps, target);
        }
    }

    /// Sends jumps to `target`.
    pub fn patch(&mut self, jumps: JumpList, target: usize) {
        for pc in jumps {
            let i = self.code[pc];
            self.code[pc] = Instr::abd(i.op(), i.a() as u8, i.b() as u16, target as u32);
        }
    }

    /// Whether control can reach the next instruction.
    pub fn reachable(&self) -> bool {
        let ended = self.code.last().is_some_and(|i| {
            matches!(i.op(), op::JMP | op::LOOP | op::RETURN | op::RETURN0 | op::RETURN1 | op::TAILCALL)
        });
        !ended || self.last_target == self.pc()
    }

    /// A loop number.
    pub fn new_loop(&mut self) -> u16 {
        let number = self.num_loops.min(u32::from(u16::MAX));
        self.num_loops = (number + 1).max(self.num_loops);
        number as u16
    }

    /// A cache number.
    pub fn new_cache(&mut self) -> u16 {
        let number = self.num_caches.min(u32::from(u16::MAX));
        self.num_caches = (number + 1).max(self.num_caches);
        number as u16
    }

    fn constant(&mut self, key: ConstantKey, constant: Constant) -> usize {
        let next = self.constants.len();
        let index = *self.constant_ids.entry(key).or_insert(next);
        if index == next {
            self.constants.push(constant);
        }
        index
    }

    /// Whether the last instruction is one that may be merged with the next.
    pub fn last_mergeable(&self) -> Option<Instr> {
        if self.last_target == self.pc() { None } else { self.code.last().copied() }
    }
}

impl Generator<'_, '_, '_> {
    /// Appends an instruction that belongs to the line of token `token`; its number.
    pub fn emit(&mut self, instr: Instr, token: usize) -> usize {
        self.f.code.push(instr);
        self.f.lines.push(self.reporter.tokens.line(token));
        self.f.code.len() - 1
    }

    /// `op a b d`
    pub fn emit_abd(&mut self, op: u8, a: usize, b: usize, d: usize, token: usize) -> usize {
        self.emit(Instr::abd(op, a as u8, b as u16, d as u32), token)
    }

    /// `op a b c`
    pub fn emit_abc(&mut self, op: u8, a: usize, b: usize, c: usize, token: usize) -> usize {
        self.emit(Instr::abce(op, a as u8, b as u16, c as u16, 0), token)
    }

    /// `op a b c e`, e a new cache number.
    pub fn emit_cached(&mut self, op: u8, a: usize, b: usize, c: usize, token: usize) -> usize {
        let cache = self.f.new_cache();
        self.emit(Instr::abce(op, a as u8, b as u16, c as u16, cache), token)
    }

    /// A jump whose target is filled in later.
    pub fn jump(&mut self, token: usize) -> JumpList {
        vec![self.emit_abd(op::JMP, 0, 0, 0, token)]
    }

    /// Makes room for `n` registers above the free one.
    pub fn check_room(&mut self, n: usize, token: usize) -> Result<()> {
        let needed = self.f.free + n;
        if needed >= MAX_REGISTERS {
            return Err(self.reporter.near("function or expression needs too many registers", token + 1));
        }
        self.f.max_stack = self.f.max_stack.max(needed);
        Ok(())
    }

    /// Takes `n` registers; the first of them.
    pub fn reserve(&mut self, n: usize, token: usize) -> Result<usize> {
        self.check_room(n, token)?;
        self.f.free += n;
        Ok(self.f.free - n)
    }

    pub fn const_nil(&mut self) -> usize {
        self.f.constant(ConstantKey::Nil, Constant::Nil)
    }

    pub fn const_bool(&mut self, value: bool) -> usize {
        if value {
            self.f.constant(ConstantKey::True, Constant::True)
        } else {
            self.f.constant(ConstantKey::False, Constant::False)
        }
    }

    pub fn const_int(&mut self, value: i64) -> usize {
        self.f.constant(ConstantKey::Int(value), Constant::Int(value))
    }

    pub fn const_float(&mut self, value: f64) -> usize {
        self.f.constant(ConstantKey::Float(value.to_bits()), Constant::Float(value))
    }

    pub fn const_str(&mut self, value: StrId) -> usize {
        let string = self.reporter.tokens.strings.get(value).clone();
        self.f.constant(ConstantKey::Str(value), Constant::Str(string))
    }

    /// The constant of a name that fits a field operand: short enough, number in reach.
    pub fn field_name(&mut self, name: StrId) -> Option<usize> {
        if self.reporter.tokens.strings.get(name).len() > MAX_FIELD_NAME {
            return None;
        }
        let k = self.const_str(name);
        (k <= 0xffff).then_some(k)
    }

    /// A constant as an RK operand, if its number is in reach.
    pub fn rk_constant(&self, k: usize) -> Option<usize> {
        (k <= MAX_RK).then_some(k + RK_CONST)
    }

    pub fn register(&self, var: VarId) -> usize {
        self.registers[var.0 as usize] as usize
    }

    pub fn captured(&self, var: VarId) -> bool {
        self.vars[var.0 as usize].captured
    }

    /// Opens a block whose variables start at the free register.
    pub fn open_block(&mut self) {
        let f = &mut self.f;
        f.blocks.push(BlockState { base: f.free, first_local: f.locals_active.len(), first_tbc: f.tbc.len() });
    }

    /// Ends a block: closes what is to be closed, ends the variables, frees the registers.
    pub fn close_block(&mut self, token: usize) {
        let block = self.f.blocks.pop().expect("blocks nest");
        if self.f.tbc.len() > block.first_tbc && self.f.reachable() {
            self.emit_abc(op::CLOSE, block.base, 0, 0, token);
        }
        self.end_block(&block);
    }

    /// Ends a block without code.
    pub fn end_block(&mut self, block: &BlockState) {
        let f = &mut self.f;
        f.tbc.truncate(block.first_tbc);
        let end_pc = f.pc() as u32;
        for i in f.locals_active.drain(block.first_local..) {
            f.locals[i].end_pc = end_pc;
        }
        f.free = block.base;
    }

    /// Debug information: a variable is in scope from the next instruction on.
    pub fn activate(&mut self, name: StrId, reg: usize) {
        let start_pc = self.f.pc() as u32;
        let name = self.reporter.tokens.strings.get(name).clone();
        self.f.locals_active.push(self.f.locals.len());
        self.f.locals.push(LocalVar { name, start_pc, end_pc: start_pc, reg: reg as u8 });
    }

    /// Puts a declared variable, whose value is in `reg`, in scope.
    pub fn declare(&mut self, var: VarId, reg: usize, token: usize) {
        self.registers[var.0 as usize] = reg as u8;
        if self.captured(var) {
            self.emit_abc(op::NEWCELL, reg, 0, 0, token);
        }
        self.activate(self.vars[var.0 as usize].name, reg);
    }

    /// Closes variables at or above `level` before leaving their scope by a jump, if there are any.
    pub fn close_from(&mut self, level: usize, token: usize) -> bool {
        let needed = self.f.tbc.last().is_some_and(|reg| *reg >= level);
        if needed {
            self.emit_abc(op::CLOSE, level, 0, 0, token);
        }
        needed
    }
}

//! From checked bodies to flow graphs. Values of structures, tuples and enums are flattened into their scalars here;
//! memory keeps its structure in descriptors.

mod control;
mod exprs;
mod intrinsics;
mod matching;
mod memory;
mod ssa;

use super::check;
use super::diag::{Errors, Pos};
use super::hir::{Body, Expr, LocalId, LoopId};
use super::items::{ConstId, FnId, Program};
use super::layout::Layout;
use super::types::Type;
use crate::flow::{Arg, BlockId, Const, Graph, SigId, Term};
use ssa::{Slot, Ssa};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// One error ends the lowering of a function; it has been reported.
pub struct Abort;
type Lowered<T> = Result<T, Abort>;

/// The flattened scalars of a value.
type Parts = Vec<Arg>;

/// What all functions of a translation share.
pub struct Context<'p> {
    pub program: &'p Program,
    pub errors: &'p Errors,
    pub layout: RefCell<Layout>,
    /// The `#[indirect]` functions called, one signature each.
    pub signatures: RefCell<Vec<FnId>>,
    /// Functions called by those checked.
    called: RefCell<Vec<FnId>>,
    bodies: RefCell<HashMap<FnId, Option<Rc<Body>>>>,
    constants: RefCell<HashMap<ConstId, Option<Rc<Vec<Const>>>>>,
}

impl<'p> Context<'p> {
    pub fn new(program: &'p Program, errors: &'p Errors) -> Self {
        Context {
            program,
            errors,
            layout: RefCell::default(),
            signatures: RefCell::default(),
            called: RefCell::default(),
            bodies: RefCell::default(),
            constants: RefCell::default(),
        }
    }

    fn body(&self, id: FnId) -> Lowered<Rc<Body>> {
        let known = self.bodies.borrow().get(&id).cloned();
        let body = known.unwrap_or_else(|| {
            let body = check::check_fn(self.program, self.errors, id, &mut self.called.borrow_mut()).map(Rc::new);
            self.bodies.borrow_mut().insert(id, body.clone());
            body
        });
        body.ok_or(Abort)
    }

    /// Takes the functions that those checked so far call, whether or not they were in error.
    pub fn take_called(&self) -> Vec<FnId> {
        self.called.take()
    }

    /// The signature of an `#[indirect]` function.
    fn signature(&self, id: FnId) -> SigId {
        let mut signatures = self.signatures.borrow_mut();
        let index = signatures.iter().position(|&known| known == id).unwrap_or_else(|| {
            signatures.push(id);
            signatures.len() - 1
        });
        SigId(index as u32)
    }

    /// The scalars of a constant.
    pub fn constant(&self, id: ConstId, pos: Pos) -> Lowered<Rc<Vec<Const>>> {
        let known = self.constants.borrow().get(&id).cloned();
        let value = match known {
            Some(value) => value,
            None => {
                // Entered first, so that a constant which needs itself ends.
                self.constants.borrow_mut().insert(id, None);
                let value = check::check_const(self.program, self.errors, id)
                    .and_then(|body| Lowerer::constant(self, body).ok())
                    .map(Rc::new);
                self.constants.borrow_mut().insert(id, value.clone());
                value
            }
        };
        value.ok_or_else(|| {
            self.errors.add(pos, format!("the constant `{}` could not be evaluated", self.program.consts[id].name));
            Abort
        })
    }
}

/// Where `break` and `continue` of a loop or labelled block go.
struct LoopTarget {
    after: BlockId,
    again: Option<BlockId>,
    result: Vec<Slot>,
}

/// The function being lowered, or one inlined into a constant.
struct Frame {
    body: Rc<Body>,
    locals: HashMap<LocalId, Vec<Slot>>,
    loops: HashMap<LoopId, LoopTarget>,
    /// `None`: `return` ends the graph.
    ret: Option<(BlockId, Vec<Slot>)>,
}

struct Lowerer<'c, 'p> {
    context: &'c Context<'p>,
    program: &'p Program,
    ssa: Ssa,
    frame: Frame,
    /// Evaluating a constant: calls are inlined, so that everything folds.
    constant: bool,
    depth: usize,
}

/// The graph of a function, not simplified. Call operations carry the number of the called function in the program, and
/// field operations that of the field in the layout. `None` after errors.
pub fn lower_fn(context: &Context, id: FnId) -> Option<Graph> {
    let body = context.body(id).ok()?;
    let def = &context.program.fns[id];
    let mut lowerer = Lowerer::new(context, &def.name, body.clone(), false);
    lowerer.function(&body, def.pos).ok()?;
    Some(lowerer.ssa.graph)
}

impl<'c, 'p> Lowerer<'c, 'p> {
    fn new(context: &'c Context<'p>, name: &str, body: Rc<Body>, constant: bool) -> Self {
        let frame = Frame { body, locals: HashMap::new(), loops: HashMap::new(), ret: None };
        Lowerer { context, program: context.program, ssa: Ssa::new(name), frame, constant, depth: 0 }
    }

    fn constant(context: &'c Context<'p>, body: Body) -> Lowered<Vec<Const>> {
        let body = Rc::new(body);
        let mut lowerer = Lowerer::new(context, "constant", body.clone(), true);
        let parts = lowerer.expr(&body.value)?;
        let constant = |part: Arg| match part {
            Arg::Const(value) => Ok(value),
            Arg::Var(_) => Err(Abort),
        };
        parts.into_iter().map(constant).collect()
    }

    fn function(&mut self, body: &Rc<Body>, pos: Pos) -> Lowered<()> {
        for part in self.flatten(&body.ret, pos)? {
            self.ssa.graph.results.push(part.ty);
        }
        for &param in &body.params {
            let slots = self.local(param, pos)?;
            let local = &body.locals[param.0];
            for (slot, part) in slots.into_iter().zip(self.flatten(&local.ty, pos)?) {
                let var = self.ssa.graph.param(Graph::ENTRY, part.ty, format!("{}{}", local.name, part.name));
                self.ssa.write(slot, var.into());
            }
        }
        let value = self.expr(&body.value)?;
        if self.ty(&body.value) != Type::Never {
            self.return_parts(value);
        } else {
            self.ssa.terminate(Term::Unreachable);
        }
        Ok(())
    }

    fn error<T>(&self, pos: Pos, message: impl Into<String>) -> Lowered<T> {
        self.context.errors.add(pos, message);
        Err(Abort)
    }

    /// The type of an expression, inferred.
    fn ty(&self, expr: &Expr) -> Type {
        self.resolve(&expr.ty)
    }

    fn resolve(&self, ty: &Type) -> Type {
        self.frame.body.ty(ty)
    }

    fn flatten(&self, ty: &Type, pos: Pos) -> Lowered<Vec<super::types::Part>> {
        self.program.flatten(&self.resolve(ty)).or_else(|message| self.error(pos, message))
    }

    fn size(&self, ty: &Type, pos: Pos) -> Lowered<usize> {
        Ok(self.flatten(ty, pos)?.len())
    }

    fn zeros(&self, ty: &Type, pos: Pos) -> Lowered<Parts> {
        Ok(self.flatten(ty, pos)?.into_iter().map(|part| Ssa::constant(part.ty, 0)).collect())
    }

    /// The slots of a local.
    fn local(&mut self, local: LocalId, pos: Pos) -> Lowered<Vec<Slot>> {
        if let Some(slots) = self.frame.locals.get(&local) {
            return Ok(slots.clone());
        }
        let info = self.frame.body.locals[local.0].clone();
        let slots = self.slots(&info.ty, &info.name, pos)?;
        self.frame.locals.insert(local, slots.clone());
        Ok(slots)
    }

    fn slots(&mut self, ty: &Type, name: &str, pos: Pos) -> Lowered<Vec<Slot>> {
        let parts = self.flatten(ty, pos)?;
        Ok(parts.into_iter().map(|part| self.ssa.slot(part.ty, format!("{name}{}", part.name))).collect())
    }

    fn read(&mut self, slots: &[Slot]) -> Parts {
        slots.iter().map(|&slot| self.ssa.read(slot)).collect()
    }

    fn write(&mut self, slots: &[Slot], parts: &[Arg]) {
        for (&slot, &part) in slots.iter().zip(parts) {
            self.ssa.write(slot, part);
        }
    }

    fn return_parts(&mut self, parts: Parts) {
        match &self.frame.ret {
            None => self.ssa.terminate(Term::Return(parts)),
            Some((block, slots)) => {
                let (block, slots) = (*block, slots.clone());
                self.write(&slots, &parts);
                self.ssa.jump(block);
            }
        }
    }
}

//! Inference of types inside one body: variables, unification.

use super::types::{Int, Type};

/// What a variable stands for.
#[derive(Clone, Debug)]
enum Binding {
    Free,
    /// An integer type, from a literal without a suffix.
    FreeInt,
    To(Type),
}

#[derive(Clone, Debug, Default)]
pub struct Inferred {
    vars: Vec<Binding>,
}

impl Inferred {
    pub fn fresh(&mut self) -> Type {
        self.vars.push(Binding::Free);
        Type::Var(self.vars.len() as u32 - 1)
    }

    pub fn fresh_int(&mut self) -> Type {
        self.vars.push(Binding::FreeInt);
        Type::Var(self.vars.len() as u32 - 1)
    }

    /// Replaces the `_` of written types by fresh variables.
    pub fn instantiate(&mut self, ty: &Type) -> Type {
        self.map(ty, &mut |this, var| if var == u32::MAX { this.fresh() } else { Type::Var(var) })
    }

    fn map(&mut self, ty: &Type, f: &mut impl FnMut(&mut Inferred, u32) -> Type) -> Type {
        let mut boxed = |this: &mut Inferred, ty: &Type| Box::new(this.map(ty, f));
        match ty {
            Type::Option(of) => Type::Option(boxed(self, of)),
            Type::Result(ok, err) => Type::Result(boxed(self, ok), boxed(self, err)),
            Type::Ref(to) => Type::Ref(boxed(self, to)),
            Type::Arr(of) => Type::Arr(boxed(self, of)),
            Type::Borrow(to) => Type::Borrow(boxed(self, to)),
            Type::Cell(of) => Type::Cell(boxed(self, of)),
            Type::Atomic(of) => Type::Atomic(boxed(self, of)),
            Type::Tuple(of) => Type::Tuple(of.iter().map(|ty| self.map(ty, f)).collect()),
            Type::Var(var) => f(self, *var),
            ty => ty.clone(),
        }
    }

    /// The type as far as known: the outermost constructor is no bound variable.
    pub fn shallow(&self, ty: &Type) -> Type {
        let mut ty = ty;
        while let Type::Var(var) = ty {
            match self.vars.get(*var as usize) {
                Some(Binding::To(to)) => ty = to,
                _ => break,
            }
        }
        ty.clone()
    }

    /// Whether the type is an integer literal's, not yet decided.
    pub fn is_free_int(&self, ty: &Type) -> bool {
        matches!(self.shallow(ty), Type::Var(var) if matches!(self.vars.get(var as usize), Some(Binding::FreeInt)))
    }

    pub fn is_free(&self, ty: &Type) -> bool {
        matches!(self.shallow(ty), Type::Var(_))
    }

    /// The type with all variables replaced; integers nothing decided are `i32`, as in Rust.
    pub fn resolve(&self, ty: &Type) -> Type {
        match self.shallow(ty) {
            var @ Type::Var(_) if self.is_free_int(&var) => Type::Int(Int::I32),
            ty @ Type::Var(_) => ty,
            ty => self.clone_parts(&ty),
        }
    }

    fn clone_parts(&self, ty: &Type) -> Type {
        let boxed = |ty: &Type| Box::new(self.resolve(ty));
        match ty {
            Type::Option(of) => Type::Option(boxed(of)),
            Type::Result(ok, err) => Type::Result(boxed(ok), boxed(err)),
            Type::Ref(to) => Type::Ref(boxed(to)),
            Type::Arr(of) => Type::Arr(boxed(of)),
            Type::Borrow(to) => Type::Borrow(boxed(to)),
            Type::Cell(of) => Type::Cell(boxed(of)),
            Type::Atomic(of) => Type::Atomic(boxed(of)),
            Type::Tuple(of) => Type::Tuple(of.iter().map(|ty| self.resolve(ty)).collect()),
            ty => ty.clone(),
        }
    }

    /// Makes two types equal; false when they cannot be.
    pub fn unify(&mut self, a: &Type, b: &Type) -> bool {
        let (a, b) = (self.shallow(a), self.shallow(b));
        match (&a, &b) {
            (Type::Var(x), Type::Var(y)) if x == y => true,
            (Type::Var(x), Type::Var(_)) => {
                // An integer variable stays one.
                if self.is_free_int(&a) && !self.is_free_int(&b) {
                    return self.unify(&b, &a);
                }
                self.vars[*x as usize] = Binding::To(b);
                true
            }
            (Type::Var(x), other) => self.bind(*x, other),
            (other, Type::Var(y)) => self.bind(*y, other),
            (Type::Option(x), Type::Option(y))
            | (Type::Ref(x), Type::Ref(y))
            | (Type::Arr(x), Type::Arr(y))
            | (Type::Borrow(x), Type::Borrow(y))
            | (Type::Cell(x), Type::Cell(y))
            | (Type::Atomic(x), Type::Atomic(y)) => self.unify(x, y),
            (Type::Result(x, e), Type::Result(y, f)) => self.unify(x, y) && self.unify(e, f),
            (Type::Tuple(xs), Type::Tuple(ys)) => {
                xs.len() == ys.len() && xs.iter().zip(ys).all(|(x, y)| self.unify(x, y))
            }
            (a, b) => a == b,
        }
    }

    fn bind(&mut self, var: u32, to: &Type) -> bool {
        if matches!(self.vars[var as usize], Binding::FreeInt) && !matches!(to, Type::Int(_)) {
            return false;
        }
        if self.mentions(to, var) {
            return false;
        }
        self.vars[var as usize] = Binding::To(to.clone());
        true
    }

    /// Whether a variable occurs in a type: bound to it, it would have no end.
    fn mentions(&self, ty: &Type, var: u32) -> bool {
        match self.shallow(ty) {
            Type::Var(other) => other == var,
            Type::Tuple(of) => of.iter().any(|ty| self.mentions(ty, var)),
            Type::Result(ok, err) => self.mentions(&ok, var) || self.mentions(&err, var),
            Type::Option(of) | Type::Ref(of) | Type::Arr(of) | Type::Borrow(of) | Type::Cell(of) | Type::Atomic(of) => {
                self.mentions(&of, var)
            }
            _ => false,
        }
    }
}

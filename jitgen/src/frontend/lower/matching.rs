//! Patterns to decisions. A pattern over flattened values is a disjunction of rows, each a conjunction of tests of
//! single scalars; a `match` is a list of rows, compiled to a decision tree that tests each scalar once.

use super::ssa::Ssa;
use super::{Lowered, Lowerer, Parts};
use crate::flow::{Arg, BinOp, BlockId, CmpOp, Const, Op, Term, Ty};
use crate::frontend::hir::{Arm, Expr, LocalId, Pat, PatKind};
use crate::frontend::types::Type;
use std::ops::Range;

/// A test of one scalar.
#[derive(Copy, Clone, PartialEq, Debug)]
enum Test {
    /// Equal canonical bits.
    Equal(u64),
    /// Equal as `f64`.
    EqualFloat(u64),
    /// Both ends included.
    Between { low: u64, high: u64, signed: bool },
    /// Inside a range of `f64`.
    BetweenFloat { low: u64, high: u64, inclusive: bool },
}

/// One way in which a pattern matches.
#[derive(Clone, Default)]
struct Row {
    tests: Vec<(usize, Test)>,
    bindings: Vec<(LocalId, Range<usize>)>,
    arm: usize,
}

/// What a decision tree leads to.
struct Decision<'a> {
    parts: &'a [Arg],
    /// Where each arm's body begins.
    bodies: &'a [BlockId],
    guards: Vec<Option<&'a Expr>>,
    /// Where no row matches; `None` when rustc has proved that one does.
    fail: Option<BlockId>,
}

impl Lowerer<'_, '_> {
    /// Goes to `yes` with the pattern's bindings written if it matches, else to `no`.
    pub(super) fn test(&mut self, pat: &Pat, parts: &[Arg], yes: BlockId, no: BlockId) -> Lowered<()> {
        let rows = self.rows(pat, 0)?;
        let decision = Decision { parts, bodies: &[yes], guards: vec![None], fail: Some(no) };
        self.decide(&rows, &decision)
    }

    /// Writes the bindings of a pattern that always matches; false if it may not match.
    pub(super) fn bind_if_irrefutable(&mut self, pat: &Pat, parts: &[Arg]) -> Lowered<bool> {
        let rows = self.rows(pat, 0)?;
        let always = rows.first().filter(|row| row.tests.is_empty());
        if let Some(row) = always {
            self.bind(row, parts)?;
        }
        Ok(always.is_some())
    }

    pub(super) fn match_expr(&mut self, expr: &Expr, value: &Expr, arms: &[Arm]) -> Lowered<Parts> {
        let result = self.slots(&expr.ty, "", expr.pos)?;
        let parts = self.expr(value)?;
        let bodies: Vec<BlockId> = arms.iter().map(|_| self.ssa.block()).collect();
        let after = self.ssa.block();
        let mut rows = vec![];
        for (index, arm) in arms.iter().enumerate() {
            rows.extend(self.rows(&arm.pat, 0)?.into_iter().map(|row| Row { arm: index, ..row }));
        }
        self.ssa.span = expr.pos.into();
        let guards = arms.iter().map(|arm| arm.guard.as_ref()).collect();
        self.decide(&rows, &Decision { parts: &parts, bodies: &bodies, guards, fail: None })?;
        for (arm, &body) in arms.iter().zip(&bodies) {
            self.ssa.enter(body);
            self.keep(&arm.body, &result)?;
            self.ssa.jump(after);
        }
        self.ssa.enter(after);
        Ok(self.read(&result))
    }

    /// The rows of a pattern for the value whose first part is `start`.
    fn rows(&self, pat: &Pat, start: usize) -> Lowered<Vec<Row>> {
        let ty = self.resolve(&pat.ty);
        match &pat.kind {
            PatKind::Wild => Ok(vec![Row::default()]),
            PatKind::Bind(local, inner) => {
                let range = start..start + self.size(&ty, pat.pos)?;
                let mut rows = match inner {
                    Some(inner) => self.rows(inner, start)?,
                    None => vec![Row::default()],
                };
                rows.iter_mut().for_each(|row| row.bindings.push((*local, range.clone())));
                Ok(rows)
            }
            PatKind::Or(cases) => {
                let mut rows = vec![];
                for case in cases {
                    rows.extend(self.rows(case, start)?);
                }
                Ok(rows)
            }
            PatKind::Fields(fields) => {
                let mut rows = vec![Row::default()];
                for (index, field) in fields {
                    let range = self.program.field_parts(&ty, *index).or_else(|error| self.error(pat.pos, error))?;
                    rows = product(rows, self.rows(field, start + range.start)?);
                }
                Ok(rows)
            }
            PatKind::Variant(variant, fields) => {
                let shapes = self.program.variants(&ty).or_else(|error| self.error(pat.pos, error))?;
                let shape = &shapes[*variant];
                let mut rows = vec![Row { tests: vec![(start, Test::Equal(shape.tag))], ..Row::default() }];
                for (index, field) in fields {
                    let mut at = start + shape.start;
                    for before in &shape.fields[..*index] {
                        at += self.size(before, pat.pos)?;
                    }
                    rows = product(rows, self.rows(field, at)?);
                }
                Ok(rows)
            }
            PatKind::Value(value) => {
                let tests = self.pattern_constant(value)?.into_iter().enumerate().map(|(index, part)| {
                    let test = if part.ty == Ty::F64 { Test::EqualFloat(part.bits) } else { Test::Equal(part.bits) };
                    (start + index, test)
                });
                Ok(vec![Row { tests: tests.collect(), ..Row::default() }])
            }
            PatKind::Range { low, high, inclusive } => {
                let end = |end: &Option<Box<Expr>>| match end {
                    Some(end) => Ok(self.pattern_constant(end)?.first().copied()),
                    None => Ok(None),
                };
                let (low, high) = (end(low)?, end(high)?);
                let test = match &ty {
                    Type::Int(int) => {
                        let (min, max) = int.range();
                        let high = match high {
                            // Exclusive ranges end one before; rustc refuses empty ones.
                            Some(high) if !inclusive => Const::new(high.ty, high.bits.wrapping_sub(1)).bits,
                            Some(high) => high.bits,
                            None => max,
                        };
                        Test::Between { low: low.map_or(min, |low| low.bits), high, signed: int.signed() }
                    }
                    Type::F64 => Test::BetweenFloat {
                        low: low.map_or(f64::NEG_INFINITY.to_bits(), |low| low.bits),
                        high: high.map_or(f64::INFINITY.to_bits(), |high| high.bits),
                        inclusive: *inclusive || high.is_none(),
                    },
                    _ => return self.error(pat.pos, "range patterns take integers and floats"),
                };
                Ok(vec![Row { tests: vec![(start, test)], ..Row::default() }])
            }
        }
    }

    fn bind(&mut self, row: &Row, parts: &[Arg]) -> Lowered<()> {
        for (local, range) in &row.bindings {
            let slots = self.local(*local, Default::default())?;
            self.write(&slots, &parts[range.clone()]);
        }
        Ok(())
    }

    fn decide(&mut self, rows: &[Row], to: &Decision) -> Lowered<()> {
        let Some((first, rest)) = rows.split_first() else {
            match to.fail {
                Some(block) => self.ssa.jump(block),
                None => self.ssa.terminate(Term::Unreachable),
            }
            return Ok(());
        };
        match first.tests.first() {
            None => {
                self.bind(first, to.parts)?;
                match to.guards[first.arm] {
                    None => self.ssa.jump(to.bodies[first.arm]),
                    Some(guard) => {
                        let next = self.ssa.block();
                        self.condition(guard, to.bodies[first.arm], next)?;
                        self.ssa.enter(next);
                        self.decide(rest, to)?;
                    }
                }
                Ok(())
            }
            Some(&(part, Test::Equal(_))) => self.decide_equal(rows, part, to),
            Some(&(part, test)) => {
                let cond = self.test_value(to.parts[part], test);
                let (yes, no) = (self.ssa.block(), self.ssa.block());
                self.ssa.branch(cond, yes, no);
                self.ssa.enter(yes);
                let passing: Vec<Row> = rows.iter().filter_map(|row| assume(row, part, test, true)).collect();
                self.decide(&passing, to)?;
                self.ssa.enter(no);
                let failing: Vec<Row> = rows.iter().filter_map(|row| assume(row, part, test, false)).collect();
                self.decide(&failing, to)
            }
        }
    }

    /// Decides on the value of one scalar that the first row compares.
    fn decide_equal(&mut self, rows: &[Row], part: usize, to: &Decision) -> Lowered<()> {
        let mut values = vec![];
        for row in rows {
            for (at, test) in &row.tests {
                if let Test::Equal(value) = test
                    && *at == part
                    && !values.contains(value)
                {
                    values.push(*value);
                }
            }
        }
        let mut branches: Vec<(u64, Vec<Row>)> = vec![];
        for &value in &values {
            branches.push((value, rows.iter().filter_map(|row| assume_value(row, part, value)).collect()));
        }
        let is_equal = |row: &Row| row.tests.iter().any(|(at, test)| *at == part && matches!(test, Test::Equal(_)));
        let mut default: Vec<Row> = rows.iter().filter(|row| !is_equal(row)).cloned().collect();
        if default.is_empty() && to.fail.is_none() {
            // One of the values it is: the last needs no test.
            default = branches.pop().expect("the first row has a value").1;
        }
        let arg = to.parts[part];
        let ty = self.ssa.ty(arg);
        let blocks: Vec<BlockId> = branches.iter().map(|_| self.ssa.block()).collect();
        let otherwise = self.ssa.block();
        match (&branches[..], &blocks[..]) {
            ([], _) => self.ssa.jump(otherwise),
            ([(value, _)], &[block]) if ty == Ty::Bool => match value {
                0 => self.ssa.branch(arg, otherwise, block),
                _ => self.ssa.branch(arg, block, otherwise),
            },
            ([(value, _)], &[block]) => {
                let cond = self.ssa.emit(Op::Cmp(CmpOp::Eq), vec![arg, Ssa::constant(ty, *value)], Ty::Bool);
                self.ssa.branch(cond, block, otherwise);
            }
            ([(first, _), _], &[one, other]) if ty == Ty::Bool => {
                // Both values are named.
                let (yes, no) = if *first != 0 { (one, other) } else { (other, one) };
                self.ssa.branch(arg, yes, no);
            }
            _ => {
                let cases = branches.iter().map(|(value, _)| *value).zip(blocks.iter().copied()).collect();
                self.ssa.switch(arg, cases, otherwise);
            }
        }
        for ((_, rows), block) in branches.iter().zip(blocks) {
            self.ssa.enter(block);
            self.decide(rows, to)?;
        }
        self.ssa.enter(otherwise);
        self.decide(&default, to)
    }

    /// Computes a test that is no simple equality.
    fn test_value(&mut self, value: Arg, test: Test) -> Arg {
        let ty = self.ssa.ty(value);
        let (low, high, below, above) = match test {
            Test::Equal(bits) => {
                return self.ssa.emit(Op::Cmp(CmpOp::Eq), vec![value, Ssa::constant(ty, bits)], Ty::Bool);
            }
            Test::EqualFloat(bits) => {
                return self.ssa.emit(Op::Cmp(CmpOp::FEq), vec![value, Ssa::constant(ty, bits)], Ty::Bool);
            }
            Test::Between { low, high, signed: true } => (low, high, CmpOp::SGe, CmpOp::SLe),
            Test::Between { low, high, signed: false } => (low, high, CmpOp::UGe, CmpOp::ULe),
            Test::BetweenFloat { low, high, inclusive: true } => (low, high, CmpOp::FGe, CmpOp::FLe),
            Test::BetweenFloat { low, high, inclusive: false } => (low, high, CmpOp::FGe, CmpOp::FLt),
        };
        let mut bound =
            |op: CmpOp, bound: u64| self.ssa.emit(Op::Cmp(op), vec![value, Ssa::constant(ty, bound)], Ty::Bool);
        // A bound at the end of the type needs no comparison.
        let (min, max) = match test {
            Test::Between { signed: true, .. } => (Const::new(ty, 1 << (ty.bits() - 1)).bits, ty.mask() >> 1),
            Test::Between { .. } => (0, ty.mask()),
            _ => (u64::MAX, u64::MAX),
        };
        match (low == min, high == max) {
            (true, true) => Const::bool(true).into(),
            (true, false) => bound(above, high),
            (false, true) => bound(below, low),
            (false, false) => {
                let (low, high) = (bound(below, low), bound(above, high));
                self.ssa.emit(Op::Bin(BinOp::And), vec![low, high], Ty::Bool)
            }
        }
    }

    /// The scalars of a constant in a pattern.
    fn pattern_constant(&self, expr: &Expr) -> Lowered<Vec<Const>> {
        use crate::frontend::hir::Kind;
        let ty = self.ty(expr);
        let scalar = |bits: u64| match self.flatten(&ty, expr.pos)?[..] {
            [ref part] => Ok(vec![Const::new(part.ty, bits)]),
            _ => self.error(expr.pos, "this pattern is outside the subset"),
        };
        match &expr.kind {
            Kind::Int(bits) | Kind::Float(bits) => scalar(*bits),
            Kind::Bool(value) => scalar(*value as u64),
            Kind::Const(id) => Ok(self.context.constant(*id, expr.pos)?.to_vec()),
            Kind::Un(crate::frontend::hir::Un::Neg, inner) => {
                let inner = self.pattern_constant(inner)?;
                let negate = |value: Const| match value.ty {
                    Ty::F64 => Const::new(Ty::F64, value.bits ^ 1 << 63),
                    ty => Const::new(ty, value.bits.wrapping_neg()),
                };
                Ok(inner.into_iter().map(negate).collect())
            }
            _ => self.error(expr.pos, "only literals and constants can stand in patterns"),
        }
    }
}

/// Rows that need a row of each list.
fn product(left: Vec<Row>, right: Vec<Row>) -> Vec<Row> {
    let mut rows = vec![];
    for a in &left {
        for b in &right {
            let mut row = a.clone();
            row.tests.extend(b.tests.iter().copied());
            row.bindings.extend(b.bindings.iter().cloned());
            rows.push(row);
        }
    }
    rows
}

fn contains(test: Test, value: u64) -> Option<bool> {
    match test {
        Test::Equal(bits) => Some(bits == value),
        // Canonical bits of narrow signed integers are zero-extended: compare with the sign where the range has it.
        Test::Between { low, high, signed: false } => Some(low <= value && value <= high),
        Test::Between { low, high, signed: true } if low <= high => Some(low <= value && value <= high),
        Test::Between { low, high, signed: true } => Some(value >= low || value <= high),
        Test::EqualFloat(_) | Test::BetweenFloat { .. } => None,
    }
}

/// The row where a scalar is known to equal a value; `None` if it cannot match.
fn assume_value(row: &Row, part: usize, value: u64) -> Option<Row> {
    let mut row = row.clone();
    let mut possible = true;
    row.tests.retain(|&(at, test)| {
        let known = if at == part { contains(test, value) } else { None };
        possible &= known != Some(false);
        known.is_none()
    });
    possible.then_some(row)
}

/// The row where a test of a scalar is known to hold, or not to.
fn assume(row: &Row, part: usize, test: Test, holds: bool) -> Option<Row> {
    let mut row = row.clone();
    let mut possible = true;
    row.tests.retain(|&(at, other)| {
        if at != part {
            return true;
        }
        if other == test {
            possible &= holds;
            return false;
        }
        if let Test::Equal(value) = other {
            possible &= contains(test, value).is_none_or(|inside| inside == holds);
        }
        true
    });
    possible.then_some(row)
}

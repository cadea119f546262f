//! The syntax tree.
//!
//! Nodes live in arrays and name each other by number, so that no operation on the tree (dropping included) recurses as
//! deep as the source nests. Places are token numbers: lines and byte ranges come from the token list.
//!
//! The resolver (`compile/resolve.rs`) rewrites names into variables and folds constants in place.

use crate::intern::StrId;

/// Number of an expression.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct ExprId(pub u32);

/// Number of a statement.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct StmtId(pub u32);

/// Number of a function.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct FuncId(pub u32);

/// Number of a declared local variable, given by the resolver.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct VarId(pub u32);

/// A variable that the resolver has not numbered yet.
pub const UNRESOLVED: VarId = VarId(u32::MAX);

/// A run of `Ast::lists`.
#[derive(Copy, Clone, Debug)]
pub struct ListRange {
    pub start: u32,
    pub len: u32,
}

/// Operators on two values.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum BinOp {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    IDiv,
    Band,
    Bor,
    Bxor,
    Shl,
    Shr,
    Concat,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    And,
    Or,
}

impl BinOp {
    /// `==`, `<` and their kin.
    pub fn is_compare(self) -> bool {
        matches!(self, BinOp::Eq | BinOp::Ne | BinOp::Lt | BinOp::Le | BinOp::Gt | BinOp::Ge)
    }

    /// `and`, `or`.
    pub fn is_logical(self) -> bool {
        matches!(self, BinOp::And | BinOp::Or)
    }

    /// Arithmetic and bitwise.
    pub fn is_arith(self) -> bool {
        self as u8 <= BinOp::Shr as u8
    }
}

/// Operators on one value.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum UnOp {
    Neg,
    Bnot,
    Not,
    Len,
}

/// Where a name that is no local of its function is found: the variable `_ENV`.
#[derive(Copy, Clone, Debug)]
pub enum Env {
    Local(VarId),
    Upvalue(u8),
}

/// What an expression is.
#[derive(Copy, Clone, Debug)]
pub enum ExprKind {
    Nil,
    True,
    False,
    Int(i64),
    Float(f64),
    Str(StrId),
    Vararg,
    Function(FuncId),
    /// A name before resolution.
    Name(StrId),
    Local(VarId),
    Upvalue(u8),
    /// `_ENV.name`
    Global(Env, StrId),
    Index {
        base: ExprId,
        key: ExprId,
    },
    Call {
        callee: ExprId,
        args: ListRange,
    },
    /// The name's token is the second before the arguments.
    Method {
        object: ExprId,
        name: StrId,
        args: ListRange,
    },
    /// The operator is the expression's first token.
    Unary(UnOp, ExprId),
    /// The operator is the token behind `left`.
    Binary {
        op: BinOp,
        left: ExprId,
        right: ExprId,
    },
    /// Parentheses around a call or `...`: one value. Around anything else they leave no node.
    Paren(ExprId),
    /// Constructor; the range is of `Ast::items`.
    Table(ListRange),
}

/// An expression and its first and last token.
#[derive(Copy, Clone, Debug)]
pub struct Expr {
    pub kind: ExprKind,
    pub first: u32,
    pub last: u32,
}

/// A field of a constructor.
#[derive(Copy, Clone, Debug)]
pub struct Item {
    /// `None`: the next array item.
    pub key: Option<ExprId>,
    pub value: ExprId,
}

/// A name that is declared.
#[derive(Copy, Clone, Debug)]
pub struct Binding {
    pub name: StrId,
    /// Token of the name.
    pub token: u32,
    /// `<attrib>` and its token.
    pub attrib: Option<(StrId, u32)>,
    pub var: VarId,
}

/// Statements in a row.
#[derive(Clone, Debug, Default)]
pub struct Block {
    pub stmts: Vec<StmtId>,
    /// The token behind the block (`end`, `until`, ... or the end of input).
    pub end: u32,
}

/// What a statement is.
#[derive(Clone, Debug)]
pub enum StmtKind {
    /// Left in place of a statement being worked on.
    Empty,
    Call(ExprId),
    Assign {
        targets: Vec<ExprId>,
        values: Vec<ExprId>,
    },
    Local {
        names: Vec<Binding>,
        values: Vec<ExprId>,
    },
    LocalFunction {
        name: Binding,
        function: ExprId,
    },
    /// `function a.b:c() end`
    Function {
        target: ExprId,
        function: ExprId,
    },
    Do(Block),
    While {
        condition: ExprId,
        body: Block,
    },
    Repeat {
        body: Block,
        condition: ExprId,
    },
    If {
        arms: Vec<(ExprId, Block)>,
        otherwise: Option<Block>,
    },
    NumericFor {
        name: Binding,
        start: ExprId,
        limit: ExprId,
        step: Option<ExprId>,
        body: Block,
    },
    GenericFor {
        names: Vec<Binding>,
        values: Vec<ExprId>,
        body: Block,
    },
    Return(Vec<ExprId>),
    Break,
    Goto(StrId, GotoTarget),
    /// The number is given by the resolver.
    Label(StrId, u32),
}

/// Where a jump statement goes: the resolver's number of the label (or loop) it found.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct GotoTarget(pub u32);

/// A jump not yet resolved.
pub const NO_TARGET: GotoTarget = GotoTarget(u32::MAX);

/// A statement and its first and last token.
#[derive(Clone, Debug)]
pub struct Stmt {
    pub kind: StmtKind,
    pub first: u32,
    pub last: u32,
}

/// A function body.
#[derive(Clone, Debug)]
pub struct Function {
    /// With `self` in front when it is a method.
    pub params: Vec<Binding>,
    pub is_vararg: bool,
    pub body: Block,
    /// Token `function`; line defined.
    pub first: u32,
    /// Token `end`.
    pub last: u32,
}

/// All nodes of a chunk.
#[derive(Default)]
pub struct Ast {
    pub exprs: Vec<Expr>,
    pub stmts: Vec<Stmt>,
    pub functions: Vec<Function>,
    pub lists: Vec<ExprId>,
    pub items: Vec<Item>,
    /// The name `self`.
    pub self_name: Option<StrId>,
}

impl Ast {
    /// The expression of a number.
    pub fn expr(&self, id: ExprId) -> Expr {
        self.exprs[id.0 as usize]
    }

    /// What the expression of a number is.
    pub fn kind(&self, id: ExprId) -> ExprKind {
        self.exprs[id.0 as usize].kind
    }

    /// A new expression between two tokens (the last one included).
    pub fn add(&mut self, kind: ExprKind, first: usize, last: usize) -> ExprId {
        self.exprs.push(Expr { kind, first: first as u32, last: last as u32 });
        ExprId(self.exprs.len() as u32 - 1)
    }

    /// A new expression of one token.
    pub fn leaf(&mut self, kind: ExprKind, token: usize) -> ExprId {
        self.add(kind, token, token)
    }

    /// A new expression that starts with another one.
    pub fn extend(&mut self, kind: ExprKind, start: ExprId, last: usize) -> ExprId {
        let first = self.expr(start).first as usize;
        self.add(kind, first, last)
    }

    /// `left op right`
    pub fn binary(&mut self, op: BinOp, left: ExprId, right: ExprId) -> ExprId {
        let last = self.expr(right).last as usize;
        self.extend(ExprKind::Binary { op, left, right }, left, last)
    }

    /// `base[key]`
    pub fn index(&mut self, base: ExprId, key: ExprId, last: usize) -> ExprId {
        self.extend(ExprKind::Index { base, key }, base, last)
    }

    /// `base.name`
    pub fn field(&mut self, base: ExprId, (name, token): (StrId, usize)) -> ExprId {
        let key = self.leaf(ExprKind::Str(name), token);
        self.index(base, key, token)
    }

    /// `( inner )`
    pub fn paren(&mut self, inner: ExprId, first: usize, last: usize) -> ExprId {
        match self.kind(inner) {
            ExprKind::Call { .. } | ExprKind::Method { .. } | ExprKind::Vararg => {
                self.add(ExprKind::Paren(inner), first, last)
            }
            kind => self.add(kind, first, last),
        }
    }

    /// Stores a list.
    pub fn list(&mut self, list: Vec<ExprId>) -> ListRange {
        let range = ListRange { start: self.lists.len() as u32, len: list.len() as u32 };
        self.lists.extend(list);
        range
    }

    /// Stores constructor fields.
    pub fn item_list(&mut self, items: Vec<Item>) -> ListRange {
        let range = ListRange { start: self.items.len() as u32, len: items.len() as u32 };
        self.items.extend(items);
        range
    }

    /// The `i`th expression of a stored list.
    pub fn list_item(&self, range: ListRange, i: u32) -> ExprId {
        self.lists[(range.start + i) as usize]
    }

    /// A new statement.
    pub fn stmt(&mut self, kind: StmtKind, first: usize, last: usize) -> StmtId {
        self.stmts.push(Stmt { kind, first: first as u32, last: last as u32 });
        StmtId(self.stmts.len() as u32 - 1)
    }

    /// A new function expression.
    pub fn function(
        &mut self,
        (params, is_vararg): (Vec<Binding>, bool),
        body: Block,
        first: usize,
        last: usize,
    ) -> ExprId {
        self.functions.push(Function { params, is_vararg, body, first: first as u32, last: last as u32 });
        let id = FuncId(self.functions.len() as u32 - 1);
        self.add(ExprKind::Function(id), first, last)
    }

    /// Makes a function expression a method: parameter `self` in front.
    pub fn make_method(&mut self, function: ExprId) {
        if let (ExprKind::Function(id), Some(name)) = (self.kind(function), self.self_name) {
            let function = &mut self.functions[id.0 as usize];
            function.params.insert(0, Binding { name, token: function.first, attrib: None, var: UNRESOLVED });
        }
    }
}

/// A declared name without attribute.
pub fn binding((name, token): (StrId, usize)) -> Binding {
    Binding { name, token: token as u32, attrib: None, var: UNRESOLVED }
}

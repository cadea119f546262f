//! The fields of an interpreter, as memory is asked for them.

use crate::flow::{Field, FieldId, Module};

pub struct Fields<'a> {
    module: &'a Module,
    /// By field: those of its class, itself among them, in order.
    beside: Vec<Box<[FieldId]>>,
    virtualizable: Vec<FieldId>,
}

impl<'a> Fields<'a> {
    pub fn new(module: &'a Module) -> Fields<'a> {
        let all = || (0..module.fields.len()).map(|index| FieldId(index as u32));
        let beside = |one: &Field| all().filter(|&id| module.field(id).class == one.class).collect();
        Fields {
            module,
            beside: module.fields.iter().map(beside).collect(),
            virtualizable: all().filter(|&id| module.field(id).virtualizable).collect(),
        }
    }

    pub fn get(&self, field: FieldId) -> &'a Field {
        self.module.field(field)
    }

    /// The fields whose locations may be those of this one.
    pub fn beside(&self, field: FieldId) -> &[FieldId] {
        &self.beside[field.index()]
    }

    pub fn virtualizable(&self) -> &[FieldId] {
        &self.virtualizable
    }
}

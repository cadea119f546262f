//! The fields of an interpreter, as memory is asked for them.

use crate::flow::{Field, FieldId, Module};

pub struct Fields<'a> {
    module: &'a Module,
    /// By alias class, in order.
    of_class: Vec<Vec<FieldId>>,
    virtualizable: Vec<FieldId>,
}

impl<'a> Fields<'a> {
    pub fn new(module: &'a Module) -> Fields<'a> {
        let (mut of_class, mut virtualizable) = (vec![], vec![]);
        for (index, field) in module.fields.iter().enumerate() {
            let (id, class) = (FieldId(index as u32), field.class.0 as usize);
            if of_class.len() <= class {
                of_class.resize(class + 1, vec![]);
            }
            of_class[class].push(id);
            if field.virtualizable {
                virtualizable.push(id);
            }
        }
        Fields { module, of_class, virtualizable }
    }

    pub fn get(&self, field: FieldId) -> &'a Field {
        self.module.field(field)
    }

    /// The fields whose locations may be those of this one, itself among them.
    pub fn beside(&self, field: FieldId) -> &[FieldId] {
        &self.of_class[self.get(field).class.0 as usize]
    }

    pub fn virtualizable(&self) -> &[FieldId] {
        &self.virtualizable
    }
}

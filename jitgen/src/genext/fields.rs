//! The fields of an interpreter, as memory is asked for them.

use crate::flow::{Field, FieldId, Module};
use std::rc::Rc;

/// Which fields belong together.
#[derive(Default)]
pub struct FieldClasses {
    /// By alias class, in order.
    of_class: Vec<Vec<FieldId>>,
    virtualizable: Vec<FieldId>,
}

impl FieldClasses {
    pub fn new(module: &Module) -> FieldClasses {
        let mut classes = FieldClasses::default();
        for (index, field) in module.fields.iter().enumerate() {
            let (id, class) = (FieldId(index as u32), field.class.0 as usize);
            if classes.of_class.len() <= class {
                classes.of_class.resize(class + 1, vec![]);
            }
            classes.of_class[class].push(id);
            if field.virtualizable {
                classes.virtualizable.push(id);
            }
        }
        classes
    }
}

pub struct Fields<'a> {
    module: &'a Module,
    classes: Rc<FieldClasses>,
}

impl<'a> Fields<'a> {
    pub fn new(module: &'a Module, classes: Rc<FieldClasses>) -> Fields<'a> {
        Fields { module, classes }
    }

    pub fn get(&self, field: FieldId) -> &'a Field {
        self.module.field(field)
    }

    /// The fields whose locations may be those of this one, itself among them.
    pub fn beside(&self, field: FieldId) -> &[FieldId] {
        &self.classes.of_class[self.get(field).class.0 as usize]
    }

    pub fn virtualizable(&self) -> &[FieldId] {
        &self.classes.virtualizable
    }
}

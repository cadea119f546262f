//! tiny2 and tlc: dynamic types.

use crate::Workload;

pub fn workloads() -> Vec<Workload> {
    vec![
        texts::workload(),
        objects::workload("tlc, shapes", objects::SHAPES, 100_000),
        objects::workload("tlc, list", objects::LIST, 20_000),
    ]
}

mod objects;
mod texts;

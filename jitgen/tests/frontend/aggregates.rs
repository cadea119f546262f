//! By-value structures, constants, and the portal.

use crate::agree;

agree! {
    aggregates::add_encoded: (1, 2.5, 0), (1, 2.5, 1), (1, 2.5, 2), (1, 2.5, 3);
    aggregates::field_assignment: (2.5);
    aggregates::struct_update: (2.5);
    aggregates::tuple_structs: (5), (6);
    aggregates::struct_through_loop: (0), (10);
    aggregates::struct_equality: (1, 1), (1, 2);
    aggregates::struct_from_branches: (5), (0), (-5);
    aggregates::tuple_nesting: (8);
    aggregates::constants_of_all_kinds: (1), (100);
    aggregates::aliased: (1), (-1);
    aggregates::factorial: (6);
}

#[test]
fn trivial_functions_are_inlined() {
    let module = crate::module();
    assert_eq!(module.find_func("Value::int"), None);
    let graph = module.graph(module.find_func("add_values").expect("translated")).expect("a graph");
    assert_eq!(graph.count_ops().get("call"), None, "{:?}", graph.count_ops());
}

#[test]
fn functions_that_say_so_are_inlined() {
    let module = crate::module();
    let calls = |name: &str| {
        let graph = module.graph(module.find_func(name).expect("translated")).expect("a graph");
        graph.count_ops().get("call").copied().unwrap_or(0)
    };
    assert_eq!((module.find_func("lowered"), module.find_func("spread")), (None, None));
    assert_eq!(calls("calls_inlined"), 0);
    // One that calls itself does so in itself.
    assert_eq!((calls("calls_recursive"), calls("descended")), (1, 1));
}

#[test]
fn promotions_are_made_once() {
    let module = crate::module();
    let graph = module.graph(module.find_func("promoted_often").expect("translated")).expect("a graph");
    // Of `a`; of the sum; of one or the other, on two ways.
    assert_eq!(graph.count_ops()["promote"], 4, "{}", moonshift_jitgen::flow::print_graph(graph, Some(module)));
}

#[test]
fn the_portal_runs_as_a_graph_and_natively() {
    use crate::corpus::portal::{ADD, CALL, DECREMENT, JUMP_IF, Op, PUSH, RETURN, State, run};
    use moonshift_jitgen::mem::Arr;
    let op = |code: u8, arg: i64| Op { code, arg };
    let mut code = [op(PUSH, 5), op(ADD, 2), op(DECREMENT, 0), op(JUMP_IF, 1), op(CALL, 0), op(RETURN, 0)];
    // SAFETY: the array outlives the runs, which stay inside.
    let code = unsafe { Arr::from_ptr(code.as_mut_ptr()) };
    let state = State { steps: Default::default() };
    let native = run(&state, code, 0, 0, 10);
    let steps = state.steps.replace(0);
    use crate::slots::Slots;
    let args = [(&state).slots()[0], code.addr(), 0, 0, 10];
    assert_eq!(crate::evaluate("run", &args), native.slots());
    assert_eq!(state.steps.get(), steps);

    let module = crate::module();
    let [portal] = &module.portals[..] else { panic!("one portal") };
    assert_eq!(module.func(portal.func).name, "run");
    assert_eq!((&portal.greens[..], portal.order), (&[1, 2][..], 2));
    let graph = module.graph(portal.func).expect("a graph");
    assert_eq!(graph.count_ops()["merge_point"], 1);
    assert_eq!(graph.count_ops()["promote"], 1);
    assert_eq!(graph.count_ops()["switch"], 1);
}

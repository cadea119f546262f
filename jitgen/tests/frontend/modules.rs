//! Constructs on scalars: one test a function of the corpus.

use crate::agree;

agree! {
    ints::wrapping: (3, 4), (i64::MAX, 2), (i64::MIN, -1);
    ints::plain: (100, 7), (-50, 3);
    ints::narrow: (200, 100), (3, 250);
    ints::bits: (0xf0f0, 0x1ff), (u64::MAX, 1);
    ints::shifts: (-5, 3), (1 << 62, 1), (7, 65);
    ints::rotates: (0x8000_0001, 4), (12, 0), (99, 33);
    ints::checked: (1, 2), (i64::MAX, 1), (i64::MIN, 1), (i64::MIN, i64::MIN);
    ints::checked_unsigned: (1, 2), (u32::MAX, 1), (5, 5);
    ints::overflowing: (i64::MAX, 1), (i64::MIN, 1), (5, 6);
    ints::overflowing_unsigned: (u64::MAX, 2), (7, 8);
    ints::saturating: (100, 100), (-100, 100), (-100, -100), (1, 2);
    ints::division: (7, 2), (-7, 2), (i64::MIN, -1), (5, 0), (5, -1);
    ints::division_unsigned: (u64::MAX, 10), (3, 0);
    ints::sizes: (-5, 3), (i64::MIN, i64::MAX), (0, 0);
    ints::counting: (0, 0), (40, 8), (64, 255);
    ints::least_and_greatest: (3, -4), (-9, 9);
    ints::compare_signed: (-1, 1), (1, -1), (7, 7);
    ints::compare_unsigned: (65535, 1), (1, 65535), (7, 7);
    ints::casts: (-1), (300), (0x1_2345_6789);
    ints::widening: (-3, 253, true), (3, 3, false);
    ints::literals: (0), (1);
    ints::inferred: (10), (0);
    ints::compound: (5), (0xffff);

    floats::arithmetic: (1.5, -2.0), (0.0, 0.0), (f64::INFINITY, 1.0);
    floats::methods: (2.7), (-2.7), (f64::NAN);
    floats::classes: (f64::NAN), (f64::INFINITY), (-0.0), (1.0);
    floats::comparisons: (1.0, 2.0), (f64::NAN, 1.0), (0.0, -0.0);
    floats::conversions: (3.9, -7, u64::MAX), (-1e30, 5, 6), (f64::NAN, i64::MIN, 0), (300.5, 0, 1);
    floats::to_and_from_bits: (1.5), (-0.0);
    floats::sign: (3.0, -0.0), (-3.0, 1.0);
    floats::constants: (1.0), (f64::NEG_INFINITY);
    floats::compound_float: (10.0);

    control::if_else: (11), (6), (0);
    control::if_without_else: (-3), (3);
    control::short_circuit: (0, 1), (5, 20), (5, 3), (-7, 2);
    control::while_loop: (1), (27);
    control::loop_with_value: (50), (1000000);
    control::for_range: (0), (10), (100), (-5);
    control::for_inclusive: (1, 4), (250, 255), (5, 4);
    control::for_to_the_end: (250), (255);
    control::labels: (3), (20);
    control::labelled_block: (5), (101), (-1);
    control::break_value_from_nested: (91), (97);
    control::early_return: (1), (2), (5), (50);
    control::question_option: (10, 2), (1, 0), (i64::MAX, 1);
    control::question_result: (8), (6), (7), (100);
    control::question_unit: (8), (7);
    control::nested_option: (-1), (4), (5);
    control::use_nested: (-1), (4), (5), (300);
    control::let_else: (10, 0), (10, 3), (10, 7);
    control::let_chain: (10, 2), (12, 2), (14, 1), (1, 0), (i64::MAX, 1);
    control::while_let: (64), (7), (0);
    control::uninitialised: (5), (-5);
    control::shadowing: (3), (50);
    control::blocks_as_values: (4);
    control::never_in_operands: (5), (2);
    control::loop_carried_swap: (0), (10);
    control::nested_loops: (6);
    control::debug_assertions: (5);
    control::unit_values: (1), (0);

    matching::ints: (0), (1), (2), (-5), (-6), (5), (15), (20), (i64::MAX), (99);
    matching::constants_switch: (0), (1), (2), (40), (41), (b'z'), (200), (255), (9);
    matching::c_like: (0), (1), (2);
    matching::c_like_equal: (0, 3), (1, 2);
    matching::color_of: (1);
    matching::data_enum: (0), (3), (9), (12), (21), (22), (25), (50);
    matching::data_enum_returned: (0), (5), (13), (22), (99);
    matching::data_enum_equal: (5, 5), (5, 6), (0, 0), (12, 22);
    matching::tuples: (0, true), (0, false), (3, true), (101, true), (50, false), (50, true);
    matching::tuple_of_two_tags: (1, 1), (2, 2), (1, 2), (2, 1), (0, 7), (7, 0), (9, 9);
    matching::or_bindings: (12), (22), (50);
    matching::bools: (true, true), (true, false), (false, true), (false, false);
    matching::at_bindings: (1), (4), (150), (99);
    matching::float_patterns: (0.0), (-0.0), (-1.5), (1.7), (f64::NAN), (9.0);
    matching::negative_ranges: (-128), (-100), (-99), (-1), (0), (49), (50);
    matching::matches_macro: (1, 0), (6, 1), (8, 5);
    matching::match_with_effects: (20), (100);
    matching::guards_fall_through: (1, 11), (1, 6), (2, 6), (2, 0), (1, 0), (3, 0), (3, 1);
    matching::struct_patterns: (0, 0), (1, 1), (5, 77), (12, 1), (3, 4);
    matching::destructuring: (3, 4);
    matching::option_methods: (7, 2), (7, 0);
    matching::result_methods: (7), (-7);
    matching::option_equal: (7, 2), (7, 0), (8, 2);

    calls::fibonacci: (12);
    calls::is_even: (10), (7);
    calls::calls_residuals: (1, -5), (200, 12345);
    calls::calls_many_results: (5), (-5);
    calls::calls_with_aggregates: (5, true), (12, true), (12, false), (22, true);
    calls::calls_elidable: (2.5);
    calls::calls_kept_apart: (5);
    calls::calls_inlined: (5, 2), (255, 9), (13, 1), (200, 100), (17, -4), (0, 60);
    calls::calls_recursive: (5), (-1), (0), (64);
    calls::promoted_often: (5, true), (5, false), (0, true);
    calls::hints: (1, 2), (5, 9), (-5, 3);
    calls::interpreting_is_skipped: (4);
    calls::unused_results: (3);
    calls::primitive_paths: (-3, 5);
}

#[test]
fn what_rustc_alone_runs_is_not_translated() {
    let module = crate::module();
    let graph = module.graph(module.find_func("interpreting_is_skipped").expect("translated")).expect("a graph");
    assert!(graph.count_ops().is_empty(), "{:?}", graph.count_ops());
}

#[test]
fn constants_make_one_switch() {
    let module = crate::module();
    let graph = module.graph(module.find_func("constants_switch").expect("translated")).expect("a graph");
    assert_eq!(graph.count_ops().get("switch"), Some(&1), "{:?}", graph.count_ops());
}

#[test]
fn the_image_is_the_module() {
    let translation = crate::sources::translate().expect("translates");
    let generated = moonshift_jitgen::image::generate(&translation, &crate::sources::sources().0);
    let (image, _) = generated.unwrap_or_else(|errors| panic!("{errors}"));
    let decoded = moonshift_jitgen::image::decode(&image).expect("an image").module;
    // The timeshifter rewrites the graphs, and nothing else.
    let names = |module: &moonshift_jitgen::flow::Module| -> Vec<String> {
        module.funcs.iter().map(|func| func.name.clone()).collect()
    };
    assert_eq!(names(&decoded), names(&translation.module));
    assert!(decoded.fields == translation.module.fields && decoded.portals == translation.module.portals);
    assert!(moonshift_jitgen::image::decode(&image[..image.len() / 2]).is_err());
}

#[test]
fn direct_wrappers_agree_with_buffered_ones() {
    let module = crate::module();
    let args = [7u64, (-9i64) as u64];
    for (name, args) in [("kept_apart", &args[1..]), ("two_results", &args[..1]), ("many_results", &args[..1])] {
        let func = module.find_func(name).expect("translated");
        let info = module.func(func);
        let native = &crate::bindings().natives[info.native.expect("has wrappers") as usize];
        let params: Vec<_> = info.params.iter().map(|(_, ty)| *ty).collect();
        let mut buffered = vec![0; info.results.len()];
        // SAFETY: arguments and results are as many as the function has.
        unsafe { (native.buffered)(args.as_ptr(), buffered.as_mut_ptr()) };
        let mut direct = vec![0; info.results.len()];
        // SAFETY: the wrapper has this signature, and takes no addresses.
        unsafe { moonshift_jitgen::eval::call_direct(native.direct as u64, &params, &info.results, args, &mut direct) };
        assert_eq!(direct, buffered, "{name}");
    }
}

//! What the subset has besides, form by form, on many values.

crate::samples::agree_on_samples! {
    subset::literal_forms(bool);
    subset::casts_of_literals(u8);
    subset::inferred_late(u8);
    subset::float_constants(bool);
    subset::floats_of_all_kinds(f64, f64);
    subset::float_methods(f64);
    subset::float_ranges(f64);
    subset::lossless_conversions(u32, i16, bool);
    subset::bool_operators(bool, bool);
    subset::names_and_modules(i64);
    subset::enums_of_both_signs(u8);
    subset::enums_in_enums(i64);
    subset::nested_options(i64, bool);
    subset::methods_of_options(i64, i64);
    subset::methods_of_results(i64, bool);
    subset::destructuring_assignments(i64, i64);
    subset::conditions(i64);
    subset::constant_blocks(i64);
    subset::units_and_nevers(i64);
    subset::ends_of_let_else(i64);
    subset::labels_and_blocks(u8);
    subset::changed_counters(u8);
    subset::while_conditions(i64);
    subset::chains(i64, i64);
    subset::parenthesised(i64);
    subset::asserted(i64);
}

/// The functions of the older files, on more values than their own tests give them.
mod again {
    use super::super::samples::agree_on_samples;

    agree_on_samples! {
        ints::wrapping(i64, i64);
        ints::shifts(i64, u32);
        ints::saturating(i8, i8);
        ints::division(i64, i64);
        ints::sizes(i64, i64);
        ints::casts(i64);
        floats::conversions(f64, i64, u64);
        floats::classes(f64);
        matching::ints(i64);
        matching::constants_switch(u8);
        matching::c_like(u8);
        matching::shape_of(i64);
        matching::data_enum(i64);
        matching::data_enum_equal(i64, i64);
        matching::tuples(u8, bool);
        matching::tuple_of_two_tags(u8, u8);
        matching::float_patterns(f64);
        matching::negative_ranges(i8);
        matching::matches_macro(i64, u8);
        matching::guards_fall_through(i64, i64);
        matching::struct_patterns(u8, i64);
        matching::option_equal(i64, i64);
        aggregates::add_encoded(i64, f64, u8);
        aggregates::struct_from_branches(i64);
        aggregates::struct_equality(i64, i64);
        control::if_else(i64);
        control::short_circuit(i64, i64);
        control::loop_with_value(i64);
        control::labels(i64);
        control::labelled_block(i64);
        control::early_return(i64);
        control::question_option(i64, i64);
        control::question_result(i64);
        control::use_nested(i64);
        control::let_else(i64, i64);
        control::let_chain(i64, i64);
        control::shadowing(i64);
        calls::primitive_paths(i64, i64);
    }
}

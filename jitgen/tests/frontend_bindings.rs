//! The bindings of the front end's test programs, `frontend/bindings.rs`: compared with what is generated now, or written
//! anew when `JITGEN_BLESS` is set. A test of its own because the other one does not compile without the right bindings.

#[path = "frontend/sources.rs"]
mod sources;

#[test]
fn bindings_are_up_to_date() {
    let translation = match sources::translate() {
        Ok(translation) => translation,
        Err(errors) => panic!("{errors}"),
    };
    for (index, func) in translation.module.funcs.iter().enumerate() {
        if let Some(graph) = translation.module.graph(moonshift_jitgen::flow::FuncId(index as u32)) {
            let valid = moonshift_jitgen::flow::verify(graph, Some(&translation.module));
            valid.unwrap_or_else(|error| panic!("{}: {error}", func.name));
        }
    }
    let text = moonshift_jitgen::image::bindings(&translation, "&[]");
    let path = sources::folder().join("bindings.rs");
    if std::env::var_os("JITGEN_BLESS").is_some() {
        std::fs::write(&path, text).expect("the folder can be written");
        return;
    }
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(before == text, "run with JITGEN_BLESS=1 to write {} anew", path.display());
}

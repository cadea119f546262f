//! `COMPATIBILITY.md` lists exactly the functions and variables that there are.

use moonshift::Lua;
use std::collections::BTreeSet;

/// Every name of the library, as the page writes it.
const NAMES: &str = r#"
local names = { "_G", "_VERSION" }
for name, value in pairs(_G) do
  if type(value) == "function" then
    names[#names + 1] = name
  elseif type(value) == "table" and name ~= "_G" then
    for field in pairs(value) do names[#names + 1] = name .. "." .. field end
  end
end
for name in pairs(getmetatable(io.stdout).__index) do names[#names + 1] = "file:" .. name end
return table.concat(names, "\n")
"#;

#[test]
fn the_page_lists_what_there_is() {
    let lua = Lua::new();
    let names: String = lua.load(NAMES).eval().expect("a list");
    let there: BTreeSet<&str> = names.lines().collect();
    let page = include_str!("../COMPATIBILITY.md");
    let table = page.split("## Functions and variables").nth(1).expect("the section");
    let listed: Vec<&str> = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let unique: BTreeSet<&str> = listed.iter().copied().collect();
    assert_eq!(unique.len(), listed.len(), "a name is listed twice");
    let missing: Vec<_> = there.difference(&unique).collect();
    let surplus: Vec<_> = unique.difference(&there).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "not on the page: {missing:?}; not there: {surplus:?}");
}

/// Every row says whether the function is as the manual has it, and a row that says no says why.
#[test]
fn every_row_has_a_state() {
    let page = include_str!("../COMPATIBILITY.md");
    let table = page.split("## Functions and variables").nth(1).expect("the section");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    assert!(rows.len() > 140, "{} rows", rows.len());
    for row in rows {
        assert!(row.len() >= 2 && (row[1].trim_matches('|').trim() == "yes" || row[1] == "no"), "{row:?}");
        assert!(row[1] != "no" || row.get(2).is_some_and(|note| note.len() > 10), "{row:?}");
    }
}

//! Every file of Rust is reached from a root by `mod`: one that is not is dead, and the compiler never says so.

use super::repository::File;
use super::rust::code;
use std::collections::{BTreeMap, BTreeSet};

/// Where modules begin.
const ROOTS: &[&str] = &[
    "api/build.rs",
    "api/src/lib.rs",
    "api/src/main.rs",
    "api/domain/src/lib.rs",
    "entity/src/lib.rs",
    "migration/src/lib.rs",
    "tests/main.rs",
    "tests/bench/fan_out/main.rs",
];

/// Files that no root reaches.
pub fn undeclared(files: &[File]) -> Vec<String> {
    let rust: BTreeMap<&str, &str> = files
        .iter()
        .filter(|f| f.path.ends_with(".rs"))
        .map(|f| (f.path.as_str(), f.text.as_str()))
        .collect();
    let mut reached = BTreeSet::new();
    let mut ahead: Vec<String> = ROOTS.iter().map(|&root| root.to_owned()).collect();
    while let Some(path) = ahead.pop() {
        let Some(text) = rust.get(path.as_str()) else {
            continue;
        };
        if reached.insert(path.clone()) {
            ahead.extend(declared(&path, text));
        }
    }
    rust.keys()
        .filter(|path| !reached.contains(**path))
        .map(|path| format!("{path}: no `mod` declares it"))
        .collect()
}

/// The files that a file's `mod name;` may mean.
fn declared(path: &str, text: &str) -> Vec<String> {
    let folder = folder_of(path);
    code(text, false)
        .lines()
        .filter_map(module_name)
        .flat_map(|name| [format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")])
        .collect()
}

/// Where the modules of a file lie: beside roots and `mod.rs`, else in the folder of its name.
fn folder_of(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    if ROOTS.contains(&path) || name == "mod.rs" {
        folder.to_owned()
    } else {
        format!("{folder}/{}", name.trim_end_matches(".rs"))
    }
}

/// `name` of a line `mod name;`, whatever stands before `mod`.
fn module_name(line: &str) -> Option<&str> {
    let (before, rest) = line.trim().strip_suffix(';')?.rsplit_once("mod ")?;
    (before.is_empty() || before.ends_with(' ')).then_some(rest.trim().trim_start_matches("r#"))
}

mod tests {
    use super::super::repository::sample;
    use super::undeclared;

    #[test]
    fn a_file_that_nothing_declares_is_a_fault() {
        let files = [
            sample("api/src/lib.rs", "pub(crate) mod a;\n// mod dead;\nmod b;"),
            sample("api/src/a.rs", "#[cfg(test)] mod c;"),
            sample("api/src/a/c.rs", ""),
            sample("api/src/b/mod.rs", "mod d;"),
            sample("api/src/b/d.rs", ""),
            sample("api/src/dead.rs", ""),
            sample("api/src/c.rs", ""),
        ];
        let expected = ["api/src/c.rs: no `mod` declares it", "api/src/dead.rs: no `mod` declares it"];
        assert_eq!(undeclared(&files), expected);
    }
}

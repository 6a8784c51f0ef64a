//! One direction: what each part of the api may name, as data.
//!
//! `http → graphql → usecase → store → entity`, all of them on `domain`, which names nothing of ours. Nothing calls
//! back up. To let a part name another, add it to its row, and say in review why the arrow does not close a circle.

use super::repository::File;
use super::rust::without_tests;
use std::collections::BTreeSet;

/// A module of `api/src` and the others that it may name, all of them further down; itself always.
const LAYERS: &[(&str, &[&str])] = &[
    // The edge.
    ("main", ANY),
    ("lib", ANY),
    (
        "demo",
        &[
            "app", "auth", "bus", "clock", "config", "error", "graphql", "http", "mail", "process", "store",
            "usecase",
        ],
    ),
    ("backup", &["app", "auth", "bus", "clock", "config", "error", "mail", "process", "store", "usecase"]),
    ("process", &["app", "config", "http", "job", "usecase"]),
    ("http", &["app", "auth", "clock", "config", "error", "graphql", "metric", "store", "usecase"]),
    ("graphql", &["app", "auth", "clock", "error", "store", "usecase"]),
    // The work.
    ("job", &["app", "bus", "clock", "config", "error", "mail", "metric", "store", "usecase"]),
    ("seed", &["app", "auth", "clock", "config", "error", "store", "usecase"]),
    ("usecase", &["app", "auth", "bus", "clock", "config", "error", "mail", "report", "store"]),
    // What it stands on.
    ("app", &["auth", "bus", "clock", "config", "error", "mail", "metric", "store"]),
    ("auth", &["bus", "clock", "config", "error", "store"]),
    ("store", &["bus", "clock", "config", "error", "metric"]),
    ("bus", &["clock", "config", "error"]),
    ("mail", &["clock", "config", "error", "report"]),
    ("report", &[]),
    ("telemetry", &["clock", "config", "error"]),
    ("metric", &[]),
    ("clock", &[]),
    ("config", &["error"]),
    ("error", &[]),
];

const ANY: &[&str] = &[
    "app",
    "auth",
    "backup",
    "bus",
    "clock",
    "config",
    "demo",
    "error",
    "graphql",
    "http",
    "job",
    "mail",
    "metric",
    "process",
    "report",
    "seed",
    "store",
    "telemetry",
    "usecase",
];

/// A crate, and the only folders and files that may name it. The suite may name all.
const CRATES: &[(&str, &[&str])] = &[
    ("sea_orm", &["api/src/store", "api/src/bus", "api/src/app.rs", "api/domain", "entity", "migration"]),
    ("sqlx", &["api/src/store", "api/src/bus", "api/src/app.rs"]),
    ("sea_orm_migration", &["migration"]),
    ("async_graphql", &["api/src/graphql", "api/src/http", "api/domain"]),
    ("async_graphql_parser", &["api/src/http", "api/src/graphql"]),
    ("axum", &["api/src/http"]),
    ("entity::", &["api/src/store", "api/src/usecase", "api/src/graphql", "api/src/seed"]),
    ("migration::", &["api/src/store", "api/src/app.rs", "api/src/main.rs"]),
    ("domain::", &["api/src", "entity"]),
    ("hourbank::", &["api/src/main.rs"]),
    ("tokio", &["api/src"]),
    ("socket2", &["api/src/http"]),
    ("rust_xlsxwriter", &["api/src/report"]),
];

/// SQL as text, and where it may stand.
const SQL: &[&str] = &["SELECT ", "INSERT INTO ", "DELETE FROM ", "UPDATE ", "CREATE TABLE "];
const SQL_PLACES: &[&str] = &["api/src/store", "api/src/bus", "api/src/app.rs", "entity", "migration"];

/// All that a file names without leave.
pub fn faults(file: &File) -> Vec<String> {
    if file.path.starts_with("tests/") {
        return Vec::new();
    }
    let code = without_tests(&file.text, false);
    let mut faults = modules_without_leave(file, &code);
    for (name, places) in CRATES.iter().filter(|(_, places)| !lies_in(&file.path, places)) {
        faults.extend(lines(&code, |line| names_crate(line, name)).map(|line| {
            format!("{}:{line}: `{name}` may be named in {} only", file.path, places.join(", "))
        }));
    }
    if file.path.starts_with("api/domain/") {
        faults.extend(
            lines(&code, |line| line.split_whitespace().any(|word| word == "async"))
                .map(|line| format!("{}:{line}: the domain waits for nothing", file.path)),
        );
    }
    if !lies_in(&file.path, SQL_PLACES) {
        let quoted = without_tests(&file.text, true);
        faults.extend(
            lines(&quoted, |line| SQL.iter().any(|sql| line.contains(sql)))
                .map(|line| format!("{}:{line}: SQL outside `store`", file.path)),
        );
    }
    faults
}

/// Modules of `api/src` that have no row yet.
pub fn without_row(files: &[File]) -> Vec<String> {
    let modules: BTreeSet<&str> =
        files.iter().filter_map(|file| module_path(&file.path)?.into_iter().next()).collect();
    let missing = modules.into_iter().filter(|name| row(name).is_none());
    missing.map(|name| format!("api/src/{name}: has no row in tests/tidy/layer.rs")).collect()
}

fn row(module: &str) -> Option<&'static [&'static str]> {
    LAYERS.iter().find(|(name, _)| *name == module).map(|(_, may)| *may)
}

fn modules_without_leave(file: &File, code: &str) -> Vec<String> {
    let Some(path) = module_path(&file.path) else {
        return Vec::new();
    };
    let Some(may) = row(path[0]) else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    for (line, name) in named_modules(code, path.len()) {
        if row(&name).is_some() && name != path[0] && !may.contains(&name.as_str()) {
            faults.push(format!("{}:{line}: `{}` may not name `{name}`", file.path, path[0]));
        }
    }
    faults
}

/// `api/src/store/tx.rs` is `["store", "tx"]`.
fn module_path(path: &str) -> Option<Vec<&str>> {
    let inner = path.strip_prefix("api/src/")?.strip_suffix(".rs")?;
    Some(inner.strip_suffix("/mod").unwrap_or(inner).split('/').collect())
}

/// The crate's own modules that code names, each with its line; `depth` is how far below the crate's root it stands.
fn named_modules(code: &str, depth: usize) -> Vec<(usize, String)> {
    let to_root = "super::".repeat(depth);
    let mut named = Vec::new();
    for start in ["crate::", to_root.as_str()] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let line = code[..at].matches('\n').count() + 1;
            named.extend(heads(&code[at + start.len()..]).into_iter().map(|name| (line, name)));
        }
    }
    named
}

/// The first names of a path or of a group: `{store::{a, b}, error::Error}` gives `store` and `error`.
fn heads(rest: &str) -> Vec<String> {
    let Some(group) = rest.trim_start().strip_prefix('{') else {
        return vec![word(rest)];
    };
    let mut depth = 1;
    let mut heads = vec![word(group)];
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => break,
            '}' => depth -= 1,
            ',' if depth == 1 => heads.push(word(&group[at + 1..])),
            _ => {}
        }
    }
    heads
}

fn word(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Whether a line names a crate: as a word of its own, not as a part of a longer path.
fn names_crate(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let part_of = |c: char| c.is_alphanumeric() || c == '_';
        let before = line[..at].chars().next_back();
        let after = line[at + name.len()..].chars().next();
        !before.is_some_and(|c| part_of(c) || c == ':')
            && (name.ends_with(':') || !after.is_some_and(part_of))
    })
}

fn lines(code: &str, fault: impl Fn(&str) -> bool) -> impl Iterator<Item = usize> {
    code.lines().enumerate().filter(move |(_, line)| fault(line)).map(|(at, _)| at + 1)
}

fn lies_in(path: &str, places: &[&str]) -> bool {
    places
        .iter()
        .any(|place| path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

mod tests {
    use super::super::repository::sample;
    use super::{ANY, LAYERS, faults, without_row};

    fn count(path: &str, text: &str) -> usize {
        faults(&sample(path, text)).len()
    }

    #[test]
    fn calling_back_up_is_a_fault() {
        let store = "api/src/store/tx.rs";
        assert_eq!(
            faults(&sample(store, "\nuse crate::usecase::log;")),
            ["api/src/store/tx.rs:2: `store` may not name `usecase`"]
        );
        assert_eq!(
            count(store, "use crate::{\n    bus::Topic, error::{Error, http},\n    graphql::X,\n};"),
            1
        );
        assert_eq!(count(store, "fn f(a: crate::http::Server) {}"), 1);
        assert_eq!(count(store, "use super::super::job::run;"), 1);
        assert_eq!(count("api/src/store/mod.rs", "use super::{job, bus};"), 1);
        assert_eq!(count(store, "use super::visible::job; use crate::store::http; // crate::http::x"), 0);
        assert_eq!(count(store, "#[cfg(test)]\nmod tests { use crate::usecase::log; }"), 0);
    }

    #[test]
    fn a_crate_named_in_the_wrong_layer_is_a_fault() {
        for (path, text) in [
            ("api/src/usecase/task.rs", "use sea_orm::DbErr;"),
            ("api/src/graphql/task.rs", "#[sea_orm(table_name = \"x\")]"),
            ("api/src/http/mod.rs", "sqlx::query(\"\")"),
            ("api/src/usecase/task.rs", "use async_graphql::Object;"),
            ("api/src/graphql/mod.rs", "use axum::Router;"),
            ("api/src/usecase/task.rs", "use axum::Router;"),
            ("api/domain/src/plan.rs", "use entity::plan;"),
            ("api/domain/src/plan.rs", "pub async fn approve() {}"),
            ("api/domain/src/plan.rs", "tokio::spawn(x)"),
            ("entity/src/plan.rs", "use hourbank::store::plan;"),
            ("migration/src/plan.rs", "use domain::plan::PlanKind;"),
            ("api/src/usecase/task.rs", "let sql = \"SELECT 1\";"),
        ] {
            assert_eq!(count(path, text), 1, "{path}: {text}");
        }
        for (path, text) in [
            ("api/src/store/task.rs", "use sea_orm::{DbErr}; use entity::task; \"SELECT 1\""),
            ("api/domain/src/id.rs", "#[cfg_attr(feature = \"orm\", derive(sea_orm::DeriveValueType))]"),
            ("migration/src/task.rs", "use sea_orm::DbErr; \"UPDATE task\""),
            ("entity/src/task.rs", "use sea_orm::entity::prelude::Uuid; use domain::id::TaskId;"),
            ("api/src/usecase/task.rs", "/// never sea_orm, never \"SELECT 1\"\nlet an_entity = entity;"),
            ("tests/task.rs", "use hourbank::app::App; use sqlx::query;"),
        ] {
            assert_eq!(count(path, text), 0, "{path}: {text}");
        }
    }

    #[test]
    fn a_module_without_a_row_is_a_fault() {
        let files = [sample("api/src/store/tx.rs", ""), sample("api/src/cache.rs", "")];
        assert_eq!(without_row(&files), ["api/src/cache: has no row in tests/tidy/layer.rs"]);
    }

    #[test]
    fn every_arrow_of_the_table_points_down() {
        for (at, (name, may)) in LAYERS.iter().enumerate() {
            for other in may.iter().filter(|_| *may != ANY) {
                let below = LAYERS[at..].iter().any(|(lower, _)| lower == other);
                assert!(below, "`{name}` stands below `{other}`, so it may not name it");
            }
        }
    }
}

//! The files of the repository, as a person would commit them.

use std::fs;
use std::path::Path;

/// A text file: its path from the repository's root, and what it holds.
pub struct File {
    pub path: String,
    pub text: String,
}

/// A sample in memory, for the tests of the rules.
pub fn sample(path: &str, text: &str) -> File {
    File { path: path.to_owned(), text: text.to_owned() }
}

/// What `.gitignore` keeps out; read here too, since a release's archive has no git.
fn is_ignored(name: &str) -> bool {
    matches!(name, ".git" | "target" | "node_modules")
        || name.ends_with(".db")
        || name.contains(".db-")
        || name.ends_with(".lock.db")
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The names in the repository's root.
pub fn top_level() -> Vec<String> {
    names(root())
}

/// Every text file, in the order of paths.
pub fn files() -> Vec<File> {
    let mut found = Vec::new();
    collect(root(), "", &mut found);
    found
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<File>) {
    for name in names(folder) {
        let (path, below) = (folder.join(&name), format!("{prefix}{name}"));
        if path.is_dir() {
            collect(&path, &format!("{below}/"), found);
        } else if let Ok(text) = fs::read_to_string(&path) {
            found.push(File { path: below, text });
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the suite runs in its repository");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("a folder can be read").file_name().to_string_lossy().into_owned())
        .filter(|name| !is_ignored(name))
        .collect();
    names.sort();
    names
}

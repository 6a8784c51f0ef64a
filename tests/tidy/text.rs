//! Rules on any text: how long, which words, which names in the root.

use super::repository::File;

/// Where one asks which two nouns live in a file.
const LINES: usize = 400;

/// Files past the limit; the schema, the locks and the snapshots are written by programs.
pub fn too_long(file: &File) -> Option<String> {
    let ours = [".rs", ".mjs", ".py", ".lua", ".sh", "/run"].iter().any(|end| file.path.ends_with(end));
    let lines = file.text.lines().count();
    (ours && lines > LINES).then(|| format!("{}: {lines} lines, more than {LINES}", file.path))
}

/// What must not stand in the repository. In pieces, so that this file does not hold them.
const FOREIGN: &[(&str, &str)] = &[
    (concat!("sha", "red/"), "a folder that is not in the repository"),
    (concat!("/wo", "rk/"), "a folder of one machine"),
    (concat!("registry", ".npmjs"), "a registry's address"),
    (concat!("registry", ".yarnpkg"), "a registry's address"),
    (concat!("npm", "mirror."), "a registry's address"),
    (concat!("static", ".crates.io"), "a registry's address"),
    (concat!("index", ".crates.io"), "a registry's address"),
    (concat!("\"res", "olved\":"), "a registry's address in a lock"),
];

/// Words that mean something only to those who were there: other folders, numbers of issues, registries.
pub fn foreign_words(file: &File) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        let place = format!("{}:{}", file.path, at + 1);
        faults.extend(
            FOREIGN
                .iter()
                .filter(|(word, _)| starts_word(line, word))
                .map(|(_, why)| format!("{place}: {why}")),
        );
        if names_an_issue(&line.to_lowercase()) {
            faults.push(format!("{place}: a number of an issue; say what it was about"));
        }
    }
    faults
}

fn starts_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| !line[..at].chars().next_back().is_some_and(char::is_alphanumeric))
}

/// A number behind one of the marks that issues and merge requests go by.
fn names_an_issue(line: &str) -> bool {
    let number = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    ["issue ", "issue #", "issues/", "pr #", "pull/", "(#", "fixes #", "closes #", "gh-"].iter().any(|mark| {
        line.match_indices(mark).any(|(at, _)| {
            let whole_word = !line[..at].chars().next_back().is_some_and(char::is_alphanumeric);
            whole_word && number(&line[at + mark.len()..])
        })
    })
}

/// The visible root: seven names and the lock.
const ROOT: &[&str] =
    &["Cargo.lock", "Cargo.toml", "README.md", "api", "entity", "migration", "schema.graphql", "tests"];

/// Names too many and names missing.
pub fn root_faults(names: &[String]) -> Vec<String> {
    let visible = || names.iter().map(String::as_str).filter(|name| !name.starts_with('.'));
    let extra = visible()
        .filter(|name| !ROOT.contains(name))
        .map(|name| format!("{name}: not one of the root's names"));
    let missing = ROOT.iter().filter(|name| !visible().any(|there| there == **name));
    extra.chain(missing.map(|name| format!("{name}: missing in the root"))).collect()
}

mod tests {
    use super::super::repository::sample;
    use super::{LINES, ROOT, foreign_words, root_faults, too_long};

    #[test]
    fn a_long_file_is_a_fault() {
        assert!(too_long(&sample("api/src/a.rs", &"\n".repeat(LINES))).is_none());
        assert!(too_long(&sample("api/src/a.rs", &"\n".repeat(LINES + 1))).is_some());
        assert!(too_long(&sample("schema.graphql", &"\n".repeat(LINES + 1))).is_none());
    }

    #[test]
    fn a_foreign_word_is_a_fault() {
        for word in [
            concat!("see sha", "red/domain.md"),
            concat!("/wo", "rk/x"),
            concat!("\"res", "olved\": \"a\""),
            concat!("https://registry", ".npmjs.org/a"),
            concat!("a fix (", "#12)"),
            concat!("see Issue", " 7"),
            concat!("GH", "-12"),
        ] {
            assert_eq!(foreign_words(&sample("README.md", word)).len(), 1, "{word}");
        }
        for word in [
            "a shared folder",
            "#[cfg(test)]",
            "color: #123456",
            "unshared/x",
            "an issue of trust",
            "weigh-2",
        ] {
            assert!(foreign_words(&sample("README.md", word)).is_empty(), "{word}");
        }
    }

    #[test]
    fn another_name_in_the_root_is_a_fault() {
        let mut names: Vec<String> = ROOT.iter().map(|&name| name.to_owned()).collect();
        names.push(".ci".to_owned());
        assert!(root_faults(&names).is_empty());
        names.push("docs".to_owned());
        names.retain(|name| name != "README.md");
        assert_eq!(
            root_faults(&names),
            ["docs: not one of the root's names", "README.md: missing in the root"]
        );
    }
}

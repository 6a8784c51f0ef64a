//! Rust as text: what is code, what is comment, what is test; and the rules on single words.

use super::repository::File;

/// The code of a file, lines in place: comments blanked, and what stands in quotes too unless `strings`.
pub fn code(text: &str, strings: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let (end, keep) = match (chars[at], chars.get(at + 1)) {
            ('/', Some('/')) => (line_end(&chars, at), false),
            ('/', Some('*')) => (comment_end(&chars, at), false),
            ('r', Some('"' | '#')) if !is_word(at.checked_sub(1).map(|before| chars[before])) => {
                (raw_end(&chars, at), strings)
            }
            ('"', _) => (quote_end(&chars, at, '"'), strings),
            ('\'', Some('\\')) => (quote_end(&chars, at, '\''), strings),
            ('\'', Some(_)) if chars.get(at + 2) == Some(&'\'') => (at + 3, strings),
            _ => (at + 1, true),
        };
        out.extend(chars[at..end].iter().map(|&c| if keep || c == '\n' { c } else { ' ' }));
        at = end;
    }
    out
}

fn is_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_alphanumeric() || c == '_')
}

fn line_end(chars: &[char], from: usize) -> usize {
    (from..chars.len()).find(|&at| chars[at] == '\n').unwrap_or(chars.len())
}

fn comment_end(chars: &[char], from: usize) -> usize {
    let mut depth = 0;
    let mut at = from;
    while at + 1 < chars.len() {
        match (chars[at], chars[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    chars.len()
}

fn quote_end(chars: &[char], from: usize, quote: char) -> usize {
    let mut at = from + 1;
    while at < chars.len() && chars[at] != quote {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

/// The end of `r"…"` or `r#"…"#`; of the `r` alone where it begins something else (`r#type`).
fn raw_end(chars: &[char], from: usize) -> usize {
    let hashes = chars[from + 1..].iter().take_while(|&&c| c == '#').count();
    if chars.get(from + 1 + hashes) != Some(&'"') {
        return from + 1;
    }
    let closes = |at: &usize| {
        chars[*at] == '"'
            && chars.get(at + 1..at + 1 + hashes).is_some_and(|rest| rest.iter().all(|&c| c == '#'))
    };
    (from + 2 + hashes..chars.len()).find(closes).map_or(chars.len(), |at| at + 1 + hashes)
}

/// The same without what stands under `#[cfg(test)]`; takes code whose strings are blanked or not.
pub fn without_tests(text: &str, strings: bool) -> String {
    // Braces are counted where strings cannot hold any; blanking keeps every character's place.
    let shape: Vec<char> = code(text, false).chars().collect();
    let mut out: Vec<char> = code(text, strings).chars().collect();
    let mark: Vec<char> = "#[cfg(test)]".chars().collect();
    let mut at = 0;
    while at + mark.len() <= shape.len() {
        if shape[at..at + mark.len()] != mark[..] {
            at += 1;
            continue;
        }
        let end = item_end(&shape, at + mark.len());
        out[at..end].iter_mut().filter(|c| **c != '\n').for_each(|c| *c = ' ');
        at = end;
    }
    out.into_iter().collect()
}

/// Where the item that begins here ends: its closing brace, or a semicolon before any brace.
fn item_end(shape: &[char], from: usize) -> usize {
    let mut depth = 0;
    for (at, c) in shape.iter().enumerate().skip(from) {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    shape.len()
}

/// Lines of `code` that hold a path or word, not as a part of a longer one.
pub fn lines_with<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.lines().enumerate().filter(move |(_, line)| holds(line, word)).map(|(at, _)| at + 1)
}

fn holds(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let open_end = !is_word(word.chars().next_back());
        !is_word(before) && (open_end || !is_word(after))
    })
}

/// `*` of a crate whose names (`entity`, `Result`, `Value`) shadow ours.
pub fn shadowing_globs(file: &File) -> Vec<String> {
    let code = code(&file.text, false);
    ["use sea_orm::*", "use async_graphql::*"]
        .iter()
        .flat_map(|glob| lines_with(&code, glob).map(move |line| (line, glob)))
        .map(|(line, glob)| format!("{}:{line}: `{glob}` shadows names of ours", file.path))
        .collect()
}

/// Who may ask the system for what.
const PLACES: &[(&str, &[&str])] = &[
    ("Utc::now", &["api/src/clock.rs"]),
    ("Local::now", &["api/src/clock.rs"]),
    ("SystemTime::now", &["api/src/clock.rs"]),
    (
        "env::var",
        &[
            "api/src/config.rs",
            "api/build.rs",
            "tests/access/matrix.rs",
            "tests/fault/mod.rs",
            "tests/instances.rs",
            "tests/model/mod.rs",
            "tests/schema.rs",
            "tests/support/database.rs",
        ],
    ),
    ("env::var_os", &["api/src/config.rs"]),
    ("env::vars", &["api/src/config.rs"]),
];

/// The clock and the environment, asked elsewhere than in their one place.
pub fn outside_their_place(file: &File) -> Vec<String> {
    let code = code(&file.text, false);
    let mut faults = Vec::new();
    for (word, places) in PLACES.iter().filter(|(_, places)| !places.contains(&file.path.as_str())) {
        faults.extend(
            lines_with(&code, word)
                .map(|line| format!("{}:{line}: `{word}` belongs in {}", file.path, places[0])),
        );
    }
    faults
}

/// `unwrap()` in what is shipped.
pub fn unwraps(file: &File) -> Vec<String> {
    if file.path.starts_with("tests/") {
        return Vec::new();
    }
    let code = without_tests(&file.text, false);
    let lines = code.lines().enumerate().filter(|(_, line)| line.contains(".unwrap()"));
    lines
        .map(|(at, _)| format!("{}:{}: `unwrap()`: say the invariant with `expect`", file.path, at + 1))
        .collect()
}

mod tests {
    use super::super::repository::sample;
    use super::{code, outside_their_place, shadowing_globs, unwraps, without_tests};

    #[test]
    fn comments_and_strings_are_told_from_code() {
        let text =
            "let a = \"x // \\\" y\"; // b\n/* c /* d */ */ let e = r#\"f\"#; let g: &'static str = '\"';h";
        let bare = code(text, false);
        assert_eq!(bare.len(), text.len());
        assert_eq!(
            bare.split_whitespace().collect::<Vec<_>>().join(" "),
            "let a = ; let e = ; let g: &'static str = ;h"
        );
        assert!(code(text, true).contains("f") && !code(text, true).contains("d */"));
    }

    #[test]
    fn what_is_test_is_left_out() {
        let text =
            "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() { \"}\" }\n}\n#[cfg(test)]\nuse x;\nfn c() {}";
        let left = without_tests(text, false);
        assert_eq!(left.split_whitespace().collect::<Vec<_>>(), ["fn", "a()", "{}", "fn", "c()", "{}"]);
    }

    #[test]
    fn a_glob_is_a_fault() {
        assert_eq!(shadowing_globs(&sample("api/src/a.rs", "\nuse sea_orm::*;")).len(), 1);
        assert_eq!(shadowing_globs(&sample("api/src/a.rs", "pub use async_graphql::*;")).len(), 1);
        assert!(
            shadowing_globs(&sample("api/src/a.rs", "// use sea_orm::*;\nuse sea_orm::entity::*;"))
                .is_empty()
        );
    }

    #[test]
    fn the_clock_asked_elsewhere_is_a_fault() {
        let text = "fn f() { chrono::Utc::now(); std::env::var(\"A\"); }";
        assert_eq!(outside_their_place(&sample("api/src/job/a.rs", text)).len(), 2);
        assert_eq!(outside_their_place(&sample("api/src/clock.rs", text)).len(), 1);
        assert!(outside_their_place(&sample("api/src/a.rs", "// Utc::now\nUuid::now_v7();")).is_empty());
    }

    #[test]
    fn an_unwrap_is_a_fault_outside_tests() {
        let text = "fn f() { g()\n.unwrap(); }\n#[cfg(test)]\nmod tests { fn t() { g().unwrap(); } }";
        assert_eq!(
            unwraps(&sample("api/src/a.rs", text)),
            ["api/src/a.rs:2: `unwrap()`: say the invariant with `expect`"]
        );
        assert!(unwraps(&sample("tests/a.rs", text)).is_empty());
        assert!(unwraps(&sample("api/src/a.rs", "f().unwrap_or(1);")).is_empty());
    }
}

//! The lexical half of the guard: is this text safe to hand to the parser at all?
//!
//! The parser descends recursively, so a few kilobytes of `[[[[` would end the process, and no
//! `catch_unwind` helps against a spent stack. This pass reads the bytes once, in a loop and without
//! an allocation: it knows strings, block strings, comments, names, numbers and punctuators, and
//! counts tokens, directives, open brackets, and what is written in selections: fields, aliases and
//! spreads, so that a document past those limits is not parsed either. It is stricter than the parser where they could
//! disagree about where a string ends: an unterminated block string is refused instead of being read
//! again as an empty string, so no bracket can hide from the count.

use super::{limit, syntax};
use crate::http::refusal::Refusal;

/// Longest document, in bytes.
pub const MAX_BYTES: usize = 16 * 1024;
/// Most open `{`, `[` and `(` at one place.
pub const MAX_NESTING: usize = 24;
/// Most tokens of a document.
pub const MAX_TOKENS: usize = 2_000;
/// Most directives of a document.
pub const MAX_DIRECTIVES: usize = 20;
/// Most fields, as written here and once more with every fragment expanded.
pub const MAX_FIELDS: usize = 1_000;
const MAX_ALIASES: usize = 30;
const MAX_SPREADS: usize = 50;

/// What the selections of a document hold.
#[derive(Default)]
struct Written {
    /// Open parentheses: what stands in them is no selection.
    parentheses: usize,
    /// What a name would be after the token before.
    after: After,
    fields: usize,
    aliases: usize,
    spreads: usize,
    directives: usize,
}

#[derive(Default, PartialEq)]
enum After {
    #[default]
    Anything,
    Dots,
    On,
    At,
}

impl Written {
    fn token(&mut self, token: &[u8], depth: usize) {
        match token {
            b"(" => self.parentheses += 1,
            b")" => self.parentheses = self.parentheses.saturating_sub(1),
            b"@" => self.directives += 1,
            _ => {}
        }
        let selects = depth > 0 && self.parentheses == 0;
        let is_name = token.first().is_some_and(|&byte| byte == b'_' || byte.is_ascii_alphabetic());
        self.after = match (&self.after, token) {
            (_, b"...") => After::Dots,
            (_, b"@") => After::At,
            (After::Dots, b"on") => After::On,
            (After::Dots, _) if selects && is_name => {
                self.spreads += 1;
                After::Anything
            }
            (After::Anything, _) if selects && is_name => {
                self.fields += 1;
                After::Anything
            }
            (_, b":") if selects => {
                // The name before it was an alias; the field is the one that follows.
                self.aliases += 1;
                self.fields = self.fields.saturating_sub(1);
                After::Anything
            }
            _ => After::Anything,
        };
    }

    fn check(&self) -> Result<(), Refusal> {
        for (count, most, what) in [
            (self.directives, MAX_DIRECTIVES, "directives"),
            (self.aliases, MAX_ALIASES, "aliases"),
            (self.spreads, MAX_SPREADS, "fragment spreads"),
            // An alias is taken for a field until its colon.
            (self.fields, MAX_FIELDS + 1, "fields"),
        ] {
            if count > most {
                return Err(limit(format!("The document has too many {what}.")));
            }
        }
        Ok(())
    }
}

/// Reads the text once and refuses what the parser must not see (T1, T6, T13, T15).
///
/// # Errors
/// `QUERY_TOO_COMPLEX` past a limit, `GRAPHQL_PARSE_FAILED` for text that is no GraphQL.
pub fn scan(text: &str) -> Result<(), Refusal> {
    if text.len() > MAX_BYTES {
        return Err(limit(format!("The document is longer than {MAX_BYTES} bytes.")));
    }
    let bytes = text.as_bytes();
    let mut open = [0u8; MAX_NESTING];
    let (mut depth, mut tokens, mut at) = (0, 0, 0);
    let mut written = Written::default();
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                at += 1;
                continue;
            }
            0xEF if bytes[at..].starts_with("\u{feff}".as_bytes()) => {
                at += 3;
                continue;
            }
            b'#' => {
                at = end_of_comment(bytes, at);
                continue;
            }
            b'"' => end_of_string(bytes, at)?,
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => run(bytes, at, |b| b == b'_' || b.is_ascii_alphanumeric()),
            b'-' | b'0'..=b'9' => {
                run(bytes, at + 1, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'-'))
            }
            b'.' if bytes[at..].starts_with(b"...") => at + 3,
            b'{' | b'[' | b'(' => {
                let Some(place) = open.get_mut(depth) else {
                    return Err(limit(format!("The document nests deeper than {MAX_NESTING}.")));
                };
                *place = byte;
                depth += 1;
                at + 1
            }
            b'}' | b']' | b')' => {
                let opened = depth.checked_sub(1).map(|last| (last, open[last], byte));
                let Some((last, b'{', b'}') | (last, b'[', b']') | (last, b'(', b')')) = opened else {
                    return Err(syntax(text, at, "this bracket closes nothing"));
                };
                depth = last;
                at + 1
            }
            b'@' | b'!' | b'$' | b'&' | b':' | b'=' | b'|' => at + 1,
            _ => return Err(syntax(text, start, "this character has no meaning here")),
        };
        tokens += 1;
        if tokens > MAX_TOKENS {
            return Err(limit(format!("The document has more than {MAX_TOKENS} tokens.")));
        }
        written.token(&bytes[start..at], depth);
        written.check()?;
    }
    if depth > 0 {
        return Err(syntax(text, bytes.len(), "a bracket is not closed"));
    }
    if tokens == 0 {
        return Err(syntax(text, 0, "the document is empty"));
    }
    Ok(())
}

/// The first place from `at` on whose byte does not belong.
fn run(bytes: &[u8], at: usize, belongs: impl Fn(u8) -> bool) -> usize {
    bytes[at..].iter().position(|&b| !belongs(b)).map_or(bytes.len(), |n| at + n)
}

fn end_of_comment(bytes: &[u8], at: usize) -> usize {
    run(bytes, at, |b| !matches!(b, b'\n' | b'\r'))
}

/// The place behind the string that begins at `at`.
fn end_of_string(bytes: &[u8], at: usize) -> Result<usize, Refusal> {
    let text = || String::from_utf8_lossy(bytes);
    if bytes[at..].starts_with(b"\"\"\"") {
        let mut at = at + 3;
        while at < bytes.len() {
            if bytes[at..].starts_with(b"\\\"\"\"") {
                at += 4;
            } else if bytes[at..].starts_with(b"\"\"\"") {
                return Ok(at + 3);
            } else if bytes[at] == 0 {
                return Err(syntax(&text(), at, "U+0000 is not accepted in strings"));
            } else {
                at += 1;
            }
        }
        return Err(syntax(&text(), at, "a block string is not closed"));
    }
    let mut at = at + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return Ok(at + 1),
            b'\\' if bytes[at..].starts_with(b"\\u0000") => {
                return Err(syntax(&text(), at, "U+0000 is not accepted in strings"));
            }
            // Whether the escape is a known one is the parser's question; here only its length matters.
            b'\\' => at += 2,
            b'\n' | b'\r' => break,
            0 => return Err(syntax(&text(), at, "U+0000 is not accepted in strings")),
            _ => at += 1,
        }
    }
    Err(syntax(&text(), at.min(bytes.len()), "a string is not closed"))
}

#[cfg(test)]
mod tests {
    use super::scan;

    fn code(text: &str) -> &'static str {
        scan(text).expect_err("refused").code
    }

    #[test]
    fn t1_brackets_are_counted_wherever_they_stand() {
        for open in ["[", "{", "("] {
            for n in [25, 2_000, 16_000] {
                assert_eq!(code(&format!("{{ a(x: {}", open.repeat(n))), "QUERY_TOO_COMPLEX");
            }
        }
        assert_eq!(code(&format!("query($x: {} = 1) {{ a }}", "[".repeat(400))), "QUERY_TOO_COMPLEX");
        assert!(scan(&format!("{}a{}", "{a".repeat(24), "}".repeat(24))).is_ok());
    }

    #[test]
    fn t1_a_string_cannot_hide_brackets() {
        // The parser reads an unclosed block string again as `""` and goes on behind it.
        assert_eq!(code(&format!("{{ a(x: \"\"\"b\" {}", "[".repeat(60))), "GRAPHQL_PARSE_FAILED");
        assert_eq!(code(&format!("{{ a(x: \"\" {}", "[".repeat(60))), "QUERY_TOO_COMPLEX");
        assert_eq!(code(&format!("{{ a(x: \"\\\\\" {}", "[".repeat(60))), "QUERY_TOO_COMPLEX");
        assert_eq!(code(&format!("{{ a(x: \"\"\"\\\"\"\"\"\"\" {}", "[".repeat(60))), "QUERY_TOO_COMPLEX");
        assert_eq!(code(&format!("# \"\n{{ a(x: {}", "[".repeat(60))), "QUERY_TOO_COMPLEX");
        assert!(scan("{ a(x: \"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\") }").is_ok());
    }

    #[test]
    fn t6_directives_and_tokens_have_limits() {
        assert_eq!(code(&format!("{{ a {} }}", "@b ".repeat(21))), "QUERY_TOO_COMPLEX");
        assert_eq!(code(&format!("{{ {} }}", "a ".repeat(1_999))), "QUERY_TOO_COMPLEX");
        assert_eq!(code(&format!("{{ {} }}", "a".repeat(16_400))), "QUERY_TOO_COMPLEX");
    }

    #[test]
    fn t5_selections_are_counted_as_written() {
        assert_eq!(code(&format!("{{ {} }}", "a ".repeat(1_002))), "QUERY_TOO_COMPLEX");
        assert_eq!(code(&format!("{{ {} }}", "a: b ".repeat(31))), "QUERY_TOO_COMPLEX");
        assert_eq!(code(&format!("{{ {} }}", "...F ".repeat(51))), "QUERY_TOO_COMPLEX");
        for fine in [
            format!("{{ {} }}", "a: b ".repeat(30)),
            format!("{{ {} }}", "...F ".repeat(50)),
            format!("{{ {} }}", "... on T { a } ... { b } ".repeat(60)),
            format!("query({}) {{ a(x: {{ {} }}) }}", "$a: Int = 1 @d ".repeat(10), "a: 1 ".repeat(200)),
        ] {
            assert_eq!(scan(&fine), Ok(()), "{fine:.60}");
        }
    }

    #[test]
    fn t15_nul_is_refused_in_every_spelling() {
        for text in ["{ a(x: \"\\u0000\") }", "{ a(x: \"\0\") }", "{ a(x: \"\"\"\0\"\"\") }", "{ a\0 }"] {
            assert_eq!(code(text), "GRAPHQL_PARSE_FAILED");
        }
    }

    #[test]
    fn t1_brackets_must_match() {
        for text in ["}", "{ a(x: [1) }", "{ a ]", "{ a", "", "  # only a comment"] {
            assert_eq!(code(text), "GRAPHQL_PARSE_FAILED", "{text}");
        }
    }
}

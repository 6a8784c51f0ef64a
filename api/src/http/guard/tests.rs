//! Corpus and properties of the guard.

use std::time::{Duration, Instant};

use async_graphql_parser::types::OperationType;
use proptest::prelude::{ProptestConfig, any, prop, proptest};

use super::inspect;

fn code(text: &str) -> &'static str {
    inspect(text, None).expect_err("refused").code
}

const LIMIT: &str = "QUERY_TOO_COMPLEX";
const INVALID: &str = "GRAPHQL_VALIDATION_FAILED";

/// `depth` fragments, each spreading the next one `width` times.
fn bomb(width: usize, depth: usize) -> String {
    let mut text = String::from("{ ...F0 }");
    for n in 0..depth {
        text += &format!(" fragment F{n} on Query {{ {} }}", format!("...F{} ", n + 1).repeat(width));
    }
    text + &format!(" fragment F{depth} on Query {{ a }}")
}

#[test]
fn t2_fragment_bombs_cost_nothing() {
    for width in 1..40 {
        for depth in 1..32 {
            let text = bomb(width, depth);
            let begin = Instant::now();
            let verdict = inspect(&text, None);
            let fields = width.checked_pow(depth as u32);
            if fields.is_none_or(|n| n > 1_000) || depth > 19 || width * depth > 49 {
                assert!(verdict.is_err(), "{width} x {depth}");
            } else {
                assert!(verdict.is_ok(), "{width} x {depth}");
            }
            // Unoptimised builds parse slowly; the bound only has to tell linear from exponential.
            assert!(begin.elapsed() < Duration::from_millis(100), "{width} x {depth}");
        }
    }
}

#[test]
fn t3_fragments_must_be_defined_used_and_free_of_cycles() {
    for text in [
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "{ a { ...A } } fragment A on T { b { ...B } } fragment B on T { c { ...A } }",
        "{ a } fragment A on Query { a }",
        "{ a } fragment A on Query { ...A }",
        "{ ...A }",
        "{ a { ... on T { ...B } } }",
        "{ ...on } fragment on on Query { a }",
    ] {
        let refusal = inspect(text, None).expect_err(text);
        assert!([INVALID, "GRAPHQL_PARSE_FAILED"].contains(&refusal.code), "{text}: {refusal:?}");
    }
}

#[test]
fn t4_depth_counts_through_fragments() {
    let nested = |n: usize| format!("{}a{}", "a{".repeat(n), "}".repeat(n));
    assert!(inspect(&format!("{{ {} }}", nested(23)), None).is_ok());
    assert_eq!(code(&format!("{{ {} }}", nested(24))), LIMIT);
    let text = format!("{{ {} }}", nested(12).replace("a}", "...F }"))
        + &format!(" fragment F on T {{ {} }}", nested(12));
    assert_eq!(code(&text), LIMIT);
}

#[test]
fn t5_aliases_and_fields_have_limits() {
    let aliases: String = (0..31).map(|n| format!("a{n}: b ")).collect();
    assert_eq!(code(&format!("{{ {aliases} }}")), LIMIT);
    assert_eq!(code(&format!("{{ {} }}", "a ".repeat(1_001))), LIMIT);
    assert!(inspect(&format!("{{ {} }}", "a ".repeat(1_000)), None).is_ok());
    // Other operations are validated too, so they count.
    let operation = |n: usize| format!("query Q{n} {{ {} }} ", "a ".repeat(101));
    let text: String = (0..10).map(operation).collect();
    assert_eq!(inspect(&text, Some("Q1")).expect_err("many").code, LIMIT);
}

#[test]
fn t10_exactly_one_operation_is_chosen() {
    let text = "query A { a } mutation B { b } subscription C { c }";
    assert_eq!(code(text), INVALID);
    assert_eq!(inspect(text, Some("D")).expect_err("unknown").code, INVALID);
    assert_eq!(inspect(text, Some("B")).expect("known").kind, OperationType::Mutation);
    assert_eq!(inspect("{ a }", Some("A")).expect_err("anonymous").code, INVALID);
    let eleven: String = (0..11).map(|n| format!("query Q{n} {{ a }} ")).collect();
    assert_eq!(inspect(&eleven, Some("Q1")).expect_err("many").code, LIMIT);
}

#[test]
fn t11_mutations_and_secrets_are_few() {
    let mutation = |fields: &str| format!("mutation {{ {fields} }}");
    assert!(inspect(&mutation(&"a ".repeat(5)), None).is_ok());
    assert_eq!(code(&mutation(&"a ".repeat(6))), LIMIT);
    assert_eq!(code("mutation { ...A ...A } fragment A on Mutation { b c d }"), LIMIT);
    assert_eq!(code(&mutation("a: signIn b: signIn")), LIMIT);
    assert_eq!(code(&mutation("a: signIn ... on Mutation { b: tokenRefresh }")), LIMIT);
    let two = "mutation A { signIn } mutation B { passwordResetRequest }";
    assert_eq!(inspect(two, Some("A")).expect_err("two").code, LIMIT);
    assert!(inspect("mutation { signIn { viewer { name } } }", None).is_ok());
    assert_eq!(code("subscription { a b }"), INVALID);
}

#[test]
fn t4_introspection_is_told_apart() {
    assert!(inspect("{ __schema { types { name } } __typename }", None).expect("valid").introspection);
    assert_eq!(code("{ __schema { types { name } } viewer { id } }"), INVALID);
    assert!(!inspect("{ __typename }", None).expect("valid").introspection);
    assert!(
        inspect("{ ...A } fragment A on Query { __type(name: \"A\") { name } }", None)
            .expect("valid")
            .introspection
    );
}

/// The slowest documents that can be made of each refusal, for the eye: `--nocapture` shows the times.
#[test]
fn t1_refusals_are_quick() {
    let corpus = [
        "[".repeat(16_384),
        format!("{{ a(x: \"{}\"", "x".repeat(16_000)),
        format!("{{ {} }}", "a ".repeat(1_997)),
        bomb(2, 19),
        format!("{{ {} }}", "a { b } ".repeat(499)),
        format!("{{ {} }}", "a: b ".repeat(600)),
    ];
    for text in corpus {
        // The quickest of three, since other tests run beside this one.
        let took = (0..3).map(|_| {
            let begin = Instant::now();
            let verdict = inspect(&text, None);
            assert!(verdict.is_err() || text.contains("a { b }"));
            begin.elapsed()
        });
        let took = took.min().expect("three tries");
        println!("{took:?} for {} bytes: {text:.40}", text.len());
        // Unoptimised; with optimisation each stays below a millisecond.
        assert!(took < Duration::from_millis(100));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    /// Whatever comes in, the guard answers; it never panics, and never lets the parser descend (T1, T15).
    #[test]
    fn t1_any_text_is_answered(text in any::<String>()) {
        let _ = inspect(&text, None);
    }

    /// Texts built of the language's own pieces reach deeper than random characters do.
    #[test]
    fn t1_any_row_of_pieces_is_answered(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..200)) {
        let _ = inspect(&pieces.concat(), None);
        let _ = inspect(&format!("{{ a(x: {} ) }}", pieces.concat()), None);
    }

    /// What the scan lets through nests no deeper in the parser's eyes (T1).
    #[test]
    fn t1_no_depth_is_hidden(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40), deep in 25usize..60) {
        let text = format!("{{ a(x: [{}]", pieces.concat()) + &"[".repeat(deep) + &"]".repeat(deep) + ") }";
        if let Ok(prepared) = inspect(&text, None) {
            assert!(!format!("{:?}", prepared.document).contains(&"List([".repeat(25)));
        }
    }
}

const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "\"\"\"",
    "\\",
    "\\\"",
    "\\u0041",
    "\\ud800",
    "#",
    "\n",
    "\r",
    " ",
    ",",
    "$",
    "a",
    "on ",
    "...",
    "@",
    ":",
    "=",
    "!",
    "|",
    "&",
    "-",
    "1",
    "1e400",
    "-0",
    "0x1",
    "1.5",
    "query ",
    "mutation ",
    "fragment ",
    "true",
    "null",
    "\u{feff}",
    "\u{0}",
    "é",
    "\u{202e}",
];

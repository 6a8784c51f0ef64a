//! Every path of the schema, walked: what is not for a caller stands at the end of none.

use std::collections::BTreeMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, Type, TypeKind, TypeSystemDefinition};
use hourbank::graphql::sdl;

use super::fixture::{INTERNAL, PRICES, Side, TIME_NOTE, ask, world};
use crate::support::app::TestApp;

/// Fields of each object by name, with the name of what they hold.
struct Shape(BTreeMap<String, Vec<(String, String)>>);

fn base(of: &Type) -> String {
    match &of.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(inner) => base(inner),
    }
}

impl Shape {
    fn of_schema() -> Self {
        let document = parse_schema(sdl()).expect("a schema");
        let mut objects = BTreeMap::new();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let TypeKind::Object(object) = &definition.node.kind else { continue };
            let fields = object
                .fields
                .iter()
                .map(|field| (field.node.name.node.to_string(), base(&field.node.ty.node)));
            objects.insert(definition.node.name.node.to_string(), fields.collect());
        }
        Self(objects)
    }

    /// All that lies within so many steps of an object; what a page holds is no step.
    fn selection(&self, of: &str, steps: usize) -> String {
        let mut text = String::from("__typename");
        for (name, holds) in &self.0[of] {
            if ["edges", "pageInfo"].contains(&name.as_str()) {
                continue;
            }
            let is_page = holds.ends_with("Connection") || of.ends_with("Connection");
            match (self.0.contains_key(holds), steps) {
                (false, _) => text += &format!(" {name}"),
                (true, 0) if !is_page => {}
                (true, _) => {
                    let left = if of.ends_with("Connection") { steps } else { steps.saturating_sub(1) };
                    text += &format!(" {name} {{ {} }}", self.selection(holds, left));
                }
            }
        }
        text
    }
}

/// Everything that a caller can come to from a client and from the roots, as one text.
async fn everything(app: &TestApp, side: &Side, column: &str) -> String {
    let shape = Shape::of_schema();
    let mut text = String::new();
    for (root, of, steps) in [
        (r#"client(by: {id: "@client"})"#, "Client", 3),
        (r#"engagement(id: "@engagement")"#, "Engagement", 2),
        (r#"node(id: "@whisper")"#, "Comment", 2),
        (r#"node(id: "@period")"#, "Period", 2),
        (r#"node(id: "@payment")"#, "Payment", 2),
        (r#"node(id: "@balance")"#, "HourBalance", 2),
        (r#"node(id: "@record")"#, "AuditEntry", 1),
        ("viewer", "Viewer", 3),
        ("users", "UserConnection", 2),
        ("clients", "ClientConnection", 2),
        ("tasks", "TaskConnection", 2),
        ("timeEntries", "TimeEntryConnection", 2),
    ] {
        let selection = shape.selection(of, steps);
        let query = if root.starts_with("node(") {
            format!("{{ {root} {{ ... on {of} {{ {selection} }} }} }}")
        } else {
            format!("{{ {root} {{ {selection} }} }}")
        };
        let answer = ask(app, side.caller(column), &query, &side.ids).await;
        let codes = answer.codes();
        let is_access = |code: &String| ["FORBIDDEN", "NOT_FOUND"].contains(&code.as_str());
        assert!(codes.iter().all(is_access), "{root} by {column}: {:?}", answer.errors.first());
        text += &answer.data.to_string();
    }
    text
}

/// T38, T39: no path, however long, comes out at another client, at a price, a note or an address that is not for the
/// caller.
#[tokio::test]
async fn t38_no_path_comes_out_where_it_should_not() {
    let app = TestApp::start().await;
    let (ours, theirs) = world(&app).await;
    let owner = app.user_row(theirs.caller("CLIENT_OWNER").user.expect("a person")).await.email;
    let staff = app.user_row(ours.caller("SPECIALIST").user.expect("a person")).await.email;
    let colleague = app.user_row(ours.caller("CLIENT_OWNER").user.expect("a person")).await.email;
    let seen = everything(&app, &ours, "ADMINISTRATOR").await;
    for word in ["OURS", "THEIRS", INTERNAL, TIME_NOTE, PRICES[0], PRICES[1], &owner, &staff] {
        assert!(seen.contains(word), "an administrator sees {word}: the search searches");
    }
    let hidden = |column: &str| -> Vec<&str> {
        let mut words = match column {
            "SPECIALIST" | "QUALITY_MANAGER" => PRICES.to_vec(),
            "SALES" => vec![TIME_NOTE],
            "CLIENT_OWNER" => vec![INTERNAL, &staff],
            "CLIENT_MEMBER" => vec![INTERNAL, &staff, &colleague, PRICES[0], PRICES[1]],
            "PARTNER" => vec![INTERNAL, TIME_NOTE, &staff, &colleague, PRICES[0], PRICES[1]],
            _ => Vec::new(),
        };
        if column != "QUALITY_MANAGER" {
            words.extend([
                "THEIRS",
                "Theirs",
                owner.as_str(),
                theirs.ids.of("client"),
                theirs.ids.of("engagement"),
            ]);
        }
        words
    };
    for caller in
        ours.callers.iter().filter(|caller| !["ANONYMOUS", "ADMINISTRATOR"].contains(&caller.column))
    {
        let seen = everything(&app, &ours, caller.column).await;
        assert!(seen.contains("OURS"), "{} sees their own", caller.column);
        for word in hidden(caller.column) {
            let at = seen.find(word);
            let around = at.map(|at| &seen[at.saturating_sub(300)..(at + 60).min(seen.len())]);
            assert!(at.is_none(), "{} sees {word}: …{}", caller.column, around.unwrap_or_default());
        }
    }
}

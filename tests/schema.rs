//! The schema as a product: it is the file that is committed, it says what everything is for, and the policy knows it.
//!
//! `HOURBANK_UPDATE_SCHEMA=1 cargo test schema` writes the file anew, as `hourbank schema` does.

use std::collections::BTreeSet;
use std::path::Path;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition,
};
use domain::policy::FIELDS;
use hourbank::graphql::sdl;
use serde_json::json;

use crate::support::app::TestApp;

/// Names in the policy that stand for a class within a field, not for a field.
const CLASSES: [&str; 1] = ["User.staffEmail"];

/// Rows that stand before their field does; a field that has come is to be taken out of this list.
const AWAITED: [&str; 0] = [];

fn types() -> Vec<TypeDefinition> {
    let document = parse_schema(sdl()).expect("the text of the schema is a schema");
    document
        .definitions
        .into_iter()
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some(definition.node),
            _ => None,
        })
        .collect()
}

fn fields(of: &TypeDefinition) -> Vec<&FieldDefinition> {
    match &of.kind {
        TypeKind::Object(object) => object.fields.iter().map(|field| &field.node).collect(),
        TypeKind::Interface(interface) => interface.fields.iter().map(|field| &field.node).collect(),
        _ => Vec::new(),
    }
}

/// Every field of every object and interface, `Type.field`.
fn field_names() -> BTreeSet<String> {
    let names = |of: &TypeDefinition| {
        fields(of).iter().map(|field| format!("{}.{}", of.name.node, field.name.node)).collect::<Vec<_>>()
    };
    types().iter().flat_map(names).collect()
}

/// The file that callers build on is what the program serves.
#[test]
fn the_committed_schema_is_the_servers_own() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema.graphql");
    #[allow(clippy::disallowed_methods, reason = "a switch of this test alone")]
    if std::env::var("HOURBANK_UPDATE_SCHEMA").is_ok() {
        std::fs::write(&path, sdl()).expect("the schema's file is written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = sdl().lines().zip(committed.lines()).position(|(now, then)| now != then);
    assert!(
        committed == sdl(),
        "schema.graphql is not what the program serves (first at line {:?}): write it anew with `hourbank schema` or \
         HOURBANK_UPDATE_SCHEMA=1 cargo test schema, and review the change like code",
        differs.map(|line| line + 1)
    );
}

/// The schema is the manual: everything in it says what it is for.
#[test]
fn everything_is_described() {
    let mut silent = Vec::new();
    let mut say = |name: String, description: Option<&str>| {
        if description.is_none_or(|text| text.trim().is_empty()) {
            silent.push(name);
        }
    };
    for of in types() {
        let name = &of.name.node;
        let words = of.description.as_ref().map(|text| text.node.as_str());
        if !["Query", "Mutation", "Subscription"].contains(&name.as_str()) {
            say(name.to_string(), words);
        }
        for field in fields(&of) {
            let path = format!("{name}.{}", field.name.node);
            say(path.clone(), field.description.as_ref().map(|text| text.node.as_str()));
            for argument in &field.arguments {
                say(format!("{path}({})", argument.node.name.node), words_of(&argument.node));
            }
        }
        match &of.kind {
            TypeKind::InputObject(input) => {
                for field in &input.fields {
                    say(format!("{name}.{}", field.node.name.node), words_of(&field.node));
                }
            }
            TypeKind::Enum(values) => {
                for value in &values.values {
                    let words = value.node.description.as_ref().map(|text| text.node.as_str());
                    say(format!("{name}.{}", value.node.value.node), words);
                }
            }
            _ => {}
        }
    }
    assert_eq!(silent, Vec::<String>::new(), "without a description");
}

fn words_of(value: &InputValueDefinition) -> Option<&str> {
    value.description.as_ref().map(|text| text.node.as_str())
}

/// nothing can be asked for that the policy has no row for, and no row stands for nothing.
#[test]
fn the_policy_and_the_schema_know_each_other() {
    let all = field_names();
    let is_root =
        |name: &&String| ["Query.", "Mutation.", "Subscription."].iter().any(|root| name.starts_with(root));
    let ruled: BTreeSet<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
    let open: Vec<_> = all.iter().filter(is_root).filter(|name| !ruled.contains(name.as_str())).collect();
    assert!(open.is_empty(), "root fields without a row in the policy: {open:?}");
    let come: Vec<_> = AWAITED.iter().filter(|name| all.contains(**name)).collect();
    assert!(come.is_empty(), "no longer awaited: {come:?}");
    let stands = |name: &&str| all.contains(*name) || CLASSES.contains(name) || AWAITED.contains(name);
    let nothing: Vec<_> = ruled.iter().filter(|name| !stands(name)).collect();
    assert!(nothing.is_empty(), "rows of the policy for no field: {nothing:?}");
    assert_eq!(ruled.len(), FIELDS.len(), "a row stands twice");
}

/// Days and moments have one form; the library's own scalars are not in use.
#[test]
fn scalars_are_specified() {
    let scalars: BTreeSet<String> = types()
        .iter()
        .filter(|of| matches!(of.kind, TypeKind::Scalar))
        .map(|of| of.name.node.to_string())
        .collect();
    assert_eq!(scalars, ["Date", "DateTime", "UUID"].map(str::to_owned).into());
    let text = sdl();
    assert_eq!(
        text.lines().filter(|line| line.starts_with("scalar") && line.contains("@specifiedBy")).count(),
        3
    );
    assert!(text.lines().any(|line| line.starts_with("input ClientBy @oneOf")));
}

/// Whatever has an id is found again by it, by whoever may see it; the rest is not there.
#[tokio::test]
async fn nodes_are_found_again() {
    use domain::user::Role;
    use hourbank::graphql::id::Identified;

    let app = TestApp::start().await;
    let (ours, theirs) = (app.client("Ours").await, app.client("Theirs").await);
    let manager = app.on_team(Role::ProjectManager, ours).await;
    let place = app.join(&manager, ours, domain::team::Position::Assistant).await;
    let service =
        manager.ok(&app, "{ service(code: \"SAM\") { id } }", json!({})).await["service"]["id"].clone();
    let tariff = manager.ok(&app, "{ tariffs { id } }", json!({})).await["tariffs"][0]["id"].clone();
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    let ids = json!([ours.global(), theirs.global(), place.global(), service, tariff]);
    let answer = manager.run(&app, query, json!({"ids": ids})).await;
    assert_eq!(answer.codes(), ["NOT_FOUND"]);
    let names: Vec<_> =
        answer.data["nodes"].as_array().unwrap().iter().map(|node| node["__typename"].clone()).collect();
    assert_eq!(json!(names), json!(["Client", null, "TeamMember", "Service", "Tariff"]));
    let one = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(manager.codes(&app, one, json!({"id": "nonsense"})).await, ["BAD_USER_INPUT"]);
    assert_eq!(manager.codes(&app, one, json!({"id": theirs.global()})).await, ["NOT_FOUND"]);
    let many: Vec<_> = (0..101).map(|_| ours.global()).collect();
    assert_eq!(manager.codes(&app, query, json!({"ids": many})).await, ["BAD_USER_INPUT"]);
    let member = app.contact(Role::ClientMember, theirs).await;
    assert_eq!(member.codes(&app, one, json!({"id": place.global()})).await, ["NOT_FOUND"]);
}

/// T40: nobody writes what the server keeps for itself: no input has a field of that name.
#[test]
fn inputs_hold_nothing_that_the_server_sets() {
    const OWN: [&str; 16] = [
        "id",
        "createdAt",
        "updatedAt",
        "createdBy",
        "authorId",
        "loggedBy",
        "version",
        "spentMinutes",
        "usedMinutes",
        "grantedMinutes",
        "remainingMinutes",
        "overageMinutes",
        "expiredMinutes",
        "doneAt",
        "passwordHash",
        "hash",
    ];
    let found: Vec<String> = types()
        .iter()
        .filter(|of| of.name.node.ends_with("Input"))
        .filter_map(|of| match &of.kind {
            TypeKind::InputObject(input) => Some((of.name.node.to_string(), input)),
            _ => None,
        })
        .flat_map(|(name, input)| {
            let fields = input.fields.iter().map(|field| field.node.name.node.to_string());
            fields.filter(|field| OWN.contains(&field.as_str())).map(move |field| format!("{name}.{field}"))
        })
        .collect();
    assert_eq!(found, Vec::<String>::new());
}

/// T17: a field that an input does not have, a value of another type and a missing one are the caller's mistake, and
/// nothing is written.
#[tokio::test]
async fn inputs_take_nothing_else() {
    let app = TestApp::start().await;
    let admin = app.staff(domain::user::Role::Administrator).await;
    let create = "mutation($input: ClientCreateInput!) { clientCreate(input: $input) { errors { code } } }";
    let right = serde_json::json!({"name": "Ours", "crmKind": "OTHER", "setUpBy": "OTHER"});
    for (field, value) in [
        ("createdBy", serde_json::json!("me")),
        ("name", serde_json::json!(7)),
        ("name", serde_json::Value::Null),
        ("crmKind", serde_json::json!("other")),
        ("licences", serde_json::json!(2_147_483_648_i64)),
    ] {
        let mut input = right.clone();
        input[field] = value;
        let answer = admin.run(&app, create, serde_json::json!({"input": input})).await;
        assert!(!answer.errors.is_empty(), "{field}: {}", answer.data);
    }
    let listed = admin.ok(&app, "{ clients { totalCount } }", serde_json::json!({})).await;
    assert_eq!(listed["clients"]["totalCount"], 0);
}

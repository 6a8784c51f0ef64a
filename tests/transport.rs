//! GraphQL over HTTP as its specification says, and what stands beside it.

use serde_json::json;

use crate::support::http::JSON;
use crate::support::toy::{toy, toy_listing, toy_with};
use crate::support::wire::Wire;

#[tokio::test]
async fn t19_a_mutation_needs_a_json_post() {
    let toy = toy().await;
    let body = json!({"query": "mutation { bump }"}).to_string();
    let form = "query=mutation%20%7B%20bump%20%7D";
    let types = [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "text/json",
        "application/json; charset=utf-16",
        "",
    ];
    for content_type in types {
        let reply = toy.send("POST", "/graphql", &[("content-type", content_type)], &body).await;
        assert_eq!(reply.status, 415, "{content_type}: {reply:?}");
    }
    assert_eq!(toy.send("POST", "/graphql", &[], &body).await.status, 415);
    for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"] {
        let reply = toy.send(method, &format!("/graphql?{form}"), &[JSON], &body).await;
        assert_eq!(reply.status, 405, "{method}: {reply:?}");
    }
    assert_eq!(toy.bumps().await, 0);
    assert_eq!(toy.query("mutation { bump }").await.status, 200);
    assert_eq!(toy.bumps().await, 1);
}

#[tokio::test]
async fn a_query_may_be_a_get() {
    let toy = toy().await;
    let target = "/graphql?query=query($t:String!)%7Becho(text:$t)%7D&variables=%7B%22t%22:%22a%22%7D";
    let reply = toy.send("GET", target, &[], "").await;
    assert_eq!(reply.json()["data"]["echo"], "a", "{reply:?}");
    for target in
        ["/graphql", "/graphql?query=%7Bhello%7D&variables=1", "/graphql?query=%7Bhello%7D&query=%7Bhello%7D"]
    {
        assert_eq!(toy.send("GET", target, &[], "").await.status, 400, "{target}");
    }
}

#[tokio::test]
async fn the_media_type_decides_what_a_faulty_document_is() {
    let toy = toy().await;
    for (accept, status, answer) in [
        ("application/graphql-response+json", 400, "application/graphql-response+json; charset=utf-8"),
        ("application/json", 200, "application/json; charset=utf-8"),
        ("*/*", 400, "application/json; charset=utf-8"),
        ("image/png", 406, "application/graphql-response+json; charset=utf-8"),
    ] {
        let reply =
            toy.send("POST", "/graphql", &[JSON, ("accept", accept)], r#"{"query":"{ nope }"}"#).await;
        assert_eq!((reply.status, reply.header("content-type")), (status, Some(answer)), "{accept}");
        assert!(reply.header("x-request-id").is_some_and(|id| id.len() == 32));
    }
}

#[tokio::test]
async fn an_answer_tells_cost_and_request() {
    let toy = toy().await;
    let reply = toy.query("{ clients(first: 7) { nodes { id } } remaining }").await.json();
    let cost = &reply["extensions"]["cost"];
    assert_eq!((&cost["requested"], &cost["limit"]), (&json!(8), &json!(100_000)));
    assert_eq!(cost["remaining"], reply["data"]["remaining"]);
    assert!(cost["resetAt"].as_str().is_some_and(|at| at.ends_with('Z') && at.len() == 24), "{cost}");
    let reply = toy.query("{ fails prices { price } who }").await;
    let errors = reply.json()["errors"].as_array().expect("errors").clone();
    assert_eq!(errors.len(), 2, "{reply:?}");
    assert!(
        errors
            .iter()
            .all(|error| error["extensions"]["requestId"] == reply.header("x-request-id").expect("an id"))
    );
    assert!(!reply.body.contains("canary"));
}

#[tokio::test]
async fn typename_needs_no_token_and_a_bad_one_is_401() {
    let toy = toy().await;
    let anonymous = toy.send("POST", "/graphql", &[JSON], r#"{"query":"{ __typename }"}"#).await;
    assert_eq!(anonymous.json()["data"]["__typename"], "Query");
    let bad = toy.post_as("nonsense", &json!({"query": "{ hello }"})).await;
    assert_eq!(
        (bad.status, bad.code().as_str(), bad.header("www-authenticate")),
        (401, "UNAUTHENTICATED", Some("Bearer"))
    );
    let bearer = format!("Bearer {}", toy.token);
    let twice = [JSON, ("authorization", bearer.as_str()), ("authorization", bearer.as_str())];
    assert_eq!(toy.send("POST", "/graphql", &twice, r#"{"query":"{ hello }"}"#).await.status, 401);
}

#[tokio::test]
async fn t4_introspection_is_another_schema() {
    let on = toy().await;
    assert_eq!(
        on.query("{ __schema { queryType { name } } }").await.json()["data"]["__schema"]["queryType"]["name"],
        "Query"
    );
    assert_eq!(
        on.query("{ __schema { queryType { name } } hello }").await.code(),
        "GRAPHQL_VALIDATION_FAILED"
    );
    let off = toy_with(|_| {}, |config| config.introspection = false).await;
    assert_eq!(off.query("{ __schema { queryType { name } } }").await.code(), "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(off.query("{ __typename }").await.status, 200);
}

#[tokio::test]
async fn t18_documents_by_hash() {
    let toy = toy().await;
    let hash = "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38";
    let by = |query: Option<&str>| {
        let mut body = json!({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash}}});
        if let Some(query) = query {
            body["query"] = query.into();
        }
        body
    };
    assert_eq!(toy.post(&by(None)).await.code(), "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(toy.post(&by(Some("{ hello }"))).await.code(), "BAD_USER_INPUT");
    assert_eq!(toy.post(&by(Some("{__typename}"))).await.status, 200);
    assert_eq!(toy.post(&by(None)).await.json()["data"]["__typename"], "Query");
    let listed = toy_listing(&["{ hello }"]).await;
    assert_eq!(listed.query("{ hello }").await.status, 200);
    assert_eq!(listed.post(&by(Some("{__typename}"))).await.code(), "FORBIDDEN");
    let key = listed.app.partner_key(&listed.user).await;
    assert_eq!(listed.post_as(&key, &by(Some("{__typename}"))).await.status, 200);
}

#[tokio::test]
async fn t20_foreign_origins_get_no_permission() {
    let toy = toy().await;
    let own = format!("http://{}", toy.address);
    for (origin, allowed) in [
        ("https://app.example.com", true),
        (own.as_str(), true),
        ("null", false),
        ("https://evil.com", false),
        ("https://app.example.com.evil.com", false),
        ("https://evil.app.example.com", false),
        ("https://evilapp.example.com", false),
        ("https://app.example.com:444", false),
        ("http://app.example.com", false),
        ("https://app.example.com, https://evil.com", false),
        ("https://app.example.com/", false),
        ("https://user@app.example.com", false),
        ("https://app.example.com%60.evil.com", false),
        ("https://app_example.com", false),
        ("file://", false),
        ("chrome-extension://app.example.com", false),
    ] {
        let headers = [JSON, ("origin", origin), ("access-control-request-method", "POST")];
        for method in ["OPTIONS", "POST"] {
            let reply = toy.send(method, "/graphql", &headers, r#"{"query":"{ hello }"}"#).await;
            assert_eq!(
                reply.header("access-control-allow-origin"),
                allowed.then_some(origin),
                "{method} {origin}"
            );
            assert!(reply.header("access-control-allow-credentials").is_none());
        }
        let handshake = Wire::open(toy.address, &[("origin", origin)]).await;
        assert_eq!(handshake.is_ok(), allowed, "{origin}");
        if let Err(error) = handshake {
            assert!(error.contains("403"), "{error}");
        }
    }
}

#[tokio::test]
async fn health_tells_life_and_readiness() {
    let toy = toy().await;
    for path in ["/live", "/ready"] {
        assert_eq!(toy.send("GET", path, &[], "").await.status, 200, "{path}");
    }
    assert_eq!(toy.send("GET", "/nothing", &[], "").await.status, 404);
}

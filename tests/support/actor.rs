//! Acting as someone: a method on that someone.

use std::net::IpAddr;
use std::sync::Arc;

use async_graphql::{Request as Query, Variables};
use chrono::Duration;
use domain::id::{SignInId, UserId};
use hourbank::auth::token;
use hourbank::graphql::Request;
use hourbank::graphql::id::Identified;
use serde_json::{Value, json};

use super::app::TestApp;

/// Someone with a token, or nobody.
#[derive(Debug, Clone)]
pub struct Actor {
    pub user: Option<UserId>,
    pub token: Option<String>,
    /// Where the requests come from.
    pub address: Option<IpAddr>,
}

/// What an operation answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub data: Value,
    pub errors: Vec<Value>,
}

impl Actor {
    /// Nobody.
    pub fn anonymous() -> Self {
        Self { user: None, token: None, address: None }
    }

    /// Someone whose sign-in stands already.
    pub fn signed_in(app: &TestApp, user: UserId, sign_in: SignInId, session_version: i32) -> Self {
        let token =
            token::issue(&app.app.keys, user, sign_in, session_version, app.now(), Duration::days(3650));
        Self { user: Some(user), token: Some(token), address: None }
    }

    /// Whoever holds a token.
    pub fn holding(token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..Self::anonymous() }
    }

    /// The same, asking from an address.
    pub fn from(self, address: &str) -> Self {
        Self { address: Some(address.parse().expect("an address")), ..self }
    }

    /// The global id of the person.
    pub fn id(&self) -> String {
        self.user.expect("a person").global().0
    }

    /// Runs an operation.
    pub async fn run(&self, app: &TestApp, document: &str, variables: Value) -> Answer {
        let header = self.token.as_ref().map(|token| format!("Bearer {token}"));
        let session = match app.app.sessions.open(header.as_deref()).await {
            Ok(session) => session,
            Err(error) => {
                let error =
                    json!({"message": format!("{error:?}"), "extensions": {"code": "UNAUTHENTICATED"}});
                return Answer { data: Value::Null, errors: vec![error] };
            }
        };
        let context = Request::new(&app.app, &Arc::new(session), "test").from_address(self.address);
        let request = Query::new(document).variables(Variables::from_json(variables)).data(context);
        let response = serde_json::to_value(app.schema.execute(request).await).expect("answers are JSON");
        Answer {
            data: response.get("data").cloned().unwrap_or(Value::Null),
            errors: response.get("errors").and_then(Value::as_array).cloned().unwrap_or_default(),
        }
    }

    /// Runs an operation that must not fail, nor refuse anything in a payload.
    pub async fn ok(&self, app: &TestApp, document: &str, variables: Value) -> Value {
        let answer = self.run(app, document, variables).await;
        assert_eq!(answer.errors, Vec::<Value>::new(), "in {document}: {}", answer.data);
        if let Some(fields) = answer.data.as_object() {
            for (name, payload) in fields {
                let refused =
                    payload.get("errors").and_then(Value::as_array).is_some_and(|errors| !errors.is_empty());
                assert!(!refused, "{name} refused: {payload}");
            }
        }
        answer.data
    }

    /// Runs an operation that must be refused; all codes, top-level ones and those in payloads.
    pub async fn codes(&self, app: &TestApp, document: &str, variables: Value) -> Vec<String> {
        self.run(app, document, variables).await.codes()
    }
}

impl Answer {
    /// All codes, top-level ones and those in payloads.
    pub fn codes(&self) -> Vec<String> {
        let top =
            self.errors.iter().map(|error| error["extensions"]["code"].as_str().unwrap_or("").to_owned());
        let inner =
            self.data.as_object().into_iter().flat_map(|fields| fields.values()).flat_map(|payload| {
                payload.get("errors").and_then(Value::as_array).cloned().unwrap_or_default()
            });
        top.chain(inner.map(|error| error["code"].as_str().unwrap_or("").to_owned())).collect()
    }
}

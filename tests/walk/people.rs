//! People as they are: invited, with a password, signed in again when their token ends.

use std::sync::Mutex;

use chrono::{DateTime, Duration, Utc};
use domain::user::Role;
use serde_json::{Value, json};

use crate::support::actor::Actor;
use crate::support::app::TestApp;
use crate::support::people::{PASSWORD, REFRESH, secret, tokens};

/// Someone who came by an invitation.
pub struct Person {
    /// Their global id.
    pub id: String,
    session: Mutex<Session>,
}

struct Session {
    access: String,
    refresh: String,
    since: DateTime<Utc>,
}

impl Person {
    /// The first one, whom the operator added by hand.
    pub async fn first(app: &TestApp, role: Role) -> Self {
        let staff = app.staff(role).await;
        let email = app.give_password(&staff).await;
        let session = app.sign_in(&email).await;
        Self::with(app, session).await
    }

    /// Whoever opens the link of an invitation and chooses a password.
    pub async fn invited(app: &TestApp, link: &Value) -> Self {
        let accept = "mutation($input: InvitationAcceptInput!) { invitationAccept(input: $input) {
            accessToken refreshToken errors { code field } } }";
        let token = secret(link.as_str().expect("a link"));
        let input = json!({"input": {"token": token, "password": PASSWORD}});
        let accepted = Actor::anonymous().ok(app, accept, input).await;
        Self::with(app, tokens(&accepted["invitationAccept"])).await
    }

    async fn with(app: &TestApp, (access, refresh): (String, String)) -> Self {
        let seen = Actor::holding(&access).ok(app, "{ viewer { user { id } } }", json!({})).await;
        let id = seen["viewer"]["user"]["id"].as_str().expect("an id").to_owned();
        Self { id, session: Mutex::new(Session { access, refresh, since: app.now() }) }
    }

    async fn actor(&self, app: &TestApp) -> Actor {
        let (access, refresh, since) = {
            let session = self.session.lock().unwrap();
            (session.access.clone(), session.refresh.clone(), session.since)
        };
        if app.now() - since < Duration::minutes(9) {
            return Actor::holding(&access);
        }
        let renewed = Actor::anonymous().ok(app, REFRESH, json!({"token": refresh})).await;
        let (access, refresh) = tokens(&renewed["tokenRefresh"]);
        *self.session.lock().unwrap() = Session { access: access.clone(), refresh, since: app.now() };
        Actor::holding(&access)
    }

    /// Asks something that must be answered.
    pub async fn ask(&self, app: &TestApp, document: &str, variables: Value) -> Value {
        self.actor(app).await.ok(app, document, variables).await
    }
}

/// Has somebody do something that must succeed: the payload. What is given is the input, or all arguments where an `id`
/// or an `engagementId` stands beside the input.
pub async fn set(app: &TestApp, who: &Person, mutation: &str, given: Value, shown: &str) -> Value {
    let (first, rest) = mutation.split_at(1);
    let input = format!("{}{rest}Input", first.to_uppercase());
    let (mut declared, mut passed, mut variables) = (Vec::new(), Vec::new(), json!({}));
    let is_whole = given.get("input").is_some()
        || (given.get("id").is_some() && given.as_object().map(|all| all.len()) == Some(1));
    if is_whole {
        for (name, value) in given.as_object().expect("arguments") {
            let kind = if name == "input" { format!("{input}!") } else { "ID!".to_owned() };
            declared.push(format!("${name}: {kind}"));
            passed.push(format!("{name}: ${name}"));
            variables[name] = value.clone();
        }
    } else {
        declared.push(format!("$input: {input}!"));
        passed.push("input: $input".to_owned());
        variables["input"] = given;
    }
    let document = format!(
        "mutation({}) {{ {mutation}({}) {{ {shown} errors {{ code message field }} }} }}",
        declared.join(", "),
        passed.join(", ")
    );
    who.ask(app, &document, variables).await[mutation].clone()
}

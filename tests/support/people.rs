//! People with passwords, and the mails that they get.

use domain::id::UserId;
use entity::user;
use hourbank::mail::{Mailer, Message};
use hourbank::usecase;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use super::actor::{Actor, Answer};
use super::app::TestApp;

/// A password that nobody refuses.
pub const PASSWORD: &str = "correct horse battery";

pub const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) {
    accessToken refreshToken expiresAt viewer { role user { id name email } } errors { code message field } } }";
pub const REFRESH: &str = "mutation($token: String!) { tokenRefresh(input: {refreshToken: $token}) {
    accessToken refreshToken errors { code field } } }";

impl TestApp {
    /// A person's row.
    pub async fn user_row(&self, id: UserId) -> user::Model {
        user::Entity::find_by_id(id).one(&self.database.db).await.unwrap().expect("the person is there")
    }

    /// Gives a person [`PASSWORD`]; their address.
    pub async fn give_password(&self, actor: &Actor) -> String {
        let row = self.user_row(actor.user.expect("a person")).await;
        let email = row.email.clone();
        let mut row = row.into_active_model();
        row.password_hash = Set(Some(self.app.passwords.hash(PASSWORD.to_owned()).await.unwrap()));
        row.update(&self.database.db).await.expect("the person is written");
        email
    }

    /// Tries to sign in.
    pub async fn try_sign_in(&self, from: &str, email: &str, password: &str) -> Answer {
        let input = json!({"input": {"email": email, "password": password}});
        Actor::anonymous().from(from).run(self, SIGN_IN, input).await
    }

    /// Signs in with [`PASSWORD`]; access and refresh token.
    pub async fn sign_in(&self, email: &str) -> (String, String) {
        let answer = self.try_sign_in("192.0.2.1", email, PASSWORD).await;
        assert_eq!(answer.codes(), Vec::<String>::new());
        tokens(&answer.data["signIn"])
    }

    /// Uses a refresh token.
    pub async fn refresh(&self, token: &str) -> Answer {
        Actor::anonymous().run(self, REFRESH, json!({"token": token})).await
    }

    /// Sends what is due; all mails sent so far.
    pub async fn mails(&self) -> Vec<Message> {
        usecase::mail::send_due(&self.system()).await.expect("mails are sent");
        let Mailer::Memory(outbox) = &self.app.mailer else { panic!("tests send into memory") };
        outbox.lock().unwrap().sent.clone()
    }
}

/// The two tokens of a payload.
pub fn tokens(payload: &Value) -> (String, String) {
    let text =
        |name: &str| payload[name].as_str().unwrap_or_else(|| panic!("{name} in {payload}")).to_owned();
    (text("accessToken"), text("refreshToken"))
}

/// What stands behind `#` in the link of a text.
pub fn secret(text: &str) -> String {
    let (_, rest) = text.split_once('#').expect("a link with a fragment");
    rest.split_whitespace().next().expect("a secret").to_owned()
}

/// Whether the token still opens anything.
pub async fn opens(app: &TestApp, token: &str) -> bool {
    app.app.sessions.open(Some(&format!("Bearer {token}"))).await.is_ok()
}

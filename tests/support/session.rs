//! Sign-ins and keys as tests need them: tokens that end soon, sign-ins that end, keys of partners.

use chrono::Duration;
use domain::id::ApiKeyId;
use entity::{api_key, sign_in};
use hourbank::auth::token;
use hourbank::bus::Topic;
use hourbank::bus::rights::Whom;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::actor::Actor;
use super::app::TestApp;

impl TestApp {
    /// Another token of a person's sign-in, for so long from now.
    pub async fn token(&self, actor: &Actor, lifetime: Duration) -> String {
        let user = actor.user.expect("a person");
        let row = sign_in::Entity::find()
            .filter(sign_in::Column::UserId.eq(user))
            .one(&self.database.db)
            .await
            .expect("sign-ins are read")
            .expect("the person is signed in");
        token::issue(&self.app.keys, user, row.id, 1, self.now(), lifetime)
    }

    /// Ends a person's sign-ins, as signing out does.
    pub async fn end_sign_ins(&self, actor: &Actor) {
        self.end_sign_ins_elsewhere(actor).await;
        self.rights_changed(actor);
    }

    /// Says that a person's rights have changed, as whatever changes them does.
    pub fn rights_changed(&self, actor: &Actor) {
        self.app.bus.publish(&[Topic::Rights(Whom::User(actor.user.expect("a person")))]);
    }

    /// Ends a person's sign-ins on another server, of which this one hears nothing.
    pub async fn end_sign_ins_elsewhere(&self, actor: &Actor) {
        sign_in::Entity::update_many()
            .col_expr(sign_in::Column::EndedAt, Expr::value(self.now()))
            .filter(sign_in::Column::UserId.eq(actor.user.expect("a person")))
            .exec(&self.database.db)
            .await
            .expect("sign-ins are ended");
    }

    /// The key of a partner that reaches no client yet, made by an administrator.
    pub async fn partner_key(&self, maker: &Actor) -> String {
        let id = ApiKeyId::new();
        let secret = token::partner(id);
        let row = api_key::Model {
            id,
            name: "A partner".to_owned(),
            secret_hash: token::hash(&secret),
            created_by: maker.user.expect("a person"),
            created_at: self.now(),
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
        };
        row.into_active_model().reset_all().insert(&self.database.db).await.expect("a key is written");
        secret
    }

    /// Takes away what sessions are read from, as a database that fails does.
    pub async fn lose_sign_ins(&self) {
        self.database
            .db
            .execute_unprepared("ALTER TABLE sign_in RENAME TO sign_in_away")
            .await
            .expect("a table is renamed");
    }
}

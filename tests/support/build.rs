//! Builders: what a story begins with, written straight into the tables.

use chrono::Duration;
use domain::client::{CrmKind, Locale, SetUpBy};
use domain::id::{ClientId, SignInId, TeamMemberId, UserId};
use domain::team::Position;
use domain::text::fold;
use domain::user::{Role, UserStatus};
use entity::{client, sign_in, team_member, user};
use hourbank::bus::Topic;
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::actor::Actor;
use super::app::TestApp;

impl TestApp {
    /// A client of that name.
    pub async fn client(&self, name: &str) -> ClientId {
        let row = client::Model {
            id: ClientId::new(),
            name: name.to_owned(),
            name_key: fold(name),
            external_id: None,
            crm_kind: CrmKind::Bitrix24,
            crm_url: None,
            set_up_by: SetUpBy::Provider,
            licences: None,
            line_of_business: None,
            goals: None,
            contact_id: None,
            locale: Locale::Ru,
            time_zone: "Europe/Moscow".to_owned(),
            chat_url: Some("https://chat.example/1".to_owned()),
            created_by: None,
            version: 1,
            created_at: self.now(),
            updated_at: self.now(),
        };
        row.clone()
            .into_active_model()
            .reset_all()
            .insert(&self.database.db)
            .await
            .expect("a client is written");
        row.id
    }

    /// A person of the provider's staff, signed in.
    pub async fn staff(&self, role: Role) -> Actor {
        self.person(role, None).await
    }

    /// A person of a client, signed in.
    pub async fn contact(&self, role: Role, client: ClientId) -> Actor {
        self.person(role, Some(client)).await
    }

    /// A person of the provider's staff on a client's team, in a position that fits the role.
    pub async fn on_team(&self, role: Role, client: ClientId) -> Actor {
        let actor = self.staff(role).await;
        let position = match role {
            Role::ProjectManager => Position::ProjectManager,
            Role::AccountManager => Position::AccountManager,
            _ => Position::SupportSpecialist,
        };
        self.join(&actor, client, position).await;
        actor
    }

    /// Puts a person on a client's team, since long ago.
    pub async fn join(&self, actor: &Actor, client: ClientId, position: Position) -> TeamMemberId {
        let row = team_member::Model {
            id: TeamMemberId::new(),
            client_id: client,
            user_id: actor.user.expect("a person"),
            position,
            starts_on: (self.now() - Duration::days(400)).date_naive(),
            ends_on: None,
            version: 1,
            created_at: self.now(),
            updated_at: self.now(),
        };
        row.clone()
            .into_active_model()
            .reset_all()
            .insert(&self.database.db)
            .await
            .expect("a place is written");
        self.app.bus.publish(&[Topic::Rights]);
        row.id
    }

    async fn person(&self, role: Role, client: Option<ClientId>) -> Actor {
        let id = UserId::new();
        let row = user::Model {
            id,
            email: format!("{}@example.org", id.0),
            email_key: format!("{}@example.org", id.0),
            name: format!("{role:?} {}", &id.0.to_string()[24..]),
            name_key: fold(&format!("{role:?} {}", &id.0.to_string()[24..])),
            locale: Locale::Ru,
            role,
            client_id: client,
            status: UserStatus::Active,
            password_hash: None,
            session_version: 1,
            capacity_minutes: (!role.is_client()).then_some(9600),
            version: 1,
            created_at: self.now(),
            updated_at: self.now(),
        };
        row.into_active_model().reset_all().insert(&self.database.db).await.expect("a person is written");
        let sign_in = sign_in::Model {
            id: SignInId::new(),
            user_id: id,
            viewed_as_by: None,
            created_at: self.now(),
            expires_at: self.now() + Duration::days(3650),
            ended_at: None,
            end_reason: None,
        };
        let sign_in_id = sign_in.id;
        sign_in
            .into_active_model()
            .reset_all()
            .insert(&self.database.db)
            .await
            .expect("a sign-in is written");
        Actor::signed_in(self, id, client, sign_in_id, 1)
    }
}

//! Builders: what a story begins with, written straight into the tables.

use chrono::{Duration, NaiveDate};
use domain::calendar::midnight;
use domain::client::{CrmKind, Locale, SetUpBy};
use domain::engagement::{EngagementStatus, OveragePolicy};
use domain::id::{ClientId, EngagementId, PeriodId, SignInId, TeamMemberId, UserId};
use domain::period::span;
use domain::team::Position;
use domain::text::fold;
use domain::user::{Role, UserStatus};
use entity::{
    client, engagement, engagement_tariff, ledger_head, period, sign_in, tariff, tariff_revision,
    team_member, user,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, ModelTrait, QueryFilter};

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
            report_weekday: domain::calendar::Weekday::Monday,
            report_hour: 9,
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
        self.rights_changed(actor);
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
        Actor::signed_in(self, id, sign_in_id, 1)
    }

    /// An engagement of a client on the terms that the tariff of this code has now. Whatever is past a DRAFT started on
    /// the first of this month; `engagement_from` starts it on another day.
    pub async fn engagement(
        &self,
        client: ClientId,
        tariff: &str,
        status: EngagementStatus,
    ) -> engagement::Model {
        let first: NaiveDate = self.now().format("%Y-%m-01").to_string().parse().expect("a date");
        self.engagement_from(client, tariff, status, first).await
    }

    /// The same with its first day. Past a DRAFT it has its ledger's head and its periods up to the one of today, with
    /// nothing granted.
    pub async fn engagement_from(
        &self,
        client: ClientId,
        tariff: &str,
        status: EngagementStatus,
        starts_on: NaiveDate,
    ) -> engagement::Model {
        let (tariff, terms) = self.terms(tariff).await;
        let (draft, over) = (
            status == EngagementStatus::Draft,
            matches!(status, EngagementStatus::Completed | EngagementStatus::Cancelled),
        );
        let row = engagement::Model {
            id: EngagementId::new(),
            client_id: client,
            service_id: tariff.service_id,
            tariff_revision_id: terms.id,
            plan_id: None,
            seller_id: None,
            status,
            time_zone: (!draft).then(|| "Europe/Moscow".to_owned()),
            starts_on: (!draft).then_some(starts_on),
            ends_on: over.then(|| self.now().date_naive()),
            overage_policy: OveragePolicy::Allowed,
            grant_unpaid: false,
            own_minutes: None,
            own_length_months: None,
            price_minor: terms.price_minor,
            currency: terms.currency.clone(),
            sale_note: None,
            started_at: (!draft).then(|| midnight(starts_on, chrono_tz::Europe::Moscow)),
            ended_at: over.then(|| self.now()),
            end_reason: None,
            version: 1,
            created_at: self.now(),
            updated_at: self.now(),
        };
        self.write(row.clone()).await;
        self.write(engagement_tariff::Model {
            engagement_id: row.id,
            from_period: 1,
            tariff_revision_id: terms.id,
            created_by: None,
            created_at: self.now(),
        })
        .await;
        if !draft {
            self.write(ledger_head::Model { engagement_id: row.id, version: 0, last_hash: vec![0; 32] })
                .await;
            for number in 1.. {
                let span = span(starts_on, number);
                if number > 1 && span.starts_on > self.now().date_naive() {
                    break;
                }
                self.period(&row, number).await;
            }
        }
        row
    }

    /// A period of an engagement that has started, with nothing granted and nothing used.
    pub async fn period(&self, engagement: &engagement::Model, number: i32) -> period::Model {
        let span = span(engagement.starts_on.expect("it has started"), number);
        let row = period::Model {
            id: PeriodId::nth(engagement.id, number),
            engagement_id: engagement.id,
            number,
            starts_on: span.starts_on,
            ends_on: span.ends_on,
            starts_at: midnight(span.starts_on, chrono_tz::Europe::Moscow),
            ends_at: midnight(span.ends_on, chrono_tz::Europe::Moscow),
            tariff_revision_id: engagement.tariff_revision_id,
            granted_minutes: 0,
            transferred_minutes: 0,
            adjusted_minutes: 0,
            used_minutes: 0,
            expired_minutes: 0,
            approved_overage_minutes: 0,
            closed_at: None,
        };
        self.write(row.clone()).await;
        row
    }

    /// The tariff of a code and the terms that it is sold on now.
    pub async fn terms(&self, code: &str) -> (tariff::Model, tariff_revision::Model) {
        let tariff = tariff::Entity::find()
            .filter(tariff::Column::Code.eq(code))
            .one(&self.database.db)
            .await
            .expect("tariffs are read")
            .expect("a tariff of this code");
        let terms = tariff_revision::Entity::find()
            .filter(tariff_revision::Column::TariffId.eq(tariff.id))
            .filter(tariff_revision::Column::Number.eq(tariff.revision))
            .one(&self.database.db)
            .await
            .expect("terms are read")
            .expect("every tariff has terms");
        (tariff, terms)
    }

    /// Writes any row, every column of it.
    pub async fn write<M, A>(&self, row: M)
    where
        M: ModelTrait + IntoActiveModel<A>,
        A: ActiveModelTrait<Entity = M::Entity> + sea_orm::ActiveModelBehavior + Send,
    {
        M::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(&self.database.db)
            .await
            .expect("a row is written");
    }
}

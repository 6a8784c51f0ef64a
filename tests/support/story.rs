//! Stories that begin with a running support: an engagement in force, its month paid.

use chrono::NaiveDate;
use domain::engagement::{EngagementStatus, OveragePolicy};
use domain::id::{BlockId, ClientId, EngagementId, PaymentId, PlanId, TaskId};
use domain::text::fold;
use entity::{block, engagement, payment, payment_period, plan, task};
use hourbank::graphql::id::Identified;

use super::actor::Actor;
use super::app::TestApp;

/// A client with a running support and the people around it.
pub struct Support {
    pub client: ClientId,
    pub engagement: engagement::Model,
    pub manager: Actor,
    pub specialist: Actor,
    pub owner: Actor,
}

impl Support {
    /// The engagement's global id.
    pub fn id(&self) -> String {
        self.engagement.id.global().0
    }
}

impl TestApp {
    /// A support of 20 hours a month since 2026-03-05, the first month paid, nothing written by the calendar yet.
    pub async fn support(&self, name: &str) -> Support {
        self.support_with(name, OveragePolicy::Allowed, "2026-03-05".parse().expect("a day"), &[1]).await
    }

    /// The same by its overage policy, first day and paid months.
    pub async fn support_with(
        &self,
        name: &str,
        policy: OveragePolicy,
        starts_on: NaiveDate,
        paid: &[i32],
    ) -> Support {
        use domain::user::Role;
        let client = self.client(name).await;
        let (tariff, terms) = self.terms("SUPPORT_20").await;
        let engagement = engagement::Model {
            id: EngagementId::new(),
            client_id: client,
            service_id: tariff.service_id,
            tariff_revision_id: terms.id,
            plan_id: None,
            seller_id: None,
            status: EngagementStatus::Active,
            time_zone: Some("Europe/Moscow".to_owned()),
            starts_on: Some(starts_on),
            ends_on: None,
            overage_policy: policy,
            grant_unpaid: false,
            own_minutes: None,
            own_length_months: None,
            price_minor: None,
            currency: None,
            sale_note: None,
            started_at: Some(self.now()),
            ended_at: None,
            end_reason: None,
            version: 1,
            created_at: self.now(),
            updated_at: self.now(),
        };
        self.write(engagement.clone()).await;
        self.write(entity::ledger_head::Model {
            engagement_id: engagement.id,
            version: 0,
            last_hash: vec![0; 32],
        })
        .await;
        let payment = PaymentId::new();
        self.write(payment::Model {
            id: payment,
            engagement_id: engagement.id,
            reference: "1".to_owned(),
            paid_on: starts_on,
            amount_minor: 100_000,
            currency: "RUB".to_owned(),
            recorded_by: None,
            created_at: self.now(),
            unused_minutes: 0,
        })
        .await;
        for number in paid {
            self.write(payment_period::Model {
                payment_id: payment,
                engagement_id: engagement.id,
                period_number: *number,
            })
            .await;
        }
        Support {
            client,
            engagement,
            manager: self.on_team(Role::ProjectManager, client).await,
            specialist: self.on_team(Role::Specialist, client).await,
            owner: self.contact(Role::ClientOwner, client).await,
        }
    }

    /// Everything as on an ordinary day: the months rolled, the caller known.
    pub async fn settle(&self, actor: &Actor) {
        hourbank::usecase::period::roll_all(&self.system()).await.expect("months roll");
        actor.ok(self, "{ viewer { role } }", serde_json::json!({})).await;
    }

    /// Ends a person's places in a client's team.
    pub async fn leave(&self, actor: &Actor, client: ClientId) {
        self.leave_unheard(actor, client).await;
        self.rights_changed(actor);
    }

    /// The same, and nobody says so.
    pub async fn leave_unheard(&self, actor: &Actor, client: ClientId) {
        use entity::team_member;
        use sea_orm::sea_query::Expr;
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        team_member::Entity::update_many()
            .col_expr(team_member::Column::EndsOn, Expr::value(self.now().date_naive()))
            .filter(team_member::Column::UserId.eq(actor.user.expect("a person")))
            .filter(team_member::Column::ClientId.eq(client))
            .exec(&self.database.db)
            .await
            .expect("places end");
    }

    /// The periods of an engagement, as they are written.
    pub async fn periods(&self, engagement: EngagementId) -> Vec<entity::period::Model> {
        hourbank::store::ledger::periods(&self.database.db, engagement).await.expect("periods are read")
    }

    /// The engagement's balance, as the system reads it.
    pub async fn balance(&self, support: &Support) -> domain::balance::Balance {
        let which = hourbank::store::course::Which::Engagements(&[support.engagement.id]);
        let read =
            hourbank::usecase::hour_balance::read(&self.system(), which).await.expect("balances are read");
        read.into_iter().next().expect("a running support has a balance")
    }

    /// Does what only an owner of the database could: writes with the triggers out of the way.
    pub async fn without_triggers(&self, sql: &str) {
        use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};
        #[derive(FromQueryResult)]
        struct Trigger {
            name: String,
            sql: String,
        }
        let db = &self.database.db;
        if db.get_database_backend() == DbBackend::Postgres {
            let sql = format!(
                "SET session_replication_role = replica; {sql}; SET session_replication_role = DEFAULT"
            );
            db.execute_unprepared(&sql).await.expect("the owner writes");
            return;
        }
        let find = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'";
        let triggers = Trigger::find_by_statement(Statement::from_string(DbBackend::Sqlite, find));
        let triggers = triggers.all(db).await.expect("triggers are listed");
        for trigger in &triggers {
            db.execute_unprepared(&format!("DROP TRIGGER {}", trigger.name)).await.expect("a trigger goes");
        }
        db.execute_unprepared(sql).await.expect("the owner writes");
        for trigger in &triggers {
            db.execute_unprepared(&trigger.sql).await.expect("a trigger comes back");
        }
    }

    /// A plan with one block and so many tasks, in work.
    pub async fn tasks(&self, client: ClientId, count: i32) -> (BlockId, Vec<TaskId>) {
        let now = self.now();
        let plan = plan::Model {
            id: PlanId::new(),
            client_id: client,
            kind: domain::plan::PlanKind::Development,
            title: "Development".to_owned(),
            status: domain::plan::PlanStatus::InProgress,
            revision: 1,
            estimate_minutes: Some(6000),
            version: 1,
            created_at: now,
            updated_at: now,
        };
        self.write(plan.clone()).await;
        let block = block::Model {
            id: BlockId::new(),
            plan_id: plan.id,
            client_id: client,
            title: "Block".to_owned(),
            description: None,
            status: domain::block::BlockStatus::InProgress,
            position: 1,
            estimate_minutes: 0,
            development_minutes: 0,
            spent_minutes: 0,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        self.write(block.clone()).await;
        let mut tasks = Vec::new();
        for position in 1..=count {
            let title = format!("Task {position}");
            let row = task::Model {
                id: TaskId::new(),
                client_id: client,
                plan_id: Some(plan.id),
                block_id: Some(block.id),
                title_key: fold(&title),
                title,
                description: None,
                status: domain::task::TaskStatus::InProgress,
                paused_from: None,
                position,
                urgent: false,
                estimate_minutes: None,
                development_minutes: None,
                limit_minutes: None,
                spent_minutes: 0,
                assignee_id: None,
                requested_by: None,
                cancel_reason: None,
                external_id: None,
                external_url: None,
                done_at: None,
                version: 1,
                created_at: now,
                updated_at: now,
            };
            tasks.push(row.id);
            self.write(row).await;
        }
        (block.id, tasks)
    }
}

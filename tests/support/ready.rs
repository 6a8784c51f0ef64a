//! A client with all that a support needs before it begins, whole or piece by piece.

use domain::client::WayInKind;
use domain::engagement::EngagementStatus;
use domain::id::{ApiKeyId, ClientId, EngagementId, GoalId, PlanId, ReservationId, UserId, WayInId};
use domain::plan::{PlanKind, PlanStatus};
use domain::team::Position;
use domain::user::Role;
use entity::{api_key, api_key_client, engagement, goal, ledger_entry, plan, reservation, tariff, way_in};
use hourbank::auth::token;
use hourbank::graphql::id::Identified;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use super::actor::Actor;
use super::app::TestApp;

/// Starts an engagement.
pub const START: &str = "mutation($id: ID!, $input: EngagementStartInput!) {
    engagementStart(id: $id, input: $input) { engagement { id status startsOn timeZone version } errors { code field } } }";

/// Records a payment.
pub const PAY: &str = "mutation($input: PaymentRecordInput!) { paymentRecord(input: $input) {
    payment { id reference paidOn periods unusedMinutes amount { amount currency } }
    engagement { periods { number grantedMinutes remainingMinutes overageMinutes paid } } errors { code field } } }";

/// Reads what an engagement's periods hold.
pub const PERIODS: &str = "query($id: ID!) { engagement(id: $id) { status endsOn periods {
    number startsOn endsOn grantedMinutes usedMinutes expiredMinutes remainingMinutes overageMinutes closedAt
    approvedOverageMinutes terms { minutes } } } }";

/// Logs time.
pub const LOG: &str = "mutation($input: TimeEntryCreateInput!) {
    timeEntryCreate(input: $input) { timeEntry { id } errors { code field } } }";

/// A support that can begin, and the people around it.
pub struct Support {
    pub client: ClientId,
    pub id: EngagementId,
    /// The engagement's global id.
    pub gid: String,
    pub account: Actor,
    pub manager: Actor,
    pub specialist: Actor,
    pub owner: Actor,
}

impl Support {
    /// A draft of 20 hours a month for which all is ready, the first period's payment included.
    pub async fn ready(app: &TestApp) -> Self {
        let client = app.client("Ours").await;
        let row = app.engagement(client, "SUPPORT_20", EngagementStatus::Draft).await;
        let support = Self {
            client,
            id: row.id,
            gid: row.id.global().0,
            account: app.on_team(Role::AccountManager, client).await,
            manager: app.on_team(Role::ProjectManager, client).await,
            specialist: app.on_team(Role::Specialist, client).await,
            owner: app.contact(Role::ClientOwner, client).await,
        };
        way_in(app, client, WayInKind::Implementation).await;
        let plan = development_plan(app, client).await;
        let set = "mutation($id: ID!, $plan: ID!) { engagementPlanSet(id: $id, input: {planId: $plan}) { errors { code } } }";
        support.account.ok(app, set, json!({"id": support.gid, "plan": plan.global().0})).await;
        reserve(app, row.id, support.specialist.user.unwrap(), 1200).await;
        support.pay(app, "first", &[1]).await;
        support
    }

    /// The same, begun today.
    pub async fn started(app: &TestApp) -> Self {
        let support = Self::ready(app).await;
        support.account.ok(app, START, json!({"id": support.gid, "input": {}})).await;
        support
    }

    /// A payment of today for some periods, as an input.
    pub fn payment(&self, app: &TestApp, reference: &str, periods: &[i32]) -> Value {
        json!({"input": {"engagementId": self.gid, "reference": reference, "periods": periods,
            "paidOn": app.now().date_naive(), "amount": {"amount": "40000", "currency": "RUB"}}})
    }

    /// Records a payment of today for some periods.
    pub async fn pay(&self, app: &TestApp, reference: &str, periods: &[i32]) -> Value {
        self.account.ok(app, PAY, self.payment(app, reference, periods)).await["paymentRecord"].clone()
    }

    /// Logs the specialist's minutes for today.
    pub async fn log(&self, app: &TestApp, minutes: i32) -> Vec<String> {
        let input = json!({"engagementId": self.gid, "workedOn": app.now().date_naive(), "minutes": minutes,
            "activity": "CONFIGURATION", "note": "Funnels"});
        self.specialist.codes(app, LOG, json!({"input": input})).await
    }

    /// What the periods hold, the newest first.
    pub async fn periods(&self, app: &TestApp) -> Vec<Value> {
        let answer = self.account.ok(app, PERIODS, json!({"id": self.gid})).await;
        answer["engagement"]["periods"].as_array().unwrap().clone()
    }
}

/// A way in on record.
pub async fn way_in(app: &TestApp, client: ClientId, kind: WayInKind) {
    app.write(way_in::Model {
        id: WayInId::new(),
        client_id: client,
        kind,
        completed_on: app.now().date_naive(),
        findings: (kind == WayInKind::Audit).then(|| "Funnels unused".to_owned()),
        note: None,
        recorded_by: None,
        created_at: app.now(),
    })
    .await;
}

/// A development plan with a goal and an overall estimate.
pub async fn development_plan(app: &TestApp, client: ClientId) -> PlanId {
    let id = PlanId::new();
    app.write(plan::Model {
        id,
        client_id: client,
        kind: PlanKind::Development,
        title: "Development".to_owned(),
        status: PlanStatus::Draft,
        revision: 1,
        estimate_minutes: Some(6000),
        version: 1,
        created_at: app.now(),
        updated_at: app.now(),
    })
    .await;
    app.write(goal::Model { id: GoalId::new(), plan_id: id, position: 1, text: "Sell more".to_owned() })
        .await;
    id
}

/// Minutes a month of a person, held for an engagement from its first period on.
pub async fn reserve(app: &TestApp, engagement: EngagementId, user: UserId, minutes: i32) {
    app.write(reservation::Model {
        id: ReservationId::new(),
        engagement_id: engagement,
        user_id: user,
        minutes,
        from_period: 1,
        until_period: None,
        override_by: None,
        override_reason: None,
        created_at: app.now(),
    })
    .await;
}

/// A partner's key for one client.
pub async fn key_of(app: &TestApp, client: ClientId) -> Actor {
    let id = ApiKeyId::new();
    let token = token::partner(id);
    let admin = app.staff(Role::Administrator).await;
    app.write(api_key::Model {
        id,
        name: "Status page".to_owned(),
        secret_hash: token::hash(&token).to_vec(),
        created_by: admin.user.unwrap(),
        created_at: app.now(),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    })
    .await;
    app.write(api_key_client::Model { api_key_id: id, client_id: client }).await;
    Actor { token: Some(token), ..Actor::anonymous() }
}

/// How many movements an engagement's ledger holds.
pub async fn movements(app: &TestApp, engagement: EngagementId) -> u64 {
    let entries = ledger_entry::Entity::find().filter(ledger_entry::Column::EngagementId.eq(engagement));
    entries.count(&app.database.db).await.unwrap()
}

/// The engagement's row as it stands.
pub async fn row(app: &TestApp, engagement: EngagementId) -> engagement::Model {
    engagement::Entity::find_by_id(engagement).one(&app.database.db).await.unwrap().unwrap()
}

/// Everyone who may look at a support or not, by role: staff on its team, its people, and strangers.
pub async fn everyone(app: &TestApp, client: ClientId) -> Vec<(&'static str, Actor)> {
    let reviewer = app.staff(Role::Specialist).await;
    app.join(&reviewer, client, Position::Reviewer).await;
    vec![
        ("administrator", app.staff(Role::Administrator).await),
        ("account manager", app.on_team(Role::AccountManager, client).await),
        ("project manager", app.on_team(Role::ProjectManager, client).await),
        ("specialist", app.on_team(Role::Specialist, client).await),
        ("reviewer", reviewer),
        ("quality manager", app.staff(Role::QualityManager).await),
        ("owner", app.contact(Role::ClientOwner, client).await),
        ("member", app.contact(Role::ClientMember, client).await),
        ("partner", key_of(app, client).await),
        ("stranger", app.staff(Role::AccountManager).await),
    ]
}

/// Takes a tariff off sale.
pub async fn withdraw(app: &TestApp, code: &str) {
    let id = app.terms(code).await.0.id;
    let row = tariff::ActiveModel { withdrawn_at: Set(Some(app.now())), ..Default::default() };
    let update = tariff::Entity::update_many().set(row).filter(tariff::Column::Id.eq(id));
    update.exec(&app.database.db).await.unwrap();
}

//! Two clients with one of everything each, and everybody who could ask for it.
//!
//! Each text of a side holds the side's name, and what is not for everyone holds a word or a figure of its own, so that
//! an answer can be searched for what should not be in it.

use domain::engagement::EngagementStatus;
use domain::id::{ClientId, EngagementId, MailId, PeriodId, ReservationId, WayInId};
use domain::team::Position;
use domain::user::Role;
use entity::{
    api_key_client, audit, block, client, engagement, ledger_entry, payment, sign_off, way_in, weekly_report,
};
use hourbank::graphql::id::{Identified, Kind, Named, balance, decode, encode};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::actor::{Actor, Answer};
use crate::support::app::TestApp;
use crate::support::ready::{key_of, reserve};

/// What a client pays, as it would stand in an answer.
pub const PRICES: [&str; 2] = ["77777.31", "54321.98"];
/// Stands in each note for the provider's own eyes.
pub const INTERNAL: &str = "INTERNAL";
/// Stands in the notes of time entries.
pub const TIME_NOTE: &str = "TIMENOTE";

/// Someone, by the column of the policy that is theirs.
pub struct Caller {
    pub column: &'static str,
    pub actor: Actor,
}

/// Names of things and their global ids.
#[derive(Clone)]
pub struct Ids(Vec<(&'static str, String)>);

impl Ids {
    /// The id behind a name.
    pub fn of(&self, name: &str) -> &str {
        &self.0.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no id of a {name}")).1
    }

    /// Puts ids in the place of their names: `@task` or, behind another sign, those of another side.
    pub fn fill(&self, text: &str, sign: char) -> String {
        let mut names: Vec<_> = self.0.iter().collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        names.into_iter().fold(text.to_owned(), |text, (name, id)| text.replace(&format!("{sign}{name}"), id))
    }

    /// Ids of the same types that name nothing; what belongs to the provider stays.
    pub fn unknown(&self) -> Self {
        let strange = |id: &str| match decode(id).expect("an id") {
            Named::Row(Kind::Service | Kind::Tariff | Kind::TariffRevision, _) => id.to_owned(),
            Named::Row(kind, _) => encode(kind, Uuid::now_v7()).0,
            Named::Balance(_) => balance(EngagementId::new()).0,
        };
        Self(self.0.iter().map(|(name, id)| (*name, strange(id))).collect())
    }
}

/// A client and all that is theirs.
pub struct Side {
    pub client: ClientId,
    pub engagement: EngagementId,
    pub ids: Ids,
    /// Everybody with a reach to it, in the policy's order.
    pub callers: Vec<Caller>,
}

impl Side {
    /// The caller of a column.
    pub fn caller(&self, column: &str) -> &Actor {
        &self.callers.iter().find(|caller| caller.column == column).expect("a column of the policy").actor
    }

    /// Those who reach nothing but this side.
    pub fn insiders(&self) -> impl Iterator<Item = &Caller> {
        let everywhere = ["ANONYMOUS", "ADMINISTRATOR", "QUALITY_MANAGER"];
        self.callers.iter().filter(move |caller| !everywhere.contains(&caller.column))
    }
}

/// Runs a document in which names stand for ids of the side.
pub async fn ask(app: &TestApp, actor: &Actor, document: &str, ids: &Ids) -> Answer {
    let document = ids.fill(document, '@').replace("!fresh", &Uuid::new_v4().to_string());
    actor.run(app, &document, json!({})).await
}

/// Ours and theirs.
pub async fn world(app: &TestApp) -> (Side, Side) {
    let (ours, theirs) = (side(app, "Ours").await, side(app, "Theirs").await);
    let both = app.staff(Role::Specialist).await;
    for side in [&ours, &theirs] {
        app.join(&both, side.client, Position::Configurator).await;
    }
    (ours, theirs)
}

async fn side(app: &TestApp, name: &str) -> Side {
    let word = name.to_uppercase();
    let support = app.support(name).await;
    let (client, engagement) = (support.client, support.engagement.id);
    let sales = app.staff(Role::Sales).await;
    let brought = client::ActiveModel {
        id: Set(client),
        created_by: Set(sales.user),
        goals: Set(Some(word.clone())),
        ..Default::default()
    };
    client::Entity::update(brought).exec(&app.database.db).await.unwrap();
    let priced = engagement::ActiveModel {
        id: Set(engagement),
        price_minor: Set(Some(7_777_731)),
        currency: Set(Some("RUB".to_owned())),
        sale_note: Set(Some(format!("{word} {INTERNAL}"))),
        ..Default::default()
    };
    engagement::Entity::update(priced).exec(&app.database.db).await.unwrap();
    payment::Entity::update_many()
        .set(payment::ActiveModel {
            amount_minor: Set(5_432_198),
            reference: Set(word.clone()),
            ..Default::default()
        })
        .filter(payment::Column::EngagementId.eq(engagement))
        .exec(&app.database.db)
        .await
        .unwrap();
    let callers = vec![
        Caller { column: "ANONYMOUS", actor: Actor::anonymous() },
        Caller { column: "ADMINISTRATOR", actor: app.staff(Role::Administrator).await },
        Caller { column: "PROJECT_MANAGER", actor: support.manager },
        Caller { column: "ACCOUNT_MANAGER", actor: app.on_team(Role::AccountManager, client).await },
        Caller { column: "SPECIALIST", actor: support.specialist },
        Caller { column: "SALES", actor: sales },
        Caller { column: "QUALITY_MANAGER", actor: app.staff(Role::QualityManager).await },
        Caller { column: "CLIENT_OWNER", actor: support.owner },
        Caller { column: "CLIENT_MEMBER", actor: app.contact(Role::ClientMember, client).await },
        Caller { column: "PARTNER", actor: key_of(app, client).await },
    ];
    let mut side = Side { client, engagement, ids: Ids(Vec::new()), callers };
    side.ids.0 = ids(app, &side, &word).await;
    app.advance(chrono::Duration::zero());
    side
}

/// Makes one of everything; some through the API, so that it is as the API makes it.
async fn ids(app: &TestApp, side: &Side, word: &str) -> Vec<(&'static str, String)> {
    let (client, engagement) = (side.client, side.engagement);
    let db = &app.database.db;
    let draft = app.engagement(client, "SUPPORT_20", EngagementStatus::Draft).await.id;
    let (block_id, tasks) = app.tasks(client, 3).await;
    let plan = block::Entity::find_by_id(block_id).one(db).await.unwrap().unwrap().plan_id;
    let [task, handed, free] = [tasks[0].global().0, tasks[1].global().0, tasks[2].global().0];
    let (manager, specialist) = (side.caller("PROJECT_MANAGER"), side.caller("SPECIALIST"));
    for task in [&task, &handed] {
        let assign = format!(
            r#"mutation {{ taskUpdate(id: "{task}", input: {{expectedVersion: 1, title: "{word}", assigneeId: "{}"}}) {{ errors {{ code }} }} }}"#,
            specialist.id()
        );
        manager.ok(app, &assign, json!({})).await;
    }
    let hand = format!(r#"mutation {{ taskSubmit(id: "{handed}") {{ errors {{ code }} }} }}"#);
    specialist.ok(app, &hand, json!({})).await;
    let sign = format!(
        r#"mutation {{ taskReturn(id: "{handed}", input: {{comment: "{word}"}}) {{ errors {{ code }} }} }}"#
    );
    side.caller("CLIENT_OWNER").ok(app, &sign, json!({})).await;
    let log = json!({"input": {"engagementId": engagement.global(), "taskId": task, "minutes": 30,
        "workedOn": app.now().date_naive(), "activity": "CONFIGURATION", "note": format!("{word} {TIME_NOTE}")}});
    let entry = specialist.ok(app, "mutation($input: TimeEntryCreateInput!) { timeEntryCreate(input: $input) { timeEntry { id } errors { code } } }", log).await;
    let comment = "mutation($input: CommentCreateInput!) { commentCreate(input: $input) { comment { id } errors { code } } }";
    let said = async |body: String, internal: bool| {
        let input = json!({"input": {"subjectId": task, "body": body, "internal": internal}});
        text(&manager.ok(app, comment, input).await["commentCreate"]["comment"]["id"])
    };
    let (spoken, whispered) =
        (said(word.to_owned(), false).await, said(format!("{word} {INTERNAL}"), true).await);
    let way = way_in::Model {
        id: WayInId::new(),
        client_id: client,
        kind: domain::client::WayInKind::Audit,
        completed_on: app.now().date_naive(),
        findings: Some(word.to_owned()),
        note: Some(format!("{word} {INTERNAL}")),
        recorded_by: None,
        created_at: app.now(),
    };
    let way_id = way.id;
    app.write(way).await;
    let assistant = app.staff(Role::Specialist).await;
    let place = app.join(&assistant, client, Position::Assistant).await;
    reserve(app, engagement, specialist.user.unwrap(), 1200).await;
    let reservation: ReservationId = entity::reservation::Entity::find()
        .filter(entity::reservation::Column::EngagementId.eq(engagement))
        .one(db)
        .await
        .unwrap()
        .unwrap()
        .id;
    let paid = payment::Entity::find().filter(payment::Column::EngagementId.eq(engagement));
    let paid = paid.one(db).await.unwrap().unwrap().id;
    key_of(app, client).await;
    let key = api_key_client::Entity::find().filter(api_key_client::Column::ClientId.eq(client));
    let key = key.order_by_desc(api_key_client::Column::ApiKeyId).one(db).await.unwrap().unwrap().api_key_id;
    let moved = ledger_entry::Entity::find().filter(ledger_entry::Column::EngagementId.eq(engagement));
    let signed = sign_off::Entity::find().filter(sign_off::Column::ClientId.eq(client));
    let record = audit::Entity::find().filter(audit::Column::ClientId.eq(client));
    let (tariff, terms) = app.terms("SUPPORT_40").await;
    let mail = entity::mail::Model {
        id: MailId::new(),
        kind: "INVITATION".to_owned(),
        recipient: format!("{word}@example.org"),
        locale: domain::client::Locale::En,
        sealed: Vec::new(),
        created_at: app.now(),
        next_try_at: app.now(),
        attempts: 1,
        sent_at: Some(app.now()),
        last_error: None,
    };
    let mail_id = mail.id;
    app.write(mail).await;
    let (report, reply) = reported(app, side, word).await;
    vec![
        ("report", report),
        ("reply", reply),
        ("client", client.global().0),
        ("engagement", engagement.global().0),
        ("draft", draft.global().0),
        ("balance", balance(engagement).0),
        ("period", PeriodId::nth(engagement, 1).global().0),
        ("payment", paid.global().0),
        ("reservation", reservation.global().0),
        ("plan", plan.global().0),
        ("block", block_id.global().0),
        ("task", task),
        ("handed", handed),
        ("free", free),
        ("entry", text(&entry["timeEntryCreate"]["timeEntry"]["id"])),
        ("comment", spoken),
        ("whisper", whispered),
        ("signOff", signed.one(db).await.unwrap().unwrap().id.global().0),
        ("wayIn", way_id.global().0),
        ("movement", moved.one(db).await.unwrap().unwrap().id.global().0),
        ("place", place.global().0),
        ("specialist", specialist.id()),
        ("assistant", assistant.id()),
        ("owner", side.caller("CLIENT_OWNER").id()),
        ("member", app.contact(Role::ClientMember, client).await.id()),
        ("key", key.global().0),
        ("record", record.one(db).await.unwrap().unwrap().id.global().0),
        ("mail", mail_id.global().0),
        ("service", tariff.service_id.global().0),
        ("tariff", tariff.id.global().0),
        ("terms", terms.id.global().0),
    ]
}

/// Last week's report, with a comment for the staff and an answer.
async fn reported(app: &TestApp, side: &Side, word: &str) -> (String, String) {
    let week = "2026-03-02".parse().expect("a day");
    assert!(hourbank::usecase::report::freeze(&app.system(), side.client, week).await.expect("it is frozen"));
    let found = weekly_report::Entity::find().filter(weekly_report::Column::ClientId.eq(side.client));
    let report = found.one(&app.database.db).await.unwrap().unwrap().id.global().0;
    let say = "mutation($input: CommentCreateInput!) { commentCreate(input: $input) { errors { code } } }";
    let input =
        json!({"input": {"subjectId": report, "body": format!("{word} {INTERNAL}"), "internal": true}});
    side.caller("PROJECT_MANAGER").ok(app, say, input).await;
    let answer = "mutation($input: ReportAnswerInput!) { reportAnswer(input: $input) { reportAnswer { id } errors { code } } }";
    let input = json!({"input": {"weeklyReportId": report, "satisfaction": 4, "comment": word}});
    let made = side.caller("CLIENT_OWNER").ok(app, answer, input).await;
    (report, text(&made["reportAnswer"]["reportAnswer"]["id"]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}")).to_owned()
}

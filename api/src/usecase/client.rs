//! Clients: the companies served (C-4).

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::calendar::{Weekday, local_day};
use domain::client::{CrmKind, Locale, SetUpBy};
use domain::id::{ClientId, UserId};
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::text::{Email, Text, fold};
use entity::client;
use serde::Serialize;
use uuid::Uuid;

use super::patch::{Edited, Patch, set, set_required};
use crate::app::Call;
use crate::bus::Topic;
use crate::bus::rights::Whom;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::{self, Change, Tx, dialect};

/// The longest name.
const NAME: usize = 200;
/// The longest free text.
const TEXT: usize = 10_000;

/// One visible client.
///
/// # Errors
/// The caller reads no clients at all; the database's own.
pub async fn find(call: &Call, id: ClientId) -> Result<Option<client::Model>> {
    let scope = call.scope(Action::ClientRead)?;
    Ok(store::client::find(call.app.db.reading(), &scope, id).await?)
}

/// The addresses that a client's reports go to; the caller sees the client already.
///
/// # Errors
/// The database's own.
pub async fn recipients(call: &Call, id: ClientId) -> Result<Vec<String>> {
    Ok(store::client::recipients(call.app.db.reading(), id).await?)
}

/// The day that it is for a client, in its own time zone.
pub fn today(client: &client::Model, now: DateTime<Utc>) -> NaiveDate {
    local_day(now, client.time_zone.parse().unwrap_or(Tz::UTC))
}

/// What a new client is made from.
#[derive(Debug, Clone, Serialize)]
pub struct Create {
    pub name: String,
    pub external_id: Option<String>,
    pub crm_kind: CrmKind,
    pub crm_url: Option<String>,
    pub set_up_by: SetUpBy,
    pub licences: Option<i32>,
    pub line_of_business: Option<String>,
    pub goals: Option<String>,
    pub locale: Locale,
    pub time_zone: String,
    pub report_recipients: Vec<String>,
    pub chat_url: Option<String>,
}

/// Creates a client (C-4); whoever of SALES created it sees it.
///
/// # Errors
/// Refused: INVALID fields, an external id that is TAKEN.
pub async fn create(call: &Call, command: Create, key: Option<Uuid>) -> Result<client::Model> {
    let permit = call.permit(Action::ClientCreate, &Target::PROVIDER)?;
    let tx = call.begin().await?;
    let id = ClientId::new();
    if let Some(made) = tx.replay(key, "clientCreate", &command, &[id.0]).await? {
        drop(tx);
        let made = made.first().copied().map(ClientId).ok_or(Error::NotFound)?;
        return find(call, made).await?.ok_or(Error::NotFound);
    }
    let mut refusals = Refusals::default();
    let now = tx.now();
    let mut row = client::Model {
        id,
        name: String::new(),
        name_key: String::new(),
        external_id: None,
        crm_kind: command.crm_kind,
        crm_url: None,
        set_up_by: command.set_up_by,
        licences: None,
        line_of_business: None,
        goals: None,
        contact_id: None,
        locale: command.locale,
        time_zone: String::new(),
        chat_url: None,
        report_weekday: Weekday::Monday,
        report_hour: 9,
        created_by: call.actor.user_id(),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let recipients = apply(
        &mut row,
        Update {
            name: Some(Some(command.name)),
            external_id: Some(command.external_id),
            crm_url: Some(command.crm_url),
            licences: Some(command.licences),
            line_of_business: Some(command.line_of_business),
            goals: Some(command.goals),
            time_zone: Some(Some(command.time_zone)),
            report_recipients: Some(command.report_recipients),
            chat_url: Some(command.chat_url),
            ..Update::default()
        },
        &mut refusals,
    );
    refusals.check()?;
    store::insert(&tx, row.clone()).await.map_err(taken)?;
    store::client::set_recipients(&tx, id, &recipients.unwrap_or_default()).await?;
    finish(tx, permit, Change::of("Client", id).after(&summary(&row)), &row, true).await?;
    Ok(row)
}

/// What changes of a client.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Update {
    pub name: Patch<String>,
    pub external_id: Patch<String>,
    pub crm_kind: Patch<CrmKind>,
    pub crm_url: Patch<String>,
    pub set_up_by: Patch<SetUpBy>,
    pub licences: Patch<i32>,
    pub line_of_business: Patch<String>,
    pub goals: Patch<String>,
    pub contact_id: Patch<UserId>,
    pub locale: Patch<Locale>,
    pub time_zone: Patch<String>,
    pub report_recipients: Option<Vec<String>>,
    pub chat_url: Patch<String>,
    pub report_weekday: Patch<Weekday>,
    pub report_hour: Patch<i32>,
}

/// Changes a client (C-4, C-8).
///
/// # Errors
/// Refused: INVALID fields, an external id that is TAKEN, a contact who is not the client's.
pub async fn update(
    call: &Call,
    id: ClientId,
    expected_version: i32,
    command: Update,
) -> Result<Edited<client::Model>> {
    let tx = call.begin().await?;
    let before = store::client::lock(&tx, id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::ClientUpdate, &Target::client(id))?;
    if before.version != expected_version {
        return Ok(Edited::Conflict(before));
    }
    let mut refusals = Refusals::default();
    let mut row = before.clone();
    if let Some(Some(contact)) = command.contact_id {
        let known =
            store::user::get(tx.connection(), contact).await?.is_some_and(|user| user.client_id == Some(id));
        if !known {
            refusals.push(
                Refusal::new(ErrorCode::Invalid, "The contact is not one of the client's people.")
                    .at("contactId"),
            );
        }
    }
    let recipients = apply(&mut row, command, &mut refusals);
    refusals.check()?;
    row.version += 1;
    row.updated_at = tx.now();
    store::update(&tx, row.clone()).await.map_err(taken)?;
    if let Some(recipients) = recipients {
        store::client::set_recipients(&tx, id, &recipients).await?;
    }
    let change = Change::of("Client", id).before(&summary(&before)).after(&summary(&row));
    finish(tx, permit, change, &row, false).await?;
    Ok(Edited::Done(row))
}

/// Puts an update into a row; returns the new recipients where they change.
fn apply(row: &mut client::Model, update: Update, refusals: &mut Refusals) -> Option<Vec<String>> {
    let mut text = |patch: Patch<String>, field, most| -> Patch<String> {
        match patch {
            Some(Some(value)) => {
                refusals.take(field, Text::parse(&value, most)).map(|text| Some(text.into()))
            }
            other => other,
        }
    };
    let name = text(update.name, "name", NAME);
    set(&mut row.external_id, text(update.external_id, "externalId", NAME));
    set(&mut row.crm_url, text(update.crm_url, "crmUrl", 2000));
    set(&mut row.line_of_business, text(update.line_of_business, "lineOfBusiness", NAME));
    set(&mut row.goals, text(update.goals, "goals", TEXT));
    set(&mut row.chat_url, text(update.chat_url, "chatUrl", 2000));
    set_required(&mut row.name, name, "name", refusals);
    row.name_key = fold(&row.name);
    for (url, field) in [(&row.crm_url, "crmUrl"), (&row.chat_url, "chatUrl")] {
        if url.as_ref().is_some_and(|url| !url.starts_with("https://") && !url.starts_with("http://")) {
            refusals.push(
                Refusal::new(ErrorCode::Invalid, "An address starts with https:// or http://.").at(field),
            );
        }
    }
    set_required(&mut row.crm_kind, update.crm_kind, "crmKind", refusals);
    set_required(&mut row.set_up_by, update.set_up_by, "setUpBy", refusals);
    set_required(&mut row.locale, update.locale, "locale", refusals);
    set(&mut row.contact_id, update.contact_id);
    if let Some(licences) = update.licences {
        if licences.is_some_and(|count| count < 0) {
            refusals.push(
                Refusal::new(ErrorCode::Invalid, "There are no negative numbers of licences.").at("licences"),
            );
        }
        row.licences = licences;
    }
    set_required(&mut row.report_weekday, update.report_weekday, "reportWeekday", refusals);
    if update.report_hour.flatten().is_some_and(|hour| !(0..24).contains(&hour)) {
        refusals.push(Refusal::new(ErrorCode::Invalid, "An hour lies between 0 and 23.").at("reportHour"));
    }
    set_required(&mut row.report_hour, update.report_hour, "reportHour", refusals);
    let zone = update.time_zone.map(|zone| {
        zone.and_then(|zone| {
            let zone: std::result::Result<Tz, _> = zone.parse();
            refusals.take("timeZone", zone.map_err(|_| "This is no IANA time zone, such as Europe/Moscow."))
        })
    });
    match zone {
        Some(Some(zone)) => zone.name().clone_into(&mut row.time_zone),
        Some(None) if row.time_zone.is_empty() => {}
        _ => {}
    }
    update.report_recipients.map(|emails| {
        let mut seen = std::collections::HashSet::new();
        emails
            .iter()
            .filter_map(|email| refusals.take("reportRecipients", Email::parse(email)))
            .filter(|email| seen.insert(email.key().to_owned()))
            .map(|email| email.as_str().to_owned())
            .collect()
    })
}

async fn finish(
    mut tx: Tx<'_>,
    permit: domain::policy::Permit,
    change: Change,
    row: &client::Model,
    created: bool,
) -> Result<()> {
    if let Some(creator) = row.created_by.filter(|_| created) {
        // Whoever brought the client reaches it from now on.
        tx.wake(Topic::Rights(Whom::User(creator)));
    }
    tx.commit(permit, change.client(row.id)).await
}

/// What the audit log keeps of a client.
fn summary(row: &client::Model) -> impl Serialize + use<> {
    serde_json::json!({
        "name": row.name, "externalId": row.external_id, "crmKind": row.crm_kind, "crmUrl": row.crm_url, "setUpBy": row.set_up_by,
        "licences": row.licences, "lineOfBusiness": row.line_of_business, "goals": row.goals, "contactId": row.contact_id,
        "locale": row.locale, "timeZone": row.time_zone, "chatUrl": row.chat_url,
        "reportWeekday": row.report_weekday, "reportHour": row.report_hour,
    })
}

fn taken(error: store::DbErr) -> Error {
    let refusal = Refusal::new(ErrorCode::Taken, "Another client has this external id.").at("externalId");
    dialect::on_unique(error, "uq_client_external_id", "client.external_id", refusal)
}

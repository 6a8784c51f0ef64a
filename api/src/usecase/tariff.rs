//! Tariffs: what can be bought. Terms are kept as revisions, and whoever bought one keeps it (E-1).

use domain::id::{ServiceId, TariffId, TariffRevisionId};
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::tariff::{GrantRule, UnusedMinutes};
use domain::text::Text;
use entity::{tariff, tariff_revision};
use serde::Serialize;
use uuid::Uuid;

use super::patch::{Edited, Patch, set, set_required};
use super::price::Amount;
use crate::app::Call;
use crate::error::{Error, Refusal, Refusals, Result};
use crate::store::tariff::OnSale;
use crate::store::{self, Change, Tx, dialect};

/// The longest name.
const NAME: usize = 200;
/// Minutes of the longest month.
const MONTH: i32 = 31 * 24 * 60;
/// Minutes of a day.
const DAY: i32 = 24 * 60;

/// The tariffs in their order; withdrawn ones for administrators alone.
///
/// # Errors
/// The caller is nobody, or asks for withdrawn ones and may not; the database's own.
pub async fn list(call: &Call, withdrawn: bool) -> Result<Vec<OnSale>> {
    call.scope(if withdrawn { Action::CatalogueManage } else { Action::CatalogueRead })?;
    Ok(store::tariff::all(call.app.db.reading(), withdrawn).await?)
}

/// A tariff by its id, withdrawn or not: engagements still name it.
///
/// # Errors
/// The caller is nobody; the database's own.
pub async fn find(call: &Call, id: TariffId) -> Result<Option<OnSale>> {
    call.scope(Action::CatalogueRead)?;
    Ok(store::tariff::get(call.app.db.reading(), id).await?)
}

/// The terms of a revision.
///
/// # Errors
/// As [`find`].
pub async fn revision(call: &Call, id: TariffRevisionId) -> Result<Option<tariff_revision::Model>> {
    call.scope(Action::CatalogueRead)?;
    Ok(store::tariff::revision(call.app.db.reading(), id).await?)
}

/// Terms as they are stated.
#[derive(Debug, Clone, Serialize)]
pub struct Terms {
    pub minutes: Option<i32>,
    pub grant_rule: GrantRule,
    pub length_months: Option<i32>,
    pub unused: UnusedMinutes,
    pub price: Option<Amount>,
}

/// A new tariff.
#[derive(Debug, Clone, Serialize)]
pub struct Create {
    pub service_id: ServiceId,
    pub code: String,
    pub name_en: String,
    pub name_ru: String,
    /// Behind all others where absent.
    pub position: Option<i32>,
    pub terms: Terms,
}

/// Creates a tariff with its first terms (E-1).
///
/// # Errors
/// Refused: INVALID fields, a service that is not there (NOT_FOUND), a code that is TAKEN.
pub async fn create(call: &Call, command: Create, key: Option<Uuid>) -> Result<OnSale> {
    let permit = call.permit(Action::CatalogueManage, &Target::PROVIDER)?;
    let tx = call.begin().await?;
    let id = TariffId::new();
    if let Some(made) = tx.replay(key, "tariffCreate", &command, &[id.0]).await? {
        drop(tx);
        let made = made.first().copied().map(TariffId).ok_or(Error::NotFound)?;
        return find(call, made).await?.ok_or(Error::NotFound);
    }
    let mut refusals = Refusals::default();
    let name_en = refusals.take("nameEn", Text::parse(&command.name_en, NAME));
    let name_ru = refusals.take("nameRu", Text::parse(&command.name_ru, NAME));
    if !is_code(&command.code) {
        let text = "A code is up to 50 capital letters, digits and underscores.";
        refusals.push(Refusal::new(ErrorCode::Invalid, text).at("code"));
    }
    if store::service::get(tx.connection(), command.service_id).await?.is_none() {
        refusals.push(Refusal::new(ErrorCode::NotFound, "There is no such service.").at("serviceId"));
    }
    let position = match command.position {
        Some(position) => position,
        None => store::tariff::next_position(tx.connection()).await?,
    };
    let mut terms = blank(&tx, id, 1);
    terms.created_by = call.actor.user_id();
    state(&mut terms, &command.terms, &mut refusals);
    let row = tariff::Model {
        id,
        service_id: command.service_id,
        code: command.code,
        name_en: name_en.map_or_else(String::new, String::from),
        name_ru: name_ru.map_or_else(String::new, String::from),
        position,
        withdrawn_at: None,
        revision: 1,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    refusals.check()?;
    store::insert(&tx, row.clone()).await.map_err(taken)?;
    store::insert(&tx, terms.clone()).await?;
    tx.commit(permit, Change::of("Tariff", id).after(&summary(&row, &terms))).await?;
    Ok((row, terms))
}

/// What changes of a tariff. Terms that change make a new revision; names and position are the tariff's own.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Revise {
    pub name_en: Patch<String>,
    pub name_ru: Patch<String>,
    pub position: Patch<i32>,
    pub minutes: Patch<i32>,
    pub grant_rule: Patch<GrantRule>,
    pub length_months: Patch<i32>,
    pub unused: Patch<UnusedMinutes>,
    pub price: Patch<Amount>,
}

/// Revises a tariff: new terms are a new revision, and engagements keep theirs (E-1).
///
/// # Errors
/// Refused: INVALID fields, a tariff withdrawn (TARIFF_WITHDRAWN).
pub async fn revise(
    call: &Call,
    id: TariffId,
    expected_version: i32,
    command: Revise,
) -> Result<Edited<OnSale>> {
    let tx = call.begin().await?;
    let (before, old) = lock(&tx, id).await?;
    let permit = call.permit(Action::CatalogueManage, &Target::PROVIDER)?;
    if before.version != expected_version {
        return Ok(Edited::Conflict((before, old)));
    }
    check_on_sale(&before)?;
    let mut refusals = Refusals::default();
    let mut row = before.clone();
    let mut name = |patch: Patch<String>, field| match patch {
        Some(Some(text)) => refusals.take(field, Text::parse(&text, NAME)).map(|text| Some(text.into())),
        other => other,
    };
    let (name_en, name_ru) = (name(command.name_en, "nameEn"), name(command.name_ru, "nameRu"));
    set_required(&mut row.name_en, name_en, "nameEn", &mut refusals);
    set_required(&mut row.name_ru, name_ru, "nameRu", &mut refusals);
    set_required(&mut row.position, command.position, "position", &mut refusals);

    let mut stated = Terms {
        minutes: old.minutes,
        grant_rule: old.grant_rule,
        length_months: old.length_months,
        unused: old.unused,
        price: None,
    };
    set(&mut stated.minutes, command.minutes);
    set(&mut stated.length_months, command.length_months);
    set_required(&mut stated.grant_rule, command.grant_rule, "grantRule", &mut refusals);
    set_required(&mut stated.unused, command.unused, "unused", &mut refusals);
    let keeps_price = command.price.is_none();
    set(&mut stated.price, command.price);
    let mut terms =
        tariff_revision::Model { created_by: call.actor.user_id(), ..blank(&tx, id, before.revision + 1) };
    state(&mut terms, &stated, &mut refusals);
    if keeps_price {
        (terms.price_minor, terms.currency) = (old.price_minor, old.currency.clone());
    }
    refusals.check()?;
    if is_same(&terms, &old) {
        terms = old.clone();
    } else {
        row.revision = terms.number;
        store::insert(&tx, terms.clone()).await?;
    }
    row.version += 1;
    row.updated_at = tx.now();
    store::update(&tx, row.clone()).await?;
    let change = Change::of("Tariff", id).before(&summary(&before, &old)).after(&summary(&row, &terms));
    tx.commit(permit, change).await?;
    Ok(Edited::Done((row, terms)))
}

/// Takes a tariff off sale; engagements on it run on (E-1).
///
/// # Errors
/// Refused: withdrawn already (TARIFF_WITHDRAWN).
pub async fn withdraw(call: &Call, id: TariffId) -> Result<OnSale> {
    let tx = call.begin().await?;
    let (before, terms) = lock(&tx, id).await?;
    let permit = call.permit(Action::CatalogueManage, &Target::PROVIDER)?;
    check_on_sale(&before)?;
    let row = tariff::Model {
        withdrawn_at: Some(tx.now()),
        version: before.version + 1,
        updated_at: tx.now(),
        ..before.clone()
    };
    store::update(&tx, row.clone()).await?;
    let change = Change::of("Tariff", id).before(&summary(&before, &terms)).after(&summary(&row, &terms));
    tx.commit(permit, change).await?;
    Ok((row, terms))
}

async fn lock(tx: &Tx<'_>, id: TariffId) -> Result<OnSale> {
    store::tariff::lock(tx, id).await?.ok_or(Error::NotFound)?;
    store::tariff::get(tx.connection(), id).await?.ok_or(Error::NotFound)
}

fn check_on_sale(tariff: &tariff::Model) -> Result<()> {
    match tariff.withdrawn_at {
        None => Ok(()),
        Some(_) => Err(Error::refused(ErrorCode::TariffWithdrawn, "The tariff is withdrawn.")),
    }
}

fn is_code(code: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=50).contains(&code.len()) && code.bytes().all(allowed)
}

fn blank(tx: &Tx<'_>, tariff: TariffId, number: i32) -> tariff_revision::Model {
    tariff_revision::Model {
        id: TariffRevisionId::new(),
        tariff_id: tariff,
        number,
        minutes: None,
        grant_rule: GrantRule::Monthly,
        length_months: None,
        unused: UnusedMinutes::Expire,
        price_minor: None,
        currency: None,
        created_by: None,
        created_at: tx.now(),
    }
}

/// Puts terms into a revision. Minutes are a month's or a working day's; granted once, they are the engagement's own.
fn state(row: &mut tariff_revision::Model, terms: &Terms, refusals: &mut Refusals) {
    let mut refuse = |field, text| refusals.push(Refusal::new(ErrorCode::Invalid, text).at(field));
    match (terms.grant_rule, terms.minutes) {
        (GrantRule::Once, None) => {}
        (GrantRule::Monthly, Some(minutes)) if (1..=MONTH).contains(&minutes) => {}
        (GrantRule::WorkingDay, Some(minutes)) if (1..=DAY).contains(&minutes) => {}
        (GrantRule::Once, Some(_)) => {
            refuse("minutes", "Granted once, the minutes are the engagement's own.")
        }
        (GrantRule::Monthly, _) => refuse("minutes", "A month's minutes are 1 to 44640."),
        (GrantRule::WorkingDay, _) => refuse("minutes", "A working day's minutes are 1 to 1440."),
    }
    if terms.length_months.is_some_and(|months| !(1..=120).contains(&months)) {
        refuse("lengthMonths", "A length is 1 to 120 months, or none until cancelled.");
    }
    row.minutes = terms.minutes;
    row.grant_rule = terms.grant_rule;
    row.length_months = terms.length_months;
    row.unused = terms.unused;
    let price = terms.price.as_ref().and_then(|price| price.read("price", refusals));
    row.price_minor = price.map(|price| price.minor);
    row.currency = price.map(|price| price.currency.code().to_owned());
}

fn is_same(one: &tariff_revision::Model, other: &tariff_revision::Model) -> bool {
    let terms = |row: &tariff_revision::Model| {
        (row.minutes, row.grant_rule, row.length_months, row.unused, row.price_minor, row.currency.clone())
    };
    terms(one) == terms(other)
}

fn summary(row: &tariff::Model, terms: &tariff_revision::Model) -> impl Serialize + use<> {
    serde_json::json!({
        "code": row.code, "nameEn": row.name_en, "nameRu": row.name_ru, "position": row.position,
        "withdrawnAt": row.withdrawn_at, "revision": row.revision, "minutes": terms.minutes,
        "grantRule": terms.grant_rule, "lengthMonths": terms.length_months, "unused": terms.unused,
        "priceMinor": terms.price_minor, "currency": terms.currency,
    })
}

fn taken(error: store::DbErr) -> Error {
    let refusal = Refusal::new(ErrorCode::Taken, "Another tariff has this code.").at("code");
    dialect::on_unique(error, "uq_tariff_code", "tariff.code", refusal)
}

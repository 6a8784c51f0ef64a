//! Tariffs and the revisions of their terms.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use domain::client::Locale;
use domain::id::{ServiceId, TariffId, TariffRevisionId};
use domain::policy::Target;
use domain::tariff::{GrantRule, UnusedMinutes};
use entity::{tariff, tariff_revision};
use uuid::Uuid;

use super::error::{answer, field, payload};
use super::id::{Gid, Identified};
use super::patch::{conflict, patch};
use super::scalar::{DateTime, Money, MoneyInput};
use super::service::{Service, name};
use super::{call, request, settle};
use crate::error::Result;
use crate::usecase;
use crate::usecase::patch::Edited;

/// A thing that can be bought, with the terms on sale now. Whoever bought it on earlier terms keeps them.
#[derive(Clone)]
pub struct Tariff {
    row: tariff::Model,
    terms: tariff_revision::Model,
}

impl From<(tariff::Model, tariff_revision::Model)> for Tariff {
    fn from((row, terms): (tariff::Model, tariff_revision::Model)) -> Self {
        Self { row, terms }
    }
}

/// A thing that can be bought, with the terms on sale now. Whoever bought it on earlier terms keeps them.
#[Object]
impl Tariff {
    /// The tariff's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// The service that it buys.
    async fn service(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Service>> {
        field(request(ctx).loaders.service(self.row.service_id).await.map(|row| row.map(Service::from)))
    }

    /// Its short name for programs, such as SUPPORT_40.
    async fn code(&self) -> &str {
        &self.row.code
    }

    /// Its name.
    async fn name(
        &self,
        #[graphql(desc = "In which language.", default_with = "Locale::Ru")] locale: Locale,
    ) -> String {
        name(locale, &self.row.name_en, &self.row.name_ru)
    }

    /// Its place in lists.
    async fn position(&self) -> i32 {
        self.row.position
    }

    /// Minutes granted each month or for each working day, as `grantRule` says; null where the engagement states its
    /// own.
    async fn minutes(&self) -> Option<i32> {
        self.terms.minutes
    }

    /// How a period is granted its minutes.
    async fn grant_rule(&self) -> GrantRule {
        self.terms.grant_rule
    }

    /// Its length in months; null until cancelled.
    async fn length_months(&self) -> Option<i32> {
        self.terms.length_months
    }

    /// What becomes of minutes unused at a period's end.
    async fn unused(&self) -> UnusedMinutes {
        self.terms.unused
    }

    /// The list price of a period; null where none is stated. What a client pays stands in its engagement.
    async fn price(&self) -> Option<Money> {
        Money::of(self.terms.price_minor, self.terms.currency.as_deref())
    }

    /// The number of the terms on sale, from 1.
    async fn revision(&self) -> i32 {
        self.row.revision
    }

    /// All terms that it was ever sold on, the oldest first.
    async fn revisions(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<TariffRevision>>> {
        let rows = async {
            settle(call(ctx), "Tariff.revisions", &Target::PROVIDER)?;
            let mut rows = request(ctx).loaders.revisions_of(self.row.id).await?;
            rows.sort_by_key(|row| row.number);
            Ok(Some(rows.into_iter().map(TariffRevision::from).collect()))
        };
        field(rows.await)
    }

    /// When it was taken off sale; null while it can be bought.
    async fn withdrawn_at(&self) -> Option<DateTime> {
        self.row.withdrawn_at.map(DateTime)
    }

    /// Counts the edits; a revision names the one it saw.
    async fn version(&self) -> i32 {
        self.row.version
    }
}

/// The tariff that a revision belongs to, as it is on sale now.
///
/// # Errors
/// The database's own.
pub async fn of_revision(ctx: &Context<'_>, id: TariffRevisionId) -> Result<Option<Tariff>> {
    let loaders = &request(ctx).loaders;
    let Some(terms) = loaders.tariff_revision(id).await? else { return Ok(None) };
    let Some(row) = loaders.tariff(terms.tariff_id).await? else { return Ok(None) };
    if terms.number == row.revision {
        return Ok(Some(Tariff { row, terms }));
    }
    let on_sale = loaders.revisions_of(row.id).await?.into_iter().find(|terms| terms.number == row.revision);
    Ok(on_sale.map(|terms| Tariff { row, terms }))
}

/// One version of a tariff's terms; it never changes.
#[derive(Clone)]
pub struct TariffRevision {
    row: tariff_revision::Model,
}

impl From<tariff_revision::Model> for TariffRevision {
    fn from(row: tariff_revision::Model) -> Self {
        Self { row }
    }
}

/// One version of a tariff's terms; it never changes.
#[Object]
impl TariffRevision {
    /// The revision's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// Its number, from 1.
    async fn number(&self) -> i32 {
        self.row.number
    }

    /// Minutes granted each month or for each working day, as `grantRule` says; null where the engagement states its
    /// own.
    async fn minutes(&self) -> Option<i32> {
        self.row.minutes
    }

    /// How a period is granted its minutes.
    async fn grant_rule(&self) -> GrantRule {
        self.row.grant_rule
    }

    /// The length in months; null until cancelled.
    async fn length_months(&self) -> Option<i32> {
        self.row.length_months
    }

    /// What becomes of minutes unused at a period's end.
    async fn unused(&self) -> UnusedMinutes {
        self.row.unused
    }

    /// The list price of a period at that time; null where none was stated.
    async fn price(&self) -> Option<Money> {
        Money::of(self.row.price_minor, self.row.currency.as_deref())
    }

    /// When these terms were put on sale.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

/// A new tariff.
#[derive(InputObject)]
pub struct TariffCreateInput {
    /// The service that it buys.
    service_id: Gid<ServiceId>,
    /// Its short name for programs: up to 50 capital letters, digits and underscores; unique.
    code: String,
    /// Its English name, at most 200 characters.
    name_en: String,
    /// Its Russian name, at most 200 characters.
    name_ru: String,
    /// Its place in lists; the last where absent.
    position: Option<i32>,
    /// Minutes a month or a working day, as `grantRule` says; absent where granted ONCE.
    minutes: Option<i32>,
    /// How a period is granted its minutes.
    grant_rule: GrantRule,
    /// Its length, 1 to 120 months; absent until cancelled.
    length_months: Option<i32>,
    /// What becomes of minutes unused at a period's end.
    unused: UnusedMinutes,
    /// The list price of a period.
    price: Option<MoneyInput>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

/// A change of a tariff: what is absent keeps, null clears.
#[derive(InputObject)]
pub struct TariffReviseInput {
    /// The version that the caller saw.
    expected_version: i32,
    /// Its English name.
    name_en: MaybeUndefined<String>,
    /// Its Russian name.
    name_ru: MaybeUndefined<String>,
    /// Its place in lists.
    position: MaybeUndefined<i32>,
    /// Minutes a month or a working day, as `grantRule` says.
    minutes: MaybeUndefined<i32>,
    /// How a period is granted its minutes.
    grant_rule: MaybeUndefined<GrantRule>,
    /// Its length in months.
    length_months: MaybeUndefined<i32>,
    /// What becomes of minutes unused at a period's end.
    unused: MaybeUndefined<UnusedMinutes>,
    /// The list price of a period.
    price: MaybeUndefined<MoneyInput>,
}

payload! {
    /// The outcome of creating a tariff.
    TariffCreatePayload {
        /// The new tariff.
        tariff: Tariff,
    }
}

payload! {
    /// The outcome of revising a tariff.
    TariffRevisePayload {
        /// The tariff as it is now, also where the change met a conflict.
        tariff: Tariff,
    }
}

payload! {
    /// The outcome of withdrawing a tariff.
    TariffWithdrawPayload {
        /// The tariff, off sale.
        tariff: Tariff,
    }
}

/// Queries of tariffs.
#[derive(Default)]
pub struct TariffQuery;

#[Object]
impl TariffQuery {
    /// The tariffs on sale, in their order; list prices are public to everyone who is signed in.
    async fn tariffs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Withdrawn ones as well; administrators only.", default)] include_withdrawn: bool,
    ) -> Option<async_graphql::Result<Vec<Tariff>>> {
        let rows = Box::pin(usecase::tariff::list(call(ctx), include_withdrawn)).await;
        field(rows.map(|rows| Some(rows.into_iter().map(Tariff::from).collect())))
    }
}

/// Changes of tariffs.
#[derive(Default)]
pub struct TariffMutation;

#[Object]
impl TariffMutation {
    /// Creates a tariff and puts it on sale.
    async fn tariff_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new tariff.")] input: TariffCreateInput,
    ) -> Option<async_graphql::Result<TariffCreatePayload>> {
        let key = input.idempotency_key;
        let command = usecase::tariff::Create {
            service_id: input.service_id.0,
            code: input.code,
            name_en: input.name_en,
            name_ru: input.name_ru,
            position: input.position,
            terms: usecase::tariff::Terms {
                minutes: input.minutes,
                grant_rule: input.grant_rule,
                length_months: input.length_months,
                unused: input.unused,
                price: input.price.map(Into::into),
            },
        };
        let made = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::tariff::create(&call, command, key).await
        }))
        .await;
        answer(made.map(|made| TariffCreatePayload { tariff: Some(made.into()), errors: Vec::new() }))
    }

    /// Changes a tariff. New terms are a new revision: engagements keep the one that they were bought on.
    async fn tariff_revise(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which tariff.")] id: Gid<TariffId>,
        #[graphql(desc = "What changes.")] input: TariffReviseInput,
    ) -> Option<async_graphql::Result<TariffRevisePayload>> {
        let command = usecase::tariff::Revise {
            name_en: patch(input.name_en),
            name_ru: patch(input.name_ru),
            position: patch(input.position),
            minutes: patch(input.minutes),
            grant_rule: patch(input.grant_rule),
            length_months: patch(input.length_months),
            unused: patch(input.unused),
            price: patch(input.price).map(|price| price.map(Into::into)),
        };
        let version = input.expected_version;
        let edited = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::tariff::revise(&call, id.0, version, command).await
        }))
        .await;
        answer(edited.map(|edited| match edited {
            Edited::Done(made) => TariffRevisePayload { tariff: Some(made.into()), errors: Vec::new() },
            Edited::Conflict(present) => {
                TariffRevisePayload { tariff: Some(present.into()), errors: vec![conflict()] }
            }
        }))
    }

    /// Takes a tariff off sale for good; engagements on it run on.
    async fn tariff_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which tariff.")] id: Gid<TariffId>,
    ) -> Option<async_graphql::Result<TariffWithdrawPayload>> {
        let withdrawn = Box::pin(usecase::retry(call(ctx), (), move |call, ()| async move {
            usecase::tariff::withdraw(&call, id.0).await
        }))
        .await;
        answer(withdrawn.map(|row| TariffWithdrawPayload { tariff: Some(row.into()), errors: Vec::new() }))
    }
}

//! Writing, starting and ending engagements.

use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use domain::engagement::OveragePolicy;
use domain::id::{ClientId, EngagementId, PlanId, TariffId, UserId};
use entity::engagement;
use uuid::Uuid;

use super::super::call;
use super::super::error::{Payload, answer};
use super::super::id::Gid;
use super::super::patch::{conflict, patch};
use super::super::reservation::ReservationInput;
use super::super::scalar::{Date, MoneyInput};
use super::outcome::{
    EngagementCancelPayload, EngagementCreatePayload, EngagementPlanSetPayload, EngagementStartPayload,
    EngagementTariffChangePayload, EngagementUpdatePayload, GrantUnpaidSetPayload, OveragePolicySetPayload,
    outcome,
};
use crate::usecase;
use crate::usecase::engagement::setting::Setting;
use crate::usecase::engagement::tariff::ChangeTariff;
use crate::usecase::patch::Edited;

/// A new offer.
#[derive(InputObject)]
pub struct EngagementCreateInput {
    /// The client who buys.
    client_id: Gid<ClientId>,
    /// The tariff; its terms as they are on sale now are kept.
    tariff_id: Gid<TariffId>,
    /// The plan to work on: one of the client, of the kind that the service works on.
    plan_id: Option<Gid<PlanId>>,
    /// Who sells it; whoever of SALES writes the offer where absent.
    seller_id: Option<Gid<UserId>>,
    /// The first day wished for.
    starts_on: Option<Date>,
    /// What the client pays for a period; the tariff's list price where absent.
    price: Option<MoneyInput>,
    /// A note for those who will serve the client.
    sale_note: Option<String>,
    /// Minutes in all, for a tariff that states none (AUDIT).
    own_minutes: Option<i32>,
    /// Length in months, for a tariff that states none (AUDIT).
    own_length_months: Option<i32>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

/// A change of an offer: what is absent keeps, null clears.
#[derive(InputObject)]
pub struct EngagementUpdateInput {
    /// The version that the caller saw.
    expected_version: i32,
    /// Another tariff, on its terms of now.
    tariff_id: MaybeUndefined<Gid<TariffId>>,
    /// The plan to work on.
    plan_id: MaybeUndefined<Gid<PlanId>>,
    /// Who sells it.
    seller_id: MaybeUndefined<Gid<UserId>>,
    /// The first day wished for.
    starts_on: MaybeUndefined<Date>,
    /// What the client pays for a period.
    price: MaybeUndefined<MoneyInput>,
    /// A note for those who will serve the client.
    sale_note: MaybeUndefined<String>,
    /// Minutes in all, for a tariff that states none.
    own_minutes: MaybeUndefined<i32>,
    /// Length in months, for a tariff that states none.
    own_length_months: MaybeUndefined<i32>,
}

/// The plan of an engagement.
#[derive(InputObject)]
pub struct EngagementPlanSetInput {
    /// One of the client, of the kind that the service works on; absent or null takes it away from a DRAFT.
    plan_id: Option<Gid<PlanId>>,
}

/// What becomes of time logged beyond the balance.
#[derive(InputObject)]
pub struct OveragePolicySetInput {
    /// The policy, for what is logged from now on.
    overage_policy: OveragePolicy,
}

/// Whether periods are granted unpaid.
#[derive(InputObject)]
pub struct GrantUnpaidSetInput {
    /// Whether periods that begin from now on are granted on their first day, paid or not; the first never is.
    grant_unpaid: bool,
}

/// The start of an engagement.
#[derive(InputObject)]
pub struct EngagementStartInput {
    /// The first day served, within a year of today; where absent the DRAFT's own, or today.
    starts_on: Option<Date>,
}

/// The end of an engagement.
#[derive(InputObject)]
pub struct EngagementCancelInput {
    /// Why; required.
    reason: String,
}

/// Another tariff from the next period on.
#[derive(InputObject)]
pub struct EngagementTariffChangeInput {
    /// The tariff, of the same service; its terms as they are on sale now.
    tariff_id: Gid<TariffId>,
    /// Who is held for how many minutes a month from the next period on; they sum to the tariff's minutes.
    reservations: Vec<ReservationInput>,
    /// Why somebody's capacity may be passed; an administrator's to say.
    override_reason: Option<String>,
}

async fn set<P>(ctx: &Context<'_>, id: EngagementId, setting: Setting) -> Option<async_graphql::Result<P>>
where
    P: Payload + From<engagement::Model>,
{
    let done = usecase::retry(call(ctx), setting, move |call, setting| async move {
        Box::pin(usecase::engagement::setting::set(&call, id, setting)).await
    });
    outcome(done.await)
}

/// Changes of engagements.
#[derive(Default)]
pub struct EngagementMutation;

#[Object]
impl EngagementMutation {
    /// Writes an offer: an engagement in DRAFT.
    async fn engagement_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new offer.")] input: EngagementCreateInput,
    ) -> Option<async_graphql::Result<EngagementCreatePayload>> {
        let key = input.idempotency_key;
        let command = usecase::engagement::draft::Create {
            client_id: input.client_id.0,
            tariff_id: input.tariff_id.0,
            plan_id: input.plan_id.map(|id| id.0),
            seller_id: input.seller_id.map(|id| id.0),
            starts_on: input.starts_on.map(Into::into),
            price: input.price.map(Into::into),
            sale_note: input.sale_note,
            own_minutes: input.own_minutes,
            own_length_months: input.own_length_months,
        };
        let made = usecase::retry(call(ctx), command, move |call, command| async move {
            Box::pin(usecase::engagement::draft::create(&call, command, key)).await
        });
        outcome(made.await)
    }

    /// Changes an offer that has not begun: what is absent keeps, null clears.
    async fn engagement_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which engagement.")] id: Gid<EngagementId>,
        #[graphql(desc = "What changes.")] input: EngagementUpdateInput,
    ) -> Option<async_graphql::Result<EngagementUpdatePayload>> {
        let command = usecase::engagement::draft::Update {
            tariff_id: patch(input.tariff_id).map(|id| id.map(|id| id.0)),
            plan_id: patch(input.plan_id).map(|id| id.map(|id| id.0)),
            seller_id: patch(input.seller_id).map(|id| id.map(|id| id.0)),
            starts_on: patch(input.starts_on).map(|day| day.map(Into::into)),
            price: patch(input.price).map(|price| price.map(Into::into)),
            sale_note: patch(input.sale_note),
            own_minutes: patch(input.own_minutes),
            own_length_months: patch(input.own_length_months),
        };
        let version = input.expected_version;
        let edited = usecase::retry(call(ctx), command, move |call, command| async move {
            Box::pin(usecase::engagement::draft::update(&call, id.0, version, command)).await
        });
        answer(edited.await.map(|edited| {
            let (row, errors) = match edited {
                Edited::Done(row) => (row, Vec::new()),
                Edited::Conflict(row) => (row, vec![conflict()]),
            };
            EngagementUpdatePayload { engagement: Some(row.into()), errors }
        }))
    }

    /// Sets the plan that an engagement works on, also while it runs.
    async fn engagement_plan_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which engagement.")] id: Gid<EngagementId>,
        #[graphql(desc = "The plan.")] input: EngagementPlanSetInput,
    ) -> Option<async_graphql::Result<EngagementPlanSetPayload>> {
        set(ctx, id.0, Setting::Plan(input.plan_id.map(|id| id.0))).await
    }

    /// Sets what becomes of time logged beyond the balance.
    async fn overage_policy_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which engagement.")] id: Gid<EngagementId>,
        #[graphql(desc = "The policy.")] input: OveragePolicySetInput,
    ) -> Option<async_graphql::Result<OveragePolicySetPayload>> {
        set(ctx, id.0, Setting::OveragePolicy(input.overage_policy)).await
    }

    /// Sets whether periods after the first are granted their minutes without payment.
    async fn grant_unpaid_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which engagement.")] id: Gid<EngagementId>,
        #[graphql(desc = "Whether they are.")] input: GrantUnpaidSetInput,
    ) -> Option<async_graphql::Result<GrantUnpaidSetPayload>> {
        set(ctx, id.0, Setting::GrantUnpaid(input.grant_unpaid)).await
    }

    /// Starts a DRAFT, or answers with all conditions that are unmet, each by its own code. Its first period opens with
    /// its minutes once its first day has come. Implementations stay drafts in this version: SERVICE_NOT_OFFERED.
    async fn engagement_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which engagement.")] id: Gid<EngagementId>,
        #[graphql(desc = "When.")] input: EngagementStartInput,
    ) -> Option<async_graphql::Result<EngagementStartPayload>> {
        let starts_on = input.starts_on.map(Into::into);
        let done = usecase::retry(call(ctx), starts_on, move |call, starts_on| async move {
            Box::pin(usecase::engagement::start::start(&call, id.0, starts_on)).await
        });
        outcome(done.await)
    }

    /// Cancels an engagement: a DRAFT at once; a running support for the end of its running period, until which it
    /// stays ACTIVE; others at once, their unused minutes lapse.
    async fn engagement_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which engagement.")] id: Gid<EngagementId>,
        #[graphql(desc = "Why.")] input: EngagementCancelInput,
    ) -> Option<async_graphql::Result<EngagementCancelPayload>> {
        let done = usecase::retry(call(ctx), input.reason, move |call, reason| async move {
            Box::pin(usecase::engagement::end::cancel(&call, id.0, reason)).await
        });
        outcome(done.await)
    }

    /// Moves a running engagement to another tariff of its service with its next period. A change named before for
    /// that period is replaced.
    async fn engagement_tariff_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which engagement.")] id: Gid<EngagementId>,
        #[graphql(desc = "The tariff, and who is held for its minutes.")] input: EngagementTariffChangeInput,
    ) -> Option<async_graphql::Result<EngagementTariffChangePayload>> {
        let command = ChangeTariff {
            tariff_id: input.tariff_id.0,
            shares: input.reservations.into_iter().map(Into::into).collect(),
            override_reason: input.override_reason,
        };
        let done = usecase::retry(call(ctx), command, move |call, command| async move {
            Box::pin(usecase::engagement::tariff::change(&call, id.0, command)).await
        });
        outcome(done.await)
    }
}

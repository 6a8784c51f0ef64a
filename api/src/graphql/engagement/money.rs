//! What is paid, added and approved for an engagement's periods.

use async_graphql::{Context, InputObject, Object};
use domain::id::EngagementId;
use domain::ledger::OverageDecision;
use uuid::Uuid;

use super::super::call;
use super::super::error::{answer, payload};
use super::super::hour_balance::HourBalance;
use super::super::id::Gid;
use super::super::scalar::{Date, MoneyInput};
use super::{Engagement, Payment, Period};
use crate::usecase;

/// A payment.
#[derive(InputObject)]
pub struct PaymentRecordInput {
    /// The engagement that was paid for.
    engagement_id: Gid<EngagementId>,
    /// The payer's reference, at most 200 characters. The same one again with the same figures changes nothing.
    reference: String,
    /// The day on which it was paid; not in the future.
    paid_on: Date,
    /// What was paid.
    amount: MoneyInput,
    /// The numbers of the periods paid for, at least one; they may not have begun.
    periods: Vec<i32>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

/// Hours in addition.
#[derive(InputObject)]
pub struct HoursTopUpInput {
    /// The engagement whose running period they belong to.
    engagement_id: Gid<EngagementId>,
    /// Minutes, at least 1.
    minutes: i32,
    /// What they were paid under.
    payment_reference: Option<String>,
    /// Why, for whoever reads the balance's movements.
    note: Option<String>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

/// Extra minutes.
#[derive(InputObject)]
pub struct OverageApproveInput {
    /// The engagement; its policy is ASK_CLIENT.
    engagement_id: Gid<EngagementId>,
    /// Minutes in addition to those approved for the running period before, at least 1.
    minutes: i32,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

/// A question to the client's owners.
#[derive(InputObject)]
pub struct OverageAskInput {
    /// The engagement; its policy is ASK_CLIENT.
    engagement_id: Gid<EngagementId>,
    /// Minutes that are asked for in addition to the running period's, at least 1.
    minutes: i32,
    /// What for; the client reads it.
    reason: String,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

/// A decision on overage.
#[derive(InputObject)]
pub struct OverageSettleInput {
    /// The engagement.
    engagement_id: Gid<EngagementId>,
    /// The number of the period that ended with the overage.
    period: i32,
    /// What becomes of it.
    decision: OverageDecision,
    /// Why, for whoever reads the balance's movements.
    note: Option<String>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

payload! {
    /// The outcome of asking for extra minutes.
    OverageAskPayload {
        /// The engagement.
        engagement: Engagement,
        /// The running period.
        period: Period,
    }
}

payload! {
    /// The outcome of a decision on overage.
    OverageSettlePayload {
        /// The engagement.
        engagement: Engagement,
        /// The period that ended, as it is now.
        period: Period,
        /// The balance afterwards; null where no period runs.
        hour_balance: HourBalance,
    }
}

payload! {
    /// The outcome of recording a payment.
    PaymentRecordPayload {
        /// The payment.
        payment: Payment,
        /// Its engagement, with its periods as they are now.
        engagement: Engagement,
        /// The balance afterwards; null where no period runs.
        hour_balance: HourBalance,
    }
}

payload! {
    /// The outcome of adding hours.
    HoursTopUpPayload {
        /// The engagement.
        engagement: Engagement,
        /// The running period, with its minutes as they are now.
        period: Period,
        /// The balance afterwards; null where no period runs.
        hour_balance: HourBalance,
    }
}

payload! {
    /// The outcome of approving extra minutes.
    OverageApprovePayload {
        /// The engagement.
        engagement: Engagement,
        /// The running period, with what is approved now.
        period: Period,
        /// The balance afterwards; null where no period runs.
        hour_balance: HourBalance,
    }
}

/// Payments, top-ups and approvals.
#[derive(Default)]
pub struct EngagementMoneyMutation;

#[Object]
impl EngagementMoneyMutation {
    /// Records a payment for periods of an engagement, also for such as have not begun and for a DRAFT's. A period that
    /// runs is granted its minutes at once; one that has ended gets as much as it overused, the running one the rest.
    async fn payment_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The payment.")] input: PaymentRecordInput,
    ) -> Option<async_graphql::Result<PaymentRecordPayload>> {
        let key = input.idempotency_key;
        let command = usecase::payment::Record {
            engagement_id: input.engagement_id.0,
            reference: input.reference,
            paid_on: input.paid_on.into(),
            amount: input.amount.into(),
            periods: input.periods,
        };
        let done = usecase::retry(call(ctx), command, move |call, command| async move {
            Box::pin(usecase::payment::record(&call, command, key)).await
        });
        let done = done.await;
        let hour_balance = balance(ctx, done.as_ref().ok().map(|(_, engagement)| engagement.id)).await;
        answer(done.map(|(payment, engagement)| PaymentRecordPayload {
            hour_balance,
            payment: Some(payment.into()),
            engagement: Some(engagement.into()),
            errors: Vec::new(),
        }))
    }

    /// Adds hours to the running period of an engagement; they cover its overage by themselves and share its fate.
    async fn hours_top_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The hours.")] input: HoursTopUpInput,
    ) -> Option<async_graphql::Result<HoursTopUpPayload>> {
        let key = input.idempotency_key;
        let command = usecase::top_up::TopUp {
            engagement_id: input.engagement_id.0,
            minutes: input.minutes,
            payment_reference: input.payment_reference,
            note: input.note,
        };
        let done = usecase::retry(call(ctx), command, move |call, command| async move {
            Box::pin(usecase::top_up::top_up(&call, command, key)).await
        });
        let done = done.await;
        let hour_balance = balance(ctx, done.as_ref().ok().map(|(engagement, _)| engagement.id)).await;
        answer(done.map(|(engagement, period)| HoursTopUpPayload {
            hour_balance,
            period: Some(Period::of(engagement.client_id, period)),
            engagement: Some(engagement.into()),
            errors: Vec::new(),
        }))
    }

    /// Approves minutes beyond the balance of the running period, where the engagement asks its client for them.
    async fn overage_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The minutes.")] input: OverageApproveInput,
    ) -> Option<async_graphql::Result<OverageApprovePayload>> {
        let key = input.idempotency_key;
        let command =
            usecase::overage::Approve { engagement_id: input.engagement_id.0, minutes: input.minutes };
        let done = usecase::retry(call(ctx), command, move |call, command| async move {
            Box::pin(usecase::overage::approve(&call, command, key)).await
        });
        let done = done.await;
        let hour_balance = balance(ctx, done.as_ref().ok().map(|(engagement, _)| engagement.id)).await;
        answer(done.map(|(engagement, period)| OverageApprovePayload {
            hour_balance,
            period: Some(Period::of(engagement.client_id, period)),
            engagement: Some(engagement.into()),
            errors: Vec::new(),
        }))
    }

    /// Asks the client's owners to approve minutes beyond the running period's, where the engagement asks its client.
    async fn overage_ask(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The question.")] input: OverageAskInput,
    ) -> Option<async_graphql::Result<OverageAskPayload>> {
        let key = input.idempotency_key;
        let command = usecase::overage::Ask {
            engagement_id: input.engagement_id.0,
            minutes: input.minutes,
            reason: input.reason,
        };
        let done = usecase::retry(call(ctx), command, move |call, command| async move {
            Box::pin(usecase::overage::ask(&call, command, key)).await
        });
        answer(done.await.map(|(engagement, period)| OverageAskPayload {
            period: Some(Period::of(engagement.client_id, period)),
            engagement: Some(engagement.into()),
            errors: Vec::new(),
        }))
    }

    /// Carries the overage that a period ended with into the running one, or writes it off.
    async fn overage_settle(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: OverageSettleInput,
    ) -> Option<async_graphql::Result<OverageSettlePayload>> {
        let key = input.idempotency_key;
        let command = usecase::overage::Settle {
            engagement_id: input.engagement_id.0,
            period: input.period,
            decision: input.decision,
            note: input.note,
        };
        let done = usecase::retry(call(ctx), command, move |call, command| async move {
            Box::pin(usecase::overage::settle(&call, command, key)).await
        });
        let done = done.await;
        let hour_balance = balance(ctx, done.as_ref().ok().map(|(engagement, _)| engagement.id)).await;
        answer(done.map(|(engagement, period)| OverageSettlePayload {
            hour_balance,
            period: Some(Period::of(engagement.client_id, period)),
            engagement: Some(engagement.into()),
            errors: Vec::new(),
        }))
    }
}

/// The balance of an engagement that was just written to; none is no fault of what was written.
async fn balance(ctx: &Context<'_>, engagement: Option<EngagementId>) -> Option<HourBalance> {
    let read = Box::pin(usecase::hour_balance::find(call(ctx), engagement?)).await;
    read.ok().flatten().map(HourBalance::from)
}

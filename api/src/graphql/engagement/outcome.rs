//! The outcomes of what is done to an engagement itself.

use entity::engagement;

use super::super::error::{answer, payload};
use super::Engagement;
use crate::error::Result;

macro_rules! outcomes {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        payload! {
            $(#[$doc])*
            $name {
                /// The engagement as it is now, also where a change met a conflict.
                engagement: Engagement,
            }
        }

        impl From<engagement::Model> for $name {
            fn from(row: engagement::Model) -> Self {
                Self { engagement: Some(row.into()), errors: Vec::new() }
            }
        }
    )+};
}

outcomes! {
    /// The outcome of writing an offer.
    EngagementCreatePayload,
    /// The outcome of changing an offer.
    EngagementUpdatePayload,
    /// The outcome of setting an engagement's plan.
    EngagementPlanSetPayload,
    /// The outcome of setting what becomes of overage.
    OveragePolicySetPayload,
    /// The outcome of setting whether periods are granted unpaid.
    GrantUnpaidSetPayload,
    /// The outcome of starting an engagement.
    EngagementStartPayload,
    /// The outcome of cancelling an engagement.
    EngagementCancelPayload,
    /// The outcome of changing an engagement's tariff.
    EngagementTariffChangePayload,
}

/// The answer with the engagement in it.
pub fn outcome<P>(done: Result<engagement::Model>) -> Option<async_graphql::Result<P>>
where
    P: super::super::error::Payload + From<engagement::Model>,
{
    answer(done.map(P::from))
}

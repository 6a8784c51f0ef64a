//! Typed identifiers: a `ClientId` in a signature is a proof of what it names.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "orm", derive(sea_orm::DeriveValueType))]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new identifier; later ones sort behind earlier ones, which keeps indexes dense.
            #[allow(clippy::new_without_default, reason = "an identifier has no default value")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        #[cfg(feature = "orm")]
        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )+};
}

ids! {
    /// What a user was told.
    NotificationId,
    /// A company served.
    ClientId,
    /// A person who signs in.
    UserId,
    /// One sign-in of a user: the family of its refresh tokens.
    SignInId,
    /// One refresh token of a sign-in.
    RefreshTokenId,
    /// An invitation or password reset sent to a user.
    InvitationId,
    /// A partner's API key.
    ApiKeyId,
    /// How a client came to support.
    WayInId,
    /// A person's place in a client's team.
    TeamMemberId,
    /// A member's minutes a month held for an engagement.
    ReservationId,
    /// A service offered.
    ServiceId,
    /// A tariff of a service.
    TariffId,
    /// One version of a tariff's terms.
    TariffRevisionId,
    /// One client buying one tariff.
    EngagementId,
    /// One month of an engagement.
    PeriodId,
    /// A recorded payment.
    PaymentId,
    /// One movement of minutes.
    LedgerEntryId,
    /// A plan of work.
    PlanId,
    /// A goal of a plan.
    GoalId,
    /// A part of a plan.
    BlockId,
    /// A part of a block, or of a client's inbox.
    TaskId,
    /// An approval or a return.
    SignOffId,
    /// A comment.
    CommentId,
    /// Who did what for how long.
    TimeEntryId,
    /// A week's report to a client.
    WeeklyReportId,
    /// What a client's person answered to a report.
    ReportAnswerId,
    /// A running timer.
    TimerId,
    /// A client's question about a time entry.
    TimeEntryQuestionId,
    /// A call or visit.
    MeetingId,
    /// A point of an agenda.
    MeetingItemId,
    /// A figure of a client's satisfaction.
    SatisfactionId,
    /// A client's satisfaction as it stands.
    ClientSatisfactionId,
    /// What a client's people read or watch.
    InstructionId,
    /// A lesson.
    TrainingId,
    /// A person of a training.
    TrainingPersonId,
    /// A row of the audit log.
    AuditId,
    /// A mail on its way.
    MailId,
}

impl PeriodId {
    /// The id of an engagement's period by its number: known before the period is written, so that a month that has
    /// begun has its id from its first second on (B-4).
    pub fn nth(engagement: EngagementId, number: i32) -> Self {
        let mut bytes = engagement.0.into_bytes();
        // A custom UUID (version 8): the engagement's bits with the number added into the last four bytes.
        bytes[6] = (bytes[6] & 0x0f) | 0x80;
        let tail = u32::from_be_bytes([bytes[12], bytes[13], bytes[14], bytes[15]])
            .wrapping_add(number.cast_unsigned());
        bytes[12..].copy_from_slice(&tail.to_be_bytes());
        Self(Uuid::from_bytes(bytes))
    }
}

impl MailId {
    /// The id of a mail that must be sent once however often it is posted: made of a hash over what it is for (T66).
    pub fn hashed(hash: [u8; 16]) -> Self {
        Self(uuid::Builder::from_custom_bytes(hash).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// B-4: the periods of an engagement have ids of their own, the same each time.
    #[test]
    fn periods_have_their_ids_before_they_are_written() {
        let engagement = EngagementId::new();
        let ids: BTreeSet<_> = (1..500).map(|number| PeriodId::nth(engagement, number)).collect();
        assert_eq!(ids.len(), 499);
        assert_eq!(PeriodId::nth(engagement, 7), PeriodId::nth(engagement, 7));
        assert!(!ids.contains(&PeriodId(engagement.0)));
    }
}

//! Global ids: opaque, typed, URL-safe. A tag for the type and the row's id, in base64.

use std::borrow::Cow;

use async_graphql::registry::Registry;
use async_graphql::{ID, InputType, InputValueError, InputValueResult, Value};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::{
    ApiKeyId, AuditId, BlockId, ClientId, CommentId, EngagementId, GoalId, LedgerEntryId, MailId, NotificationId,
    PaymentId, PeriodId, PlanId, ReportAnswerId, ReservationId, ServiceId, SignOffId, TariffId,
    TariffRevisionId, TaskId, TeamMemberId, TimeEntryId, UserId, WayInId, WeeklyReportId,
};
use uuid::Uuid;

use super::error;

macro_rules! kinds {
    ($($tag:literal $kind:ident $id:ident),+ $(,)?) => {
        /// The types that a global id can name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind { $($kind),+ }

        impl Kind {
            fn tag(self) -> u8 {
                match self { $(Self::$kind => $tag),+ }
            }

            fn from_tag(tag: u8) -> Option<Self> {
                Some(match tag { $($tag => Self::$kind,)+ _ => return None })
            }

            /// The type of that name.
            pub fn named(name: &str) -> Option<Self> {
                Some(match name { $(stringify!($kind) => Self::$kind,)+ _ => return None })
            }
        }

        $(impl Identified for $id {
            const KIND: Kind = Kind::$kind;
        })+
    };
}

/// An id of ours that the schema shows.
pub trait Identified: From<Uuid> + Into<Uuid> + Copy + Send + Sync {
    /// The type that it names.
    const KIND: Kind;

    /// The global id.
    fn global(self) -> ID {
        encode(Self::KIND, self.into())
    }
}

kinds! {
    1 Client ClientId,
    2 User UserId,
    3 TeamMember TeamMemberId,
    4 Service ServiceId,
    5 Tariff TariffId,
    6 Engagement EngagementId,
    7 Period PeriodId,
    8 Payment PaymentId,
    9 Reservation ReservationId,
    10 Plan PlanId,
    11 Goal GoalId,
    12 Block BlockId,
    13 Task TaskId,
    14 SignOff SignOffId,
    15 Comment CommentId,
    16 TimeEntry TimeEntryId,
    17 LedgerEntry LedgerEntryId,
    18 ApiKey ApiKeyId,
    19 WayIn WayInId,
    20 AuditEntry AuditId,
    21 TariffRevision TariffRevisionId,
    22 Notification NotificationId,
    23 Mail MailId,
    33 WeeklyReport WeeklyReportId,
    34 ReportAnswer ReportAnswerId,
}

/// Tag of a balance: its id is the engagement's own under another type, so that caches keep the two apart.
const BALANCE: u8 = 64;

/// The global id of a row.
pub fn encode(kind: Kind, id: Uuid) -> ID {
    pack(kind.tag(), id)
}

fn pack(tag: u8, id: Uuid) -> ID {
    let mut bytes = [0; 17];
    bytes[0] = tag;
    bytes[1..].copy_from_slice(id.as_bytes());
    ID(URL_SAFE_NO_PAD.encode(bytes))
}

/// The global id of an engagement's balance.
pub fn balance(engagement: EngagementId) -> ID {
    pack(BALANCE, engagement.0)
}

/// What a global id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    Row(Kind, Uuid),
    Balance(EngagementId),
}

/// Reads a global id of any type.
pub fn decode(id: &str) -> Option<Named> {
    let bytes = URL_SAFE_NO_PAD.decode(id).ok()?;
    let (tag, rest) = bytes.split_first()?;
    let uuid = Uuid::from_slice(rest).ok()?;
    if *tag == BALANCE {
        return Some(Named::Balance(EngagementId(uuid)));
    }
    Kind::from_tag(*tag).map(|kind| Named::Row(kind, uuid))
}

/// An `ID` argument that must name a certain type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gid<T>(pub T);

impl<T: serde::Serialize> serde::Serialize for Gid<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T: Identified> InputType for Gid<T> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        <ID as InputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let bad = || {
            InputValueError::custom(format!("This is no id of a {:?}.", T::KIND))
                .with_extension("code", error::BAD_USER_INPUT)
        };
        let Some(Value::String(text)) = value else {
            return Err(bad());
        };
        match decode(&text) {
            Some(Named::Row(kind, id)) if kind == T::KIND => Ok(Self(T::from(id))),
            _ => Err(bad()),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.global().0)
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_global_id_names_one_type() {
        let client = ClientId::new();
        let id = client.global();
        assert_eq!(decode(&id), Some(Named::Row(Kind::Client, client.0)));
        assert!(id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
        assert!(<Gid<ClientId> as InputType>::parse(Some(Value::String(id.0.clone()))).is_ok());
        assert!(<Gid<UserId> as InputType>::parse(Some(Value::String(id.0))).is_err());
        assert_eq!(decode("nonsense"), None);
    }
}

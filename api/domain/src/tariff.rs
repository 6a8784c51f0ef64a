//! Services and tariffs: what can be bought, as data.
//!
//! What sets one service apart from another is written in its rows, not in branches of the code:
//! how a period is granted, what becomes of unused minutes, what must hold before a start. A
//! tariff's terms are kept as revisions, and an engagement keeps the one that it was bought on
//! (E-1); a change of tariff takes effect with the next period (E-5).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::calendar::Calendar;
use crate::period::Span;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// Whose minutes draw on the balance of a service's engagements.
    DrawScope {
        /// Everyone's, developers and on-site included.
        Everyone,
        /// The implementation specialist's alone.
        ImplementationSpecialist,
    }
    /// What becomes of minutes unused at a period's end.
    UnusedMinutes {
        /// They expire.
        Expire,
        /// They are kept until the engagement ends.
        Keep,
    }
    /// How many minutes a period of a tariff is granted.
    GrantRule {
        /// The tariff's minutes, every month.
        Monthly,
        /// The tariff's minutes for each working day of the period.
        WorkingDay,
        /// The engagement's own minutes, once.
        Once,
    }
    /// What must hold before an engagement of a service starts.
    StartCondition {
        /// A completed implementation, or an audit with findings, on record.
        WayIn,
        /// A development plan with goals and an overall estimate, not completed.
        DevelopmentPlan,
        /// The link of the shared chat on record.
        ChatLink,
        /// A client owner invited, so that the cabinet is open.
        ClientOwner,
        /// At least three different people: project manager, support specialist, account manager.
        SupportTeam,
        /// An implementation specialist and a reviewer who are not the same person.
        ImplementationTeam,
        /// A project manager on the team.
        ProjectManager,
        /// Reservations that sum to the tariff's minutes, within each member's capacity.
        Reservations,
        /// The specialist carries fewer projects than the service's limit.
        SpecialistLoad,
        /// The first period's payment on record.
        FirstPayment,
    }
}

/// The minutes that a period is granted as its own (E-4). `tariff_minutes` are the terms' figure
/// (a month's, or a working day's), `own_minutes` the engagement's own; a missing one counts as 0.
/// Working days are those of the whole period, paid at once or not.
pub fn own_grant_minutes(
    rule: GrantRule,
    tariff_minutes: Option<i32>,
    own_minutes: Option<i32>,
    span: &Span,
    calendar: &Calendar,
) -> i32 {
    let minutes = match rule {
        GrantRule::Monthly => tariff_minutes.unwrap_or(0),
        GrantRule::WorkingDay => {
            let days = calendar.working_days(span.starts_on, span.ends_on);
            tariff_minutes.unwrap_or(0).saturating_mul(days)
        }
        GrantRule::Once if span.number == 1 => own_minutes.unwrap_or(0),
        GrantRule::Once => 0,
    };
    minutes.max(0)
}

/// The start conditions of a service, as its row keeps them: names joined by commas (E-2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StartConditions(pub Vec<StartCondition>);

/// A name that is no start condition.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no start condition")]
pub struct UnknownStartCondition(pub String);

impl StartCondition {
    /// The name in columns and schema.
    pub fn name(self) -> &'static str {
        match self {
            Self::WayIn => "WAY_IN",
            Self::DevelopmentPlan => "DEVELOPMENT_PLAN",
            Self::ChatLink => "CHAT_LINK",
            Self::ClientOwner => "CLIENT_OWNER",
            Self::SupportTeam => "SUPPORT_TEAM",
            Self::ImplementationTeam => "IMPLEMENTATION_TEAM",
            Self::ProjectManager => "PROJECT_MANAGER",
            Self::Reservations => "RESERVATIONS",
            Self::SpecialistLoad => "SPECIALIST_LOAD",
            Self::FirstPayment => "FIRST_PAYMENT",
        }
    }
}

impl FromStr for StartConditions {
    type Err = UnknownStartCondition;

    /// Reads the column; an empty one means no conditions.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let find = |name: &str| {
            let known = StartCondition::ALL.iter().copied().find(|condition| condition.name() == name);
            known.ok_or_else(|| UnknownStartCondition(name.to_owned()))
        };
        names.map(find).collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Display for StartConditions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|condition| condition.name()).collect();
        f.write_str(&names.join(","))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, StrDeserializer};

    use super::*;
    use crate::period::span;

    /// E-4: each rule of granting, for the first and a later period.
    #[test]
    fn e4_own_minutes_of_a_period() {
        let start = "2026-02-01".parse().expect("a date");
        let holiday = "2026-02-23".parse().expect("a date");
        let calendar = Calendar { days: [(holiday, false)].into() };
        for (rule, tariff, own, number, expected) in [
            (GrantRule::Monthly, Some(1200), None, 1, 1200),
            (GrantRule::Monthly, Some(1500), Some(7), 5, 1500),
            (GrantRule::Monthly, None, None, 1, 0),
            // February 2026 has 20 weekdays, one of them a holiday; March has 22.
            (GrantRule::WorkingDay, Some(60), None, 1, 19 * 60),
            (GrantRule::WorkingDay, Some(60), None, 2, 22 * 60),
            (GrantRule::Once, None, Some(600), 1, 600),
            (GrantRule::Once, None, Some(600), 2, 0),
            // T16: no figure wraps or turns negative.
            (GrantRule::WorkingDay, Some(i32::MAX), None, 1, i32::MAX),
            (GrantRule::Monthly, Some(i32::MIN), None, 1, 0),
        ] {
            let found = own_grant_minutes(rule, tariff, own, &span(start, number), &calendar);
            assert_eq!(found, expected, "{rule:?} {number}");
        }
    }

    /// E-2: names in the column are those of the schema, and all of them are read back.
    #[test]
    fn e2_start_conditions_of_a_service() {
        for condition in StartCondition::ALL {
            let name: StrDeserializer<'_, Error> = condition.name().into_deserializer();
            assert_eq!(StartCondition::deserialize(name), Ok(*condition));
        }
        assert_eq!("".parse(), Ok(StartConditions::default()));
        let two = StartConditions(vec![StartCondition::WayIn, StartCondition::FirstPayment]);
        assert_eq!("WAY_IN, FIRST_PAYMENT".parse(), Ok(two.clone()));
        assert_eq!(two.to_string(), "WAY_IN,FIRST_PAYMENT");
        let unknown: Result<StartConditions, _> = "WAY_IN,LUCK".parse();
        assert_eq!(unknown, Err(UnknownStartCondition("LUCK".to_owned())));
    }

    proptest! {
        /// E-2: what is written is what is read.
        #[test]
        fn e2_start_conditions_round_trip(chosen in prop::collection::vec(0..StartCondition::ALL.len(), 0..8)) {
            let conditions = StartConditions(chosen.into_iter().map(|i| StartCondition::ALL[i]).collect());
            prop_assert_eq!(conditions.to_string().parse(), Ok(conditions));
        }
    }
}

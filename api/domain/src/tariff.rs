//! Services and tariffs: what can be bought, as data.

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

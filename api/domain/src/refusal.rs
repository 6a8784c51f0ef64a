//! Why a change is refused, in words that a person can act on.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What was wrong with a change, for a person or a program to act on.
    ErrorCode {
        /// There is nothing of that id, or nothing that the caller may see.
        NotFound,
        /// A value is missing, too long, or of no meaning here.
        Invalid,
        /// Something of that name, address or reference exists already.
        Taken,
        /// The object was changed by someone else; the payload holds its present state.
        Conflict,
        /// The idempotency key was used for another input.
        IdempotencyKeyReused,
        /// The object's status does not allow it.
        WrongStatus,
        /// A comment or reason is required.
        ReasonRequired,
        /// E-mail or password is wrong, or the user cannot sign in.
        SignInFailed,
        /// Too many attempts; try again later.
        TooManyAttempts,
        /// The link or token is unknown, used or expired.
        LinkExpired,
        /// The password is too short, too long or too common.
        WeakPassword,
        /// The last administrator cannot be removed.
        LastAdministrator,
        /// The balance is exhausted and the engagement refuses overage.
        BalanceExhausted,
        /// The client owner has to approve extra minutes first.
        ApprovalNeeded,
        /// The day lies in the future.
        FutureDay,
        /// A person has at most 24 hours a day.
        DayFull,
        /// The day lies in a period that is closed for the caller.
        PeriodClosed,
        /// A timer of the person runs already; it is in the payload.
        TimerRunning,
        /// The engagement does not serve that day.
        NotServed,
        /// The position is required and would be left empty.
        PositionRequired,
        /// The person's role does not fit the position.
        RoleMismatch,
        /// The reservations do not sum to the tariff's minutes.
        ReservationsMismatch,
        /// The person's monthly capacity would be exceeded.
        CapacityExceeded,
        /// The tariff is withdrawn.
        TariffWithdrawn,
        /// The period has been paid for already.
        AlreadyPaid,
        /// The start lies before the day of the first payment.
        StartBeforePayment,
        /// No implementation or audit on record.
        WayInMissing,
        /// No development plan with goals and an overall estimate.
        PlanMissing,
        /// The shared chat's link is not on record.
        ChatLinkMissing,
        /// No client owner is invited.
        ClientOwnerMissing,
        /// The team lacks a required position or is of fewer than three people.
        TeamIncomplete,
        /// The specialist carries as many projects as the service allows.
        SpecialistOverloaded,
        /// The first period's payment is not on record.
        PaymentMissing,
        /// This service cannot be started in this version; its engagements stay drafts.
        ServiceNotOffered,
    }
}

//! The table itself: for each action, how far each caller reaches.
//!
//! `REVIEWER` is a place on a client's team and not a role: what stands there is added to what the role gives.

use super::Reach::{self, All, Brought, Company, Granted, Own, Team};

const NO: Reach = Reach::None;

/// The columns of the table, in order.
pub const CALLERS: [&str; 12] = [
    "ANONYMOUS",
    "SYSTEM",
    "ADMINISTRATOR",
    "PROJECT_MANAGER",
    "ACCOUNT_MANAGER",
    "SPECIALIST",
    "SALES",
    "QUALITY_MANAGER",
    "CLIENT_OWNER",
    "CLIENT_MEMBER",
    "PARTNER",
    "REVIEWER",
];

macro_rules! table {
    (reads { $($read:ident: $($r:ident)+;)+ } writes { $($write:ident: $($w:ident)+;)+ }) => {
        /// Everything that can be asked of the system.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $($read,)+ $($write,)+ }

        impl Action {
            /// Every action, in the table's order.
            pub const ALL: &'static [Self] = &[$(Self::$read,)+ $(Self::$write,)+];

            /// Whether the action changes nothing.
            pub fn is_read(self) -> bool {
                matches!(self, $(Self::$read)|+)
            }

            /// The action's name, as the audit log keeps it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$read => stringify!($read),)+ $(Self::$write => stringify!($write),)+ }
            }
        }

        /// The policy.
        pub const TABLE: &[(Action, [Reach; 12])] = &[
            $((Action::$read, [$($r),+]),)+
            $((Action::$write, [$($w),+]),)+
        ];
    };
}

#[rustfmt::skip]
table! {
    reads {
        //                   anon sys adm  pm   am   spec sale    qm   owner   member  partner reviewer
        ViewerRead:          NO   All All  All  All  All  All     All  All     All     All     NO;
        CatalogueRead:       NO   All All  All  All  All  All     All  All     All     All     NO;
        CalendarRead:        NO   All All  All  All  All  All     All  All     All     NO      NO;
        ClientRead:          NO   All All  Team Team Team Brought All  Company Company Granted Team;
        ClientProfileRead:   NO   All All  Team Team Team Brought All  Company Company NO      Team;
        WayInRead:           NO   All All  Team Team Team Brought All  Company Company NO      Team;
        StaffRead:           NO   All All  All  All  All  All     All  Company Company NO      NO;
        StaffContactRead:    NO   All All  All  All  All  All     All  NO      NO      NO      NO;
        MemberRead:          NO   All All  Team Team Team Brought All  Company Company NO      NO;
        MemberContactRead:   NO   All All  Team Team Team Brought All  Company Own     NO      NO;
        TeamRead:            NO   All All  Team Team Team Brought All  Company Company NO      Team;
        CapacityRead:        NO   All All  All  NO   Own  NO      NO   NO      NO      NO      NO;
        ReservationRead:     NO   All All  Team Team NO   NO      NO   NO      NO      NO      NO;
        EngagementRead:      NO   All All  Team Team Team Brought All  Company Company Granted Team;
        PriceRead:           NO   All All  Team Team NO   Brought NO   Company NO      NO      NO;
        SaleNoteRead:        NO   All All  Team Team Team Brought All  NO      NO      NO      Team;
        BalanceRead:         NO   All All  Team Team Team Brought All  Company Company Granted Team;
        MovementRead:        NO   All All  Team Team Team NO      All  Company Company NO      Team;
        PlanRead:            NO   All All  Team Team Team Brought All  Company Company Granted Team;
        TaskRead:            NO   All All  Team Team Team Brought All  Company Company Granted Team;
        CommentRead:         NO   All All  Team Team Team Brought All  Company Company NO      Team;
        InternalNoteRead:    NO   All All  Team Team Team Brought All  NO      NO      NO      Team;
        TimeEntryRead:       NO   All All  Team Team Team Brought All  Company Company NO      Team;
        TimeNoteRead:        NO   All All  Team Team Team NO      All  Company Company NO      Team;
        ReportRead:          NO   All All  Team Team Team NO      All  Company Company NO      Team;
        ApiKeyRead:          NO   All All  NO   NO   NO   NO      NO   NO      NO      NO      NO;
        NotificationRead:    NO   All Own  Own  Own  Own  Own     Own  Own     Own     NO      NO;
        OperationRead:       NO   All All  NO   NO   NO   NO      NO   NO      NO      NO      NO;
        AuditRead:           NO   All All  NO   NO   NO   NO      NO   NO      NO      NO      NO;
    }
    writes {
        //                   anon sys adm  pm   am   spec sale    qm   owner   member  partner reviewer
        SignIn:              All  All All  All  All  All  All     All  All     All     All     NO;
        SignOut:             NO   NO  Own  Own  Own  Own  Own     Own  Own     Own     NO      NO;
        PasswordChange:      NO   NO  Own  Own  Own  Own  Own     Own  Own     Own     NO      NO;
        ProfileUpdate:       NO   NO  Own  Own  Own  Own  Own     Own  Own     Own     NO      NO;
        StaffInvite:         NO   All All  NO   NO   NO   NO      NO   NO      NO      NO      NO;
        MemberInvite:        NO   All All  NO   NO   NO   NO      NO   Company NO      NO      NO;
        OwnerInvite:         NO   All All  NO   NO   NO   NO      NO   NO      NO      NO      NO;
        UserUpdate:          NO   NO  All  NO   NO   NO   NO      NO   NO      NO      NO      NO;
        UserDisable:         NO   NO  All  NO   NO   NO   NO      NO   NO      NO      NO      NO;
        MemberDisable:       NO   NO  All  NO   NO   NO   NO      NO   Company NO      NO      NO;
        ViewAs:              NO   NO  All  Team NO   NO   NO      NO   NO      NO      NO      NO;
        ApiKeyManage:        NO   NO  All  NO   NO   NO   NO      NO   NO      NO      NO      NO;
        CalendarManage:      NO   NO  All  NO   NO   NO   NO      NO   NO      NO      NO      NO;
        CatalogueManage:     NO   NO  All  NO   NO   NO   NO      NO   NO      NO      NO      NO;
        ClientCreate:        NO   NO  All  NO   NO   NO   All     NO   NO      NO      NO      NO;
        ClientUpdate:        NO   NO  All  Team Team NO   Brought NO   NO      NO      NO      NO;
        WayInRecord:         NO   NO  All  NO   NO   NO   NO      NO   NO      NO      NO      NO;
        TeamManage:          NO   NO  All  NO   NO   NO   NO      NO   NO      NO      NO      NO;
        TeamExtend:          NO   NO  All  Team NO   NO   NO      NO   NO      NO      NO      NO;
        ReservationManage:   NO   NO  All  Team Team NO   NO      NO   NO      NO      NO      NO;
        CapacityOverride:    NO   NO  All  NO   NO   NO   NO      NO   NO      NO      NO      NO;
        EngagementDraft:     NO   NO  All  NO   Team NO   Brought NO   NO      NO      NO      NO;
        EngagementManage:    NO   NO  All  NO   Team NO   NO      NO   NO      NO      NO      NO;
        PaymentRecord:       NO   NO  All  NO   Team NO   NO      NO   NO      NO      NO      NO;
        HoursTopUp:          NO   NO  All  NO   Team NO   NO      NO   NO      NO      NO      NO;
        OverageApprove:      NO   NO  NO   NO   NO   NO   NO      NO   Company NO      NO      NO;
        PeriodRoll:          NO   All All  NO   NO   NO   NO      NO   NO      NO      NO      NO;
        PlanManage:          NO   NO  All  Team NO   NO   NO      NO   NO      NO      NO      NO;
        PlanSignOff:         NO   NO  NO   NO   NO   NO   NO      NO   Company NO      NO      NO;
        BlockSignOff:        NO   NO  NO   NO   NO   NO   NO      NO   Company NO      NO      NO;
        WorkOrder:           NO   NO  All  Team NO   NO   NO      NO   Company NO      NO      NO;
        TaskRequest:         NO   NO  All  Team NO   NO   NO      NO   Company Company NO      NO;
        TaskManage:          NO   NO  All  Team NO   NO   NO      NO   NO      NO      NO      NO;
        TaskWork:            NO   NO  All  Team NO   Own  NO      NO   NO      NO      NO      NO;
        TaskSteer:           NO   NO  All  Team NO   NO   NO      NO   Company NO      NO      NO;
        TaskSignOff:         NO   NO  NO   NO   NO   NO   NO      NO   Company NO      NO      NO;
        TaskAcceptInMeeting: NO   NO  All  Team NO   NO   NO      NO   NO      NO      NO      NO;
        CommentCreate:       NO   NO  All  Team Team Team Brought All  Company Company NO      Team;
        InternalNoteCreate:  NO   NO  All  Team Team Team Brought All  NO      NO      NO      Team;
        TimeEntryCreate:     NO   NO  All  Own  Own  Own  NO      NO   NO      NO      NO      NO;
        TimeEntryCorrect:    NO   NO  All  Team Own  Own  NO      NO   NO      NO      NO      NO;
        ClosedTimeCorrect:   NO   NO  All  NO   NO   NO   NO      NO   NO      NO      NO      NO;
        NotificationMark:    NO   NO  Own  Own  Own  Own  Own     Own  Own     Own     NO      NO;
        OverageAsk:          NO   NO  All  Team Team Team NO      NO   NO      NO      NO      NO;
        OverageSettle:       NO   NO  All  NO   Team NO   NO      NO   NO      NO      NO      NO;
        MailRetry:           NO   NO  All  NO   NO   NO   NO      NO   NO      NO      NO      NO;
        Remind:              NO   All NO   NO   NO   NO   NO      NO   NO      NO      NO      NO;
        ReportAnswer:        NO   NO  NO   NO   NO   NO   NO      NO   Company NO      NO      NO;
        ReportFreeze:        NO   All NO   NO   NO   NO   NO      NO   NO      NO      NO      NO;
        MailSend:            NO   All NO   NO   NO   NO   NO      NO   NO      NO      NO      NO;
        Sweep:               NO   All NO   NO   NO   NO   NO      NO   NO      NO      NO      NO;
    }
}

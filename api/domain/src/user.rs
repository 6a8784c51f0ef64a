//! People who sign in.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What a user may do.
    Role {
        /// Runs the installation: staff, teams, tariffs, services, closed periods, keys, overrides.
        Administrator,
        /// Leads the work for the clients of their teams.
        ProjectManager,
        /// Looks after engagements, payments and reports of the clients of their teams.
        AccountManager,
        /// Works for the clients of their teams; sees no prices.
        Specialist,
        /// Brings clients in and writes the offers.
        Sales,
        /// Watches quality over all clients; sees no prices.
        QualityManager,
        /// Owns a client's side: signs off, orders and steers work.
        ClientOwner,
        /// A client's employee: asks for tasks, comments.
        ClientMember,
    }
    /// Whether a user can sign in.
    UserStatus {
        /// Invited, has not set a password yet.
        Invited,
        /// Can sign in.
        Active,
        /// Shut out.
        Disabled,
    }
    /// What a link sent to a user is for.
    InvitationKind {
        /// Sets the first password.
        Invitation,
        /// Sets a new password.
        PasswordReset,
    }
}

impl Role {
    /// Whether the role belongs to a contact of a client rather than to the provider's staff.
    pub fn is_client(self) -> bool {
        matches!(self, Self::ClientOwner | Self::ClientMember)
    }
}

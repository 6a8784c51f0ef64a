//! Teams: the people fixed to one client.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// A person's place in a client's team.
    Position {
        /// Leads the client's work; needs the role of that name.
        ProjectManager,
        /// Looks after terms, payments and the relation; needs the role of that name.
        AccountManager,
        /// Answers and sets up day by day in support.
        SupportSpecialist,
        /// Runs an implementation.
        ImplementationSpecialist,
        /// Signs the implementation document and the terms for the provider.
        Reviewer,
        /// Helps the project manager.
        Assistant,
        /// Configures the CRM.
        Configurator,
        /// Writes custom code.
        Developer,
    }
}

//! Time as people log it.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// The kind of work that time went into.
    Activity {
        /// Answering in the shared chat.
        ChatSupport,
        /// Stating tasks for others.
        TaskSetting,
        /// Analysis of information and processes.
        Analysis,
        /// Calls and meetings.
        Meeting,
        /// Consulting colleagues or the client.
        Consultation,
        /// Configuring the CRM.
        Configuration,
        /// Loading data.
        DataImport,
        /// Connecting other systems.
        Integration,
        /// Writing custom code.
        Development,
        /// Testing.
        Testing,
        /// Writing documents and instructions.
        Documentation,
        /// Teaching.
        Training,
        /// Demonstrating what was done.
        Demonstration,
        /// Reporting on time and results.
        Reporting,
        /// Work at the client's place.
        OnSite,
    }
}

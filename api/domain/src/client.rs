//! Clients: what is known of a company served and how it came to us.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// The CRM that a client works in.
    CrmKind {
        /// Bitrix24.
        Bitrix24,
        /// OneBox.
        Onebox,
        /// Any other CRM.
        Other,
    }
    /// Who set the client's CRM up.
    SetUpBy {
        /// The provider itself.
        Provider,
        /// Another integrator, or the client.
        Other,
    }
    /// The language in which a person or a client is written to.
    Locale {
        /// Russian.
        Ru,
        /// English.
        En,
    }
    /// The two ways in to support.
    WayInKind {
        /// An implementation that the provider completed.
        Implementation,
        /// An audit completed with its findings.
        Audit,
    }
}

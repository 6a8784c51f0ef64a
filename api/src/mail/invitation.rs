//! The invitation: a link that sets the first password.

use domain::client::Locale;
use serde::{Deserialize, Serialize};

use super::{Words, fill};

/// Invites a person to set their first password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub name: String,
    /// Works once, for a day; its secret stands in the fragment, which browsers send to no server (T24).
    pub link: String,
}

impl Invitation {
    pub(super) fn write(&self, locale: Locale) -> Words {
        let template = match locale {
            Locale::Ru => include_str!("template/invitation.ru.txt"),
            Locale::En => include_str!("template/invitation.en.txt"),
        };
        fill(template, &[("name", &self.name), ("link", &self.link)])
    }
}

//! The password reset: a link that sets a new password.

use domain::client::Locale;
use serde::{Deserialize, Serialize};

use super::{Words, fill};

/// Lets a person who forgot their password set another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordReset {
    pub name: String,
    /// Works once, for an hour; its secret stands in the fragment, which browsers send to no server (T24).
    pub link: String,
}

impl PasswordReset {
    pub(super) fn write(&self, locale: Locale) -> Words {
        let template = match locale {
            Locale::Ru => include_str!("template/password_reset.ru.txt"),
            Locale::En => include_str!("template/password_reset.en.txt"),
        };
        fill(template, &[("name", &self.name), ("link", &self.link)])
    }
}

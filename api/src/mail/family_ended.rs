//! The warning that a sign-in was ended because one of its spent tokens came back (T28).

use domain::client::Locale;
use serde::{Deserialize, Serialize};

use super::{Words, fill};

/// Tells a person that one of their sign-ins was ended for their safety.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FamilyEnded {
    pub name: String,
    /// Where a new password can be asked for.
    pub link: String,
}

impl FamilyEnded {
    pub(super) fn write(&self, locale: Locale) -> Words {
        let template = match locale {
            Locale::Ru => include_str!("template/family_ended.ru.txt"),
            Locale::En => include_str!("template/family_ended.en.txt"),
        };
        fill(template, &[("name", &self.name), ("link", &self.link)])
    }
}

//! A notification, by mail.

use domain::client::Locale;
use domain::notification::Content;
use serde::{Deserialize, Serialize};

use super::{Words, fill};

/// Tells a person what they are also told in the application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub name: String,
    pub content: Content,
    /// Where the application is.
    pub link: String,
}

impl Told {
    pub(super) fn write(&self, locale: Locale) -> Words {
        let template = match locale {
            Locale::Ru => include_str!("template/told.ru.txt"),
            Locale::En => include_str!("template/told.en.txt"),
        };
        let words = self.content.words(locale);
        fill(
            template,
            &[("name", &self.name), ("title", &words.title), ("text", &words.text), ("link", &self.link)],
        )
    }
}

//! The weekly report by mail: a page for people, the same as text, and links to its files.
//!
//! The words come from the report itself (`crate::report`), so that the mail, the page and the files say the same.

use domain::client::Locale;
use domain::report::Report;
use serde::{Deserialize, Serialize};

use super::Words;
use crate::report::{Links, page, subject, text};

/// Tells a client what was done in a week and where the hours stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeeklyReport {
    pub report: Report,
    /// They work for a week.
    pub links: Links,
}

impl WeeklyReport {
    pub(super) fn write(&self, locale: Locale) -> Words {
        Words {
            subject: subject(&self.report, locale),
            text: text(&self.report, Some(&self.links), locale),
            html: Some(page(&self.report, Some(&self.links), locale)),
        }
    }
}

//! Mails: what is written to whom, and how it leaves.
//!
//! A [`Letter`] is the content; it travels sealed in a row of the `mail` table until it is sent. Each letter has a file
//! of its own here, and its words per language lie in `template/`, compiled in. A [`Message`] is a letter made ready; a
//! [`Mailer`] hands it to an SMTP server, or writes it into a folder where none is set.

mod family_ended;
mod invitation;
mod message;
mod password_reset;
mod sender;
mod told;
mod weekly_report;

use domain::client::Locale;
use serde::{Deserialize, Serialize};

pub use family_ended::FamilyEnded;
pub use invitation::Invitation;
pub use message::Message;
pub use password_reset::PasswordReset;
pub use sender::{Mailer, NotSent};
pub use told::Told;
pub use weekly_report::WeeklyReport;

/// Whatever can be written to someone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Letter {
    Invitation(Invitation),
    PasswordReset(PasswordReset),
    FamilyEnded(FamilyEnded),
    Told(Told),
    WeeklyReport(Box<WeeklyReport>),
}

impl Letter {
    /// Subject, text and page in a language.
    pub fn write(&self, locale: Locale) -> Words {
        match self {
            Self::Invitation(letter) => letter.write(locale),
            Self::PasswordReset(letter) => letter.write(locale),
            Self::FamilyEnded(letter) => letter.write(locale),
            Self::Told(letter) => letter.write(locale),
            Self::WeeklyReport(letter) => letter.write(locale),
        }
    }
}

/// What a reader reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    pub subject: String,
    pub text: String,
    /// The same for readers of HTML.
    pub html: Option<String>,
}

/// Fills a template: the first line is the subject, the rest the text; `{name}` stands for a value. What a value holds
/// is never taken for a part of the template.
fn fill(template: &str, values: &[(&str, &str)]) -> Words {
    let (subject, text) = template.split_once('\n').unwrap_or((template, ""));
    let put = |text: &str| {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            filled.push_str(before);
            filled.push_str(values.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value));
            rest = behind;
        }
        filled + rest
    };
    Words { subject: put(subject), text: put(text.trim_start()), html: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T67: a value is put in as it is and never read as a template.
    #[test]
    fn values_are_not_templates() {
        let words =
            fill("To {name}\n\nDear {name}, see {link}.", &[("name", "{link} {"), ("link", "https://x")]);
        assert_eq!(words.subject, "To {link} {");
        assert_eq!(words.text, "Dear {link} {, see https://x.");
    }
}

//! A mail as it goes over the wire.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use domain::text::Email;
use lettre::address::AddressError;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use uuid::Uuid;

use super::Words;

/// The longest line of a mail that is not encoded, in bytes.
const LINE: usize = 998;

/// A mail ready to be sent. Sending it twice sends the same: its id is the row's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: Uuid,
    pub to: Email,
    pub words: Words,
    pub date: DateTime<Utc>,
}

impl Message {
    /// The whole mail as RFC 5322 has it, its text not encoded where it is for people's eyes. Characters that would end
    /// a header's line are left out (T67).
    ///
    /// # Errors
    /// An address is none for the library.
    pub fn render(&self, from: &Mailbox, for_eyes: bool) -> Result<lettre::Message, String> {
        let to = self.to.as_str().parse().map_err(|error: AddressError| error.to_string())?;
        let subject: String = self.words.subject.chars().filter(|c| !c.is_control()).collect();
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let mail = lettre::Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .date(SystemTime::from(self.date))
            .message_id(Some(format!("<{}@{}>", self.id, from.email.domain())))
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()));
        let part = |kind: ContentType, text: &str| {
            let is_plain = for_eyes && text.lines().all(|line| line.len() <= LINE) && !text.contains('\0');
            let body = if is_plain {
                let lines: String = text.lines().flat_map(|line| [line, "\r\n"]).collect();
                Body::dangerous_pre_encoded(lines.into_bytes(), ContentTransferEncoding::EightBit)
            } else {
                Body::new(text.to_owned())
            };
            SinglePart::builder().header(kind).body(body)
        };
        let text = part(ContentType::TEXT_PLAIN, &self.words.text);
        let rendered = match &self.words.html {
            None => mail.singlepart(text),
            Some(html) => {
                let html = part(ContentType::TEXT_HTML, html);
                mail.multipart(MultiPart::alternative().singlepart(text).singlepart(html))
            }
        };
        rendered.map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(subject: &str, text: &str, html: Option<&str>) -> String {
        let words =
            Words { subject: subject.to_owned(), text: text.to_owned(), html: html.map(str::to_owned) };
        let to = Email::parse("a@b.co").unwrap();
        let message = Message { id: Uuid::nil(), to, words, date: DateTime::UNIX_EPOCH };
        let mail = message.render(&"Hours <ours@hours.example>".parse().unwrap(), true).unwrap();
        String::from_utf8(mail.formatted()).unwrap()
    }

    /// T67: neither subject nor text can add a header.
    #[test]
    fn no_header_can_be_smuggled_in() {
        let subject = "Hi\r\nBcc: x@y.z\n\u{2028}Привет, это очень длинная тема письма на русском";
        let mail = message(subject, "Line\nBcc: x@y.z\r\n.\r\nEnd", None);
        let (headers, text) = mail.split_once("\r\n\r\n").unwrap();
        let names: Vec<_> = headers
            .split("\r\n")
            .filter(|line| !line.starts_with(' '))
            .map(|line| line.split(':').next().unwrap())
            .collect();
        assert!(!names.contains(&"Bcc") && names.contains(&"Subject"), "{headers}");
        assert!(headers.split("\r\n").all(|line| line.len() <= 78 && line.is_ascii()), "{headers}");
        assert!(headers.contains("Message-ID: <00000000-0000-0000-0000-000000000000@hours.example>"));
        assert!(headers.contains("Auto-Submitted: auto-generated"));
        assert!(text.contains("Bcc: x@y.z"));
    }

    /// a mail with HTML has its text beside it, for readers of either.
    #[test]
    fn html_stands_beside_the_text() {
        let mail = message("Hi", "Plain", Some("<p>Rich</p>"));
        assert!(
            mail.contains("multipart/alternative") && mail.contains("Plain") && mail.contains("<p>Rich</p>")
        );
        assert!(mail.find("text/plain") < mail.find("text/html"));
    }
}

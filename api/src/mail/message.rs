//! A mail as it goes over the wire: headers of ASCII on single lines, and a text that cannot become a header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use domain::text::Email;
use uuid::Uuid;

use super::Words;

/// A mail ready to be sent. Sending it twice sends the same: its id is the row's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: Uuid,
    pub to: Email,
    pub words: Words,
    pub date: DateTime<Utc>,
}

impl Message {
    /// The whole mail as RFC 5322 has it, from an address of ours.
    pub fn render(&self, from: &str) -> String {
        let domain = from.rsplit('@').next().unwrap_or("localhost");
        let headers = [
            ("From", plain(from)),
            ("To", self.to.as_str().to_owned()),
            ("Subject", encoded(&self.words.subject)),
            ("Date", self.date.to_rfc2822()),
            ("Message-ID", format!("<{}@{}>", self.id, plain(domain))),
            ("Auto-Submitted", "auto-generated".to_owned()),
            ("MIME-Version", "1.0".to_owned()),
            ("Content-Type", "text/plain; charset=utf-8".to_owned()),
            ("Content-Transfer-Encoding", "8bit".to_owned()),
        ];
        let mut mail = String::new();
        for (name, value) in headers {
            mail.push_str(&format!("{name}: {value}\r\n"));
        }
        mail.push_str("\r\n");
        for line in self.words.text.lines() {
            mail.push_str(line.trim_end_matches('\r'));
            mail.push_str("\r\n");
        }
        mail
    }
}

/// Printable ASCII alone.
fn plain(value: &str) -> String {
    value.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect()
}

/// A header's text: ASCII as it is, anything else in encoded words of at most 75 characters (RFC 2047). Characters that
/// would end the line are left out (T67).
fn encoded(value: &str) -> String {
    let value: String = value.chars().filter(|c| !c.is_control()).collect();
    if value.is_ascii() && !value.contains("=?") && value.len() <= 70 {
        return value;
    }
    let mut words = vec![String::new()];
    for c in value.chars() {
        let last = words.last().map_or(0, String::len);
        if last + c.len_utf8() > 42 {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    let words: Vec<_> = words.iter().map(|word| format!("=?UTF-8?B?{}?=", STANDARD.encode(word))).collect();
    words.join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T67: neither subject, sender nor text can add a header.
    #[test]
    fn no_header_can_be_smuggled_in() {
        let message = Message {
            id: Uuid::nil(),
            to: Email::parse("a@b.co").unwrap(),
            words: Words {
                subject: "Hi\r\nBcc: x@y.z\n\u{2028}Привет, это очень длинная тема письма на русском"
                    .to_owned(),
                text: "Line\nBcc: x@y.z\r\n.\r\nEnd".to_owned(),
                html: None,
            },
            date: DateTime::UNIX_EPOCH,
        };
        let mail = message.render("ours@hours.example\r\nBcc: x@y.z");
        let (headers, text) = mail.split_once("\r\n\r\n").unwrap();
        let names: Vec<_> = headers
            .split("\r\n")
            .filter(|line| !line.starts_with(' '))
            .map(|line| line.split(':').next().unwrap())
            .collect();
        let expected = [
            "From",
            "To",
            "Subject",
            "Date",
            "Message-ID",
            "Auto-Submitted",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding",
        ];
        assert_eq!(names, expected);
        assert!(headers.split("\r\n").all(|line| line.len() <= 78 && line.is_ascii()), "{headers}");
        assert_eq!(text, "Line\r\nBcc: x@y.z\r\n.\r\nEnd\r\n");
    }
}

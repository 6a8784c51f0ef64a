//! Text as people write it: parsed once at the edge, folded for search.
//!
//! U+0000 is refused everywhere, since PostgreSQL cannot store it. Folding is done here and kept in
//! a column of its own, because the databases disagree about Cyrillic: what is sorted and searched
//! is the folded text, so that both answer alike.

use thiserror::Error;

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("the text is empty")]
    Empty,
    /// More than so many characters.
    #[error("the text is longer than {0} characters")]
    TooLong(usize),
    /// U+0000 stands in it.
    #[error("the text holds a character that cannot be stored")]
    Nul,
    /// Not the address of a mailbox.
    #[error("this is no e-mail address")]
    NoEmail,
}

/// Text for search and order: lower case, ё as е, white space trimmed and joined to one space.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        for letter in word.to_lowercase().chars() {
            match letter {
                'ё' => folded.push('е'),
                // The same letter written as two characters.
                '\u{308}' if folded.ends_with('е') => {}
                other => folded.push(other),
            }
        }
    }
    folded
}

/// A text that is not empty and not too long, trimmed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(String);

impl Text {
    /// Reads a text of at most `max_chars` characters after trimming.
    ///
    /// # Errors
    /// Empty, too long, or with U+0000.
    pub fn parse(value: &str, max_chars: usize) -> Result<Self, TextError> {
        let value = value.trim();
        if value.is_empty() {
            Err(TextError::Empty)
        } else if value.contains('\0') {
            Err(TextError::Nul)
        } else if value.chars().nth(max_chars).is_some() {
            Err(TextError::TooLong(max_chars))
        } else {
            Ok(Self(value.to_owned()))
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0
    }
}

/// The address of a mailbox, as it was written, and its key: lower case, for comparison.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

impl Email {
    /// Reads an address by what mail servers take in practice: printable ASCII, one `@`, a domain
    /// of at least two labels, no quoting, at most 254 characters. So no line break can reach a mail's
    /// header (T67).
    ///
    /// # Errors
    /// Empty, too long, or no such address.
    pub fn parse(value: &str) -> Result<Self, TextError> {
        let text = Text::parse(value, 254)?;
        let (local, domain) = text.as_str().split_once('@').ok_or(TextError::NoEmail)?;
        if is_local_part(local) && is_domain(domain) { Ok(Self(text.0)) } else { Err(TextError::NoEmail) }
    }

    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address for comparison: two that differ in case alone are one mailbox.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

fn is_local_part(local: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    (1..=64).contains(&local.len())
        && local.bytes().all(allowed)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.contains('.') && domain.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Names are found whatever their case, white space and spelling of ё, in both databases alike.
    #[test]
    fn folding() {
        for (text, expected) in [
            ("  Ромашка  ", "ромашка"),
            ("Ёлка", "елка"),
            ("Е\u{308}лка", "елка"),
            ("ООО\t«Рога и\u{a0} Копыта»", "ооо «рога и копыта»"),
            ("ACME Ltd", "acme ltd"),
            ("", ""),
        ] {
            assert_eq!(fold(text), expected, "{text:?}");
        }
    }

    /// T15: text is trimmed and counted in characters; U+0000 and emptiness are refused.
    #[test]
    fn t15_text() {
        for (value, expected) in [
            (" привет ", Ok("привет")),
            ("привет!", Err(TextError::TooLong(6))),
            ("", Err(TextError::Empty)),
            (" \n\u{a0}", Err(TextError::Empty)),
            ("a\0b", Err(TextError::Nul)),
            ("\0", Err(TextError::Nul)),
        ] {
            let found = Text::parse(value, 6);
            assert_eq!(found.as_ref().map(Text::as_str), expected.as_ref().copied(), "{value:?}");
        }
    }

    /// T67: an address holds no line break and nothing that a mail's header could be bent with.
    #[test]
    fn t67_email() {
        for good in ["a@b.co", " Owner.Name+crm@Example.test ", "o'neil@sub.example-1.org"] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a",
            "@b.co",
            "a@",
            "a@b",
            "a@b..co",
            "a@.co",
            "a@-b.co",
            "a@b@c.co",
            "a b@c.co",
            "a@b.co\r\nBcc: x@y.z",
            "a\n@b.co",
            "<a@b.co>",
            "\"a\"@b.co",
            "a,b@c.co",
            ".a@b.co",
            "a..b@c.co",
            "почта@пример.рф",
            "a@b.co\0",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
        let long = format!("a@{}.co", "b".repeat(63));
        assert!(Email::parse(&long).is_ok());
        assert!(Email::parse(&format!("a@{}.co", "b.".repeat(130))).is_err());
        let email = Email::parse("Owner@Example.Test").expect("an address");
        assert_eq!((email.as_str(), email.key().as_str()), ("Owner@Example.Test", "owner@example.test"));
    }

    proptest! {
        /// Folding what is folded changes nothing.
        #[test]
        fn folding_is_stable(text in "[а-яёА-ЯЁa-zA-Z \\t\u{308}\u{130}Σς]{0,30}") {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded);
        }

        /// T15, T67: any text is answered, and an address never holds white space or control characters.
        #[test]
        fn t67_no_control_characters(text in any::<String>()) {
            let _ = Text::parse(&text, 10);
            if let Ok(email) = Email::parse(&text) {
                prop_assert!(email.as_str().chars().all(|c| c.is_ascii_graphic()));
            }
        }
    }
}

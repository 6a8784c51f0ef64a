//! Where mails are handed over.

use std::str::FromStr;

/// Where mails are handed over: `smtp://[USER@]HOST[:PORT]`, encrypted from the start with `smtps`, after STARTTLS with
/// `smtp`, not at all with `smtp` and `?tls=none`. The password is no part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailServer {
    /// As the mail library writes it.
    pub url: String,
    /// Who signs in there, where anybody does.
    pub user: Option<String>,
}

impl FromStr for MailServer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = || format!("`{text}` is not of the form smtp[s]://[USER@]HOST[:PORT][?tls=none]");
        let (scheme, rest) = text.split_once("://").ok_or_else(fault)?;
        let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
        let (user, host) = place.rsplit_once('@').map_or((None, place), |(user, host)| (Some(user), host));
        if user.is_some_and(|user| user.contains(':')) {
            return Err("the password of the mail server belongs into a file of its own".to_owned());
        }
        let tls = match (scheme, query) {
            ("smtps", None) | ("smtp", Some("tls=none")) => "",
            ("smtp", None) => "?tls=required",
            _ => return Err(fault()),
        };
        let name = host.trim_end_matches('/');
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c)) {
            return Err(fault());
        }
        let url = format!("{scheme}://{name}{tls}");
        Ok(Self { url, user: user.map(str::to_owned) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a server's address may look like, and that it holds no secret.
    #[test]
    fn addresses_of_servers() {
        for (text, url, user) in [
            ("smtps://mail.example.org", "smtps://mail.example.org", None),
            ("smtp://me@mail.example.org:587", "smtp://mail.example.org:587?tls=required", Some("me")),
            ("smtp://a@b.co@mail.example.org", "smtp://mail.example.org?tls=required", Some("a@b.co")),
            ("smtp://127.0.0.1:2525?tls=none", "smtp://127.0.0.1:2525", None),
        ] {
            let server: MailServer = text.parse().unwrap();
            assert_eq!((server.url.as_str(), server.user.as_deref()), (url, user), "{text}");
        }
        for text in [
            "mail.example.org",
            "http://mail",
            "smtp://mail?tls=maybe",
            "smtps://mail?tls=none",
            "smtp://",
            "smtp://a b",
        ] {
            assert!(text.parse::<MailServer>().unwrap_err().contains("is not of the form"), "{text}");
        }
        let secret = "smtps://me:secret@mail".parse::<MailServer>().unwrap_err();
        assert!(secret.contains("file") && !secret.contains("secret"));
    }
}

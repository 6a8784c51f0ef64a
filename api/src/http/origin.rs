//! Which web pages may talk to the API, for CORS and for the handshake of sockets (T20, T47).
//!
//! One's own origin always (that of the configured address, and the loopback names of the port when it
//! listens there), those of the settings, nothing else: no wildcard, never `null`, no cookies. The
//! comparison is of whole origins, so a look-alike sub-domain is another one. A client that sends no
//! `Origin` is no web page and is not bound by this.

use std::net::SocketAddr;

use axum::http::{HeaderMap, HeaderValue, header};

/// The allowed origins.
#[derive(Debug, Clone)]
pub struct Origins(Vec<String>);

impl Origins {
    /// Those of the settings, that of the API's own links, and those of the address that it listens on.
    #[must_use]
    pub fn new(foreign: &[String], own: &str, address: SocketAddr) -> Self {
        let mut allowed: Vec<String> = foreign.iter().filter_map(|origin| normal(origin)).collect();
        allowed.extend(normal(own));
        if address.ip().is_loopback() || address.ip().is_unspecified() {
            let port = address.port();
            allowed.extend(["127.0.0.1", "localhost", "[::1]"].map(|host| format!("http://{host}:{port}")));
        }
        Self(allowed)
    }

    #[must_use]
    pub fn allows(&self, origin: &HeaderValue) -> bool {
        origin.to_str().is_ok_and(|origin| self.0.iter().any(|allowed| allowed == origin))
    }

    /// Whether a handshake with these headers may go on.
    #[must_use]
    pub fn admit(&self, headers: &HeaderMap) -> bool {
        headers.get_all(header::ORIGIN).iter().all(|origin| self.allows(origin))
    }
}

/// Scheme, host and port as a browser sends them; nothing for what is no web address.
fn normal(url: &str) -> Option<String> {
    let (scheme, rest) = url.trim().split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())?.to_ascii_lowercase();
    let usual = match scheme.as_str() {
        "http" => ":80",
        "https" => ":443",
        _ => return None,
    };
    Some(format!("{scheme}://{}", host.strip_suffix(usual).unwrap_or(&host)))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::{Origins, normal};

    #[test]
    fn t20_only_whole_origins_are_allowed() {
        let foreign = ["https://app.example.com/".into(), "null".into(), "*".into()];
        let address = "127.0.0.1:8080".parse().expect("an address");
        let origins = Origins::new(&foreign, "https://bank.example.com:443/base", address);
        for origin in [
            "https://app.example.com",
            "https://bank.example.com",
            "http://127.0.0.1:8080",
            "http://localhost:8080",
        ] {
            assert!(origins.allows(&HeaderValue::from_static(origin)), "{origin}");
        }
        for origin in [
            "null",
            "*",
            "",
            "https://app.example.com.evil.com",
            "https://evil-app.example.com",
            "https://a.app.example.com",
            "http://app.example.com",
            "https://app.example.com:8443",
            "http://127.0.0.1:8081",
            "file://",
        ] {
            assert!(!origins.allows(&HeaderValue::from_static(origin)), "{origin}");
        }
    }

    #[test]
    fn t20_origins_are_written_as_browsers_do() {
        assert_eq!(normal("HTTP://Example.com:80/x").as_deref(), Some("http://example.com"));
        assert_eq!(normal("ftp://example.com"), None);
        assert_eq!(normal("example.com"), None);
    }
}

//! Settings: flags over `HOURBANK_*` variables over defaults. Secrets come from files, never from flags.

mod limit;
mod mail_server;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use chrono_tz::Tz;
use clap::{Args, ValueEnum};

use lettre::message::Mailbox;
pub use limit::{Limits, Rate};
pub use mail_server::MailServer;

/// Everything that can be set, with its default.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Where the data lives: `sqlite://FILE` or `postgres://…`.
    #[arg(long, env = "HOURBANK_DATABASE", default_value = "sqlite://hourbank.db", global = true)]
    pub database: String,

    /// Address and port to listen on.
    #[arg(long, env = "HOURBANK_LISTEN", default_value = "127.0.0.1:8080", global = true)]
    pub listen: SocketAddr,

    /// Base of the links in mails and answers; the listening address where absent.
    #[arg(long, env = "HOURBANK_URL", global = true)]
    pub url: Option<String>,

    /// Origins of browser applications that may call the API, separated by commas.
    #[arg(long, env = "HOURBANK_ORIGINS", value_delimiter = ',', global = true)]
    pub origins: Vec<String>,

    /// Networks of trusted proxies (CIDR), separated by commas: only their X-Forwarded-For is believed.
    #[arg(long, env = "HOURBANK_PROXIES", value_delimiter = ',', global = true)]
    pub proxies: Vec<Network>,

    /// Serve GraphiQL at `/`.
    #[arg(long, env = "HOURBANK_GRAPHIQL", global = true)]
    pub graphiql: bool,

    /// Answer introspection.
    #[arg(long, env = "HOURBANK_INTROSPECTION", global = true)]
    pub introspection: bool,

    /// File with a JSON array of documents: users and the anonymous may then execute no others.
    #[arg(long, env = "HOURBANK_DOCUMENTS_FILE", global = true)]
    pub documents_file: Option<PathBuf>,

    /// Mail server: `smtp://[USER@]HOST[:PORT]` (STARTTLS; with `?tls=none` unencrypted) or `smtps://…`. Where absent,
    /// mails are written into a folder.
    #[arg(long, env = "HOURBANK_SMTP", global = true)]
    pub smtp: Option<MailServer>,

    /// File with the password of the mail server's user.
    #[arg(long, env = "HOURBANK_SMTP_PASSWORD_FILE", global = true)]
    pub smtp_password_file: Option<PathBuf>,

    /// Folder that mails are written to where no mail server is set.
    #[arg(long, env = "HOURBANK_MAIL_DIR", default_value = "mail", global = true)]
    pub mail_dir: PathBuf,

    /// Address that mails come from: `NAME@HOST` or `Words <NAME@HOST>`.
    #[arg(long, env = "HOURBANK_MAIL_FROM", default_value = "Hourbank <hourbank@localhost>", global = true)]
    pub mail_from: Mailbox,

    /// The provider's own time zone.
    #[arg(long, env = "HOURBANK_TIME_ZONE", default_value = "Europe/Moscow", global = true)]
    pub time_zone: Tz,

    /// File with the key that signs access tokens (PKCS#8, Ed25519).
    #[arg(long, env = "HOURBANK_SIGNING_KEY_FILE", global = true)]
    pub signing_key_file: Option<PathBuf>,

    /// File with the key that seals stored secrets (32 bytes).
    #[arg(long, env = "HOURBANK_SEALING_KEY_FILE", global = true)]
    pub sealing_key_file: Option<PathBuf>,

    /// Seconds between being asked to stop, from when on `/ready` says no, and accepting nothing more: for the load
    /// balancer to notice.
    #[arg(long, env = "HOURBANK_STOP_DELAY", value_name = "SECONDS", default_value_t = 2, global = true,
        value_parser = clap::value_parser!(u64).range(..=10))]
    pub stop_delay: u64,

    /// Connections to PostgreSQL at the most; two more carry what the servers tell each other.
    #[arg(long, env = "HOURBANK_POOL", default_value_t = 16, global = true)]
    pub pool: u32,

    /// How much is said on the standard error: error, warn, info (a line for each request) or debug. None of them says
    /// secrets or what people wrote.
    #[arg(long, env = "HOURBANK_LOG", value_enum, default_value_t = LogLevel::Info, global = true)]
    pub log: LogLevel,

    /// How it is said: as lines for people or as JSON for machines; by itself as lines on a terminal only.
    #[arg(long, env = "HOURBANK_LOG_FORMAT", value_enum, default_value_t = LogFormat::Auto, global = true)]
    pub log_format: LogFormat,

    /// Networks (CIDR) that `/metrics` answers, separated by commas. What came through a proxy counts by its client.
    #[arg(
        long,
        env = "HOURBANK_METRICS",
        value_delimiter = ',',
        default_value = "127.0.0.0/8,::1",
        global = true
    )]
    pub metrics: Vec<Network>,

    /// Collector of OpenTelemetry traces, `http://HOST:PORT`: spans are sent to its `/v1/traces` as JSON. Off where absent.
    #[arg(long, env = "HOURBANK_TRACES", global = true)]
    pub traces: Option<Collector>,

    /// Of how many requests in a hundred a trace is kept, where the caller does not say by `traceparent`.
    #[arg(long, env = "HOURBANK_TRACES_PERCENT", default_value_t = 100, global = true,
        value_parser = clap::value_parser!(u8).range(0..=100))]
    pub traces_percent: u8,

    #[command(flatten)]
    pub limits: Limits,
}

impl Config {
    /// The base of links, without a slash at its end.
    pub fn base_url(&self) -> String {
        match &self.url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.listen),
        }
    }
}

/// Where traces go: `http://HOST:PORT`. What lies between is the operator's own network; a collector beside the server
/// is the usual case and speaks TLS onwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collector {
    /// `HOST:PORT`.
    pub authority: String,
}

impl FromStr for Collector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let authority =
            text.strip_prefix("http://").map(|rest| rest.trim_end_matches('/')).unwrap_or_default();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]_".contains(c);
        let port = authority.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        if port.is_none() || !authority.chars().all(is_plain) {
            return Err(format!("`{text}` is not of the form http://HOST:PORT"));
        }
        Ok(Self { authority: authority.to_owned() })
    }
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
}

/// How it is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Auto,
    Text,
    Json,
}

/// A network in CIDR notation; an address alone is a network of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether the address lies in the network.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                u32::from(own) & mask == u32::from(other) & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                u128::from(own) & mask == u128::from(other) & mask
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, prefix) =
            text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.trim().parse().map_err(|_| format!("`{text}` is no network"))?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            Some(prefix) => prefix.parse().map_err(|_| format!("`{text}` is no network"))?,
        };
        if prefix > longest {
            return Err(format!("`{text}`: the prefix is longer than the address"));
        }
        Ok(Self { address, prefix })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T21: only configured networks are trusted.
    #[test]
    fn networks_hold_their_addresses_alone() {
        let network: Network = "10.1.0.0/16".parse().unwrap();
        assert!(network.contains("10.1.200.3".parse().unwrap()));
        assert!(network.contains("::ffff:10.1.2.3".parse().unwrap()));
        assert!(!network.contains("10.2.0.1".parse().unwrap()));
        assert!("0.0.0.0/0".parse::<Network>().unwrap().contains("1.2.3.4".parse().unwrap()));
        assert!("::1".parse::<Network>().unwrap().contains("::1".parse().unwrap()));
        assert!("10.0.0.0/33".parse::<Network>().is_err());
        assert!("ten".parse::<Network>().is_err());
    }
}

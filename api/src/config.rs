//! Settings.

use std::net::SocketAddr;

use crate::http::address::Network;

#[derive(Debug, Clone)]
pub struct Config {
    pub listen: SocketAddr,
    /// Origins of SPAs, for CORS and sockets.
    pub origins: Vec<String>,
    pub proxies: Vec<Network>,
    pub graphiql: bool,
    pub introspection: bool,
    /// Base of links; its origin is one's own.
    pub url: String,
    /// Only these documents are executed for users and the anonymous; partner keys are free.
    pub documents: Option<Vec<String>>,
}

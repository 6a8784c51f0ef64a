//! Every bound of the transports in one place; tests shorten the times.

use std::time::Duration;

use crate::config::Config;

/// Bytes of a GraphQL request's body, and of a message on a socket.
pub const BODY_BYTES: usize = 64 * 1024;
/// Operations that one socket may have running.
pub const SOCKET_OPERATIONS: usize = 20;

/// Times and counts of the transports.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Open connections, upgraded sockets included.
    pub connections: usize,
    /// Sockets and event streams of one principal; the anonymous are bound by their address alone.
    pub sockets_per_principal: usize,
    /// Sockets and event streams from one address.
    pub sockets_per_address: usize,
    /// Operations being executed at once; subscriptions do not count.
    pub operations: usize,
    /// For a request's headers to arrive, and for an idle connection.
    pub header: Duration,
    /// For a request's body to arrive.
    pub body: Duration,
    /// For an operation to be executed.
    pub operation: Duration,
    /// For a peer that takes no byte while there is something to send.
    pub send: Duration,
    /// From the start of a socket to its `connection_init`.
    pub init: Duration,
    /// Between pings on a socket; a peer silent for two of them is dropped.
    pub ping: Duration,
    /// Between comments on an event stream.
    pub heartbeat: Duration,
    /// Between two looks at whether a live session still stands.
    pub session_check: Duration,
    /// From when the stop was asked for until nothing more is accepted, for whoever balances the load to notice.
    pub linger: Duration,
    /// For open requests to end after the stop was asked for.
    pub drain: Duration,
    /// Messages a second on a socket, and how many may come at once.
    pub messages: Rate,
    /// Cost points a second of one principal, and the full bucket.
    pub points: Rate,
    /// Requests a second without a good token from one address.
    pub anonymous: Rate,
}

/// A bucket: what it holds when full and what comes in a second.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub burst: u32,
    pub per_second: u32,
}

impl Limits {
    /// The counts of the settings, and the times as they are.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            connections: config.connections,
            sockets_per_principal: config.sockets_per_principal,
            sockets_per_address: config.sockets_per_address,
            operations: config.in_flight,
            linger: Duration::from_secs(config.stop_delay),
            ..Self::default()
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 20_000,
            sockets_per_principal: 100,
            sockets_per_address: 1_000,
            operations: 512,
            header: Duration::from_secs(10),
            body: Duration::from_secs(15),
            operation: Duration::from_secs(10),
            send: Duration::from_secs(10),
            init: Duration::from_secs(3),
            ping: Duration::from_secs(25),
            heartbeat: Duration::from_secs(15),
            session_check: Duration::from_secs(2),
            linger: Duration::ZERO,
            // The rest of twenty seconds is for what the process does last.
            drain: Duration::from_secs(18),
            // Twice the rate, so that a page may open its twenty operations right after the init.
            messages: Rate { burst: 40, per_second: 20 },
            points: Rate { burst: 100_000, per_second: 2_000 },
            anonymous: Rate { burst: 1_000, per_second: 100 },
        }
    }
}

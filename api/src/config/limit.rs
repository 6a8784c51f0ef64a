//! Every bound that an operator may move, with its default.
//!
//! The defaults let an office of some hundred people work behind one address, and a page ask at once for all that it
//! shows. What is part of the API's own promise is not here: 64 KiB a body or message, 20,000 points a request, 20
//! operations a socket.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;

/// What a count or a bucket may reach, and how long things may take.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Connections from clients, upgraded sockets included; beyond it they are closed at once.
    #[arg(long, env = "HOURBANK_CONNECTIONS", default_value_t = DEFAULT.connections, global = true)]
    pub connections: usize,

    /// The same from one address; twice its sockets where absent. Trusted proxies are not counted.
    #[arg(long, env = "HOURBANK_CONNECTIONS_PER_ADDRESS", global = true)]
    pub connections_per_address: Option<usize>,

    /// Sockets and event streams of one user or key; the anonymous are bound by their address alone.
    #[arg(long, env = "HOURBANK_SOCKETS_PER_PRINCIPAL", default_value_t = DEFAULT.sockets_per_principal, global = true)]
    pub sockets_per_principal: usize,

    /// Sockets and event streams from one address.
    #[arg(long, env = "HOURBANK_SOCKETS_PER_ADDRESS", default_value_t = DEFAULT.sockets_per_address, global = true)]
    pub sockets_per_address: usize,

    /// Operations being executed at once, subscriptions aside; beyond it the answer is 503 with Retry-After.
    #[arg(long = "in-flight", env = "HOURBANK_IN_FLIGHT", default_value_t = DEFAULT.operations, global = true)]
    pub operations: usize,

    /// Cost points of one user or key: the full bucket, and what comes back in a second.
    #[arg(long, env = "HOURBANK_POINTS", value_name = "BUCKET:PER_SECOND", default_value_t = DEFAULT.points, global = true)]
    pub points: Rate,

    /// Requests without a good token from one address: at once, and in a second.
    #[arg(long, env = "HOURBANK_ANONYMOUS", value_name = "BUCKET:PER_SECOND", default_value_t = DEFAULT.anonymous, global = true)]
    pub anonymous: Rate,

    /// Messages on one socket: at once, and in a second.
    #[arg(long, env = "HOURBANK_MESSAGES", value_name = "BUCKET:PER_SECOND", default_value_t = DEFAULT.messages, global = true)]
    pub messages: Rate,

    /// Passwords that are checked at once; one less than the machine has cores where absent.
    #[arg(long, env = "HOURBANK_PASSWORD_THREADS", global = true)]
    pub password_threads: Option<usize>,

    /// Sign-ins that may wait for that; beyond it the answer is 503 with Retry-After.
    #[arg(long, env = "HOURBANK_PASSWORD_QUEUE", default_value_t = DEFAULT.password_queue, global = true)]
    pub password_queue: usize,

    /// For a request's headers to arrive, and for an idle connection.
    #[arg(long = "header-time", env = "HOURBANK_HEADER_TIME", value_parser = time, default_value = written(DEFAULT.header), global = true)]
    pub header: Duration,

    /// For a request's body to arrive.
    #[arg(long = "body-time", env = "HOURBANK_BODY_TIME", value_parser = time, default_value = written(DEFAULT.body), global = true)]
    pub body: Duration,

    /// For an operation to be executed.
    #[arg(long = "operation-time", env = "HOURBANK_OPERATION_TIME", value_parser = time, default_value = written(DEFAULT.operation), global = true)]
    pub operation: Duration,

    /// For a peer that takes no byte while there is something to send.
    #[arg(long = "send-time", env = "HOURBANK_SEND_TIME", value_parser = time, default_value = written(DEFAULT.send), global = true)]
    pub send: Duration,

    /// From the start of a socket to its `connection_init`.
    #[arg(long = "init-time", env = "HOURBANK_INIT_TIME", value_parser = time, default_value = written(DEFAULT.init), global = true)]
    pub init: Duration,

    /// Between pings on a socket; a peer silent for two of them is dropped.
    #[arg(long = "ping-time", env = "HOURBANK_PING_TIME", value_parser = time, default_value = written(DEFAULT.ping), global = true)]
    pub ping: Duration,

    /// For open requests to end after the stop was asked for.
    #[arg(long = "drain-time", env = "HOURBANK_DRAIN_TIME", value_parser = time, default_value = written(DEFAULT.drain), global = true)]
    pub drain: Duration,

    /// From when the stop was asked for until nothing more is accepted, for whoever balances the load to notice; a part of
    /// the drain time. Set by the delay of the settings.
    #[arg(skip = DEFAULT.linger)]
    pub linger: Duration,

    /// Between comments on an event stream.
    #[arg(skip = DEFAULT.heartbeat)]
    pub heartbeat: Duration,

    /// Between two looks at whether a live session still stands.
    #[arg(skip = DEFAULT.session_check)]
    pub session_check: Duration,
}

const DEFAULT: Limits = Limits {
    connections: 20_000,
    connections_per_address: None,
    sockets_per_principal: 100,
    sockets_per_address: 1_000,
    operations: 512,
    points: Rate { burst: 100_000, per_second: 2_000 },
    anonymous: Rate { burst: 1_000, per_second: 100 },
    // Twice the rate, so that a page may open its twenty operations right after the init.
    messages: Rate { burst: 40, per_second: 20 },
    password_threads: None,
    password_queue: 64,
    header: Duration::from_secs(10),
    body: Duration::from_secs(15),
    operation: Duration::from_secs(10),
    send: Duration::from_secs(10),
    init: Duration::from_secs(3),
    ping: Duration::from_secs(25),
    // The rest of twenty seconds is for what the process does last.
    drain: Duration::from_secs(18),
    linger: Duration::ZERO,
    heartbeat: Duration::from_secs(15),
    session_check: Duration::from_secs(2),
};

impl Default for Limits {
    fn default() -> Self {
        DEFAULT
    }
}

/// A bucket: what it holds when full and what comes in a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub burst: u32,
    pub per_second: u32,
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.burst, self.per_second)
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = |number: &str| number.parse().ok().filter(|number| *number > 0);
        text.split_once(':')
            .and_then(|(burst, rate)| Some(Self { burst: read(burst)?, per_second: read(rate)? }))
            .ok_or_else(|| format!("`{text}` is not of the form BUCKET:PER_SECOND, as in 1000:100"))
    }
}

/// A time: `10s`, `300ms`, or seconds alone.
fn time(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(at) => text.split_at(at),
        None => (text, "s"),
    };
    let time = match (number.parse(), unit) {
        (Ok(number), "s") => Duration::from_secs(number),
        (Ok(number), "ms") => Duration::from_millis(number),
        _ => Duration::ZERO,
    };
    // A year is as good as never, and no sum with it overflows.
    let is_sensible = !time.is_zero() && time <= Duration::from_secs(365 * 86_400);
    if is_sensible { Ok(time) } else { Err(format!("`{text}` is no time such as 10s or 300ms")) }
}

fn written(time: Duration) -> String {
    match time.subsec_millis() {
        0 => format!("{}s", time.as_secs()),
        _ => format!("{}ms", time.as_millis()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T51: what is set is read as it is written, and nonsense is refused rather than taken for no limit.
    #[test]
    fn limits_are_read_as_they_are_written() {
        assert_eq!("1000:100".parse(), Ok(Rate { burst: 1_000, per_second: 100 }));
        assert_eq!(DEFAULT.points.to_string().parse(), Ok(DEFAULT.points));
        for wrong in ["", "1000", "0:1", "1:0", "a:b", "-1:1", "1:2:3"] {
            assert!(wrong.parse::<Rate>().is_err(), "{wrong}");
        }
        for (text, millis) in [("10s", 10_000), ("300ms", 300), ("7", 7_000)] {
            assert_eq!(time(text), Ok(Duration::from_millis(millis)));
        }
        assert_eq!(time(&written(DEFAULT.header)), Ok(DEFAULT.header));
        for wrong in ["", "0", "s", "10m", "-1s", "1.5s", "99999999999999999999s", "9999999999s"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}

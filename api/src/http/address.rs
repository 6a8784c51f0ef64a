//! Whose request it is, by address.
//!
//! The socket's own address counts, unless it belongs to a proxy that the settings name: then the
//! last entry of `X-Forwarded-For` that is no such proxy does. Anything further left was written by
//! somebody unknown, so it is never read, and neither are `Forwarded`, `X-Real-IP` and `Host` (T21).

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;

use crate::config::Network;

/// The address at the other end of the connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// The client's address, proxies allowed for.
#[must_use]
pub fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> IpAddr {
    let trusted = |address: IpAddr| proxies.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    let lines: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok()).collect();
    let mut entries = lines.iter().flat_map(|line| line.split(',')).rev();
    while trusted(client) {
        match entries.next().map(|entry| entry.trim().parse::<IpAddr>()) {
            Some(Ok(address)) => client = address.to_canonical(),
            _ => break,
        }
    }
    client
}

/// What limits count by: an IPv6 customer holds a /64, so its last half says nothing.
#[must_use]
pub fn key(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => format!("ip:{v4}"),
        IpAddr::V6(v6) => format!("ip:{}/64", Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};
    use std::net::IpAddr;

    use super::{Network, client, key};

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn t21_networks_hold_their_addresses() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
            ("127.0.0.1", "::ffff:127.0.0.1", "127.0.0.2"),
            ("fd00::/8", "fdff::1", "fe00::1"),
            ("::1", "::1", "::2"),
        ] {
            let network: Network = network.parse().expect("a network");
            assert!(network.contains(ip(inside)) && !network.contains(ip(outside)));
        }
        let all: Network = "::/0".parse().expect("a network");
        assert!(all.contains(ip("2001:db8::1")) && !all.contains(ip("8.8.8.8")));
        for wrong in ["", "10.0.0.0/33", "::/129", "host", "10.0.0.0/-1", "10.0.0.0/"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn t21_only_proxies_are_believed() {
        let proxies = ["10.0.0.0/8".parse().expect("a network")];
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", HeaderValue::from_static("1.1.1.1, 2.2.2.2"));
        headers.append("x-forwarded-for", HeaderValue::from_static("10.0.0.7"));
        assert_eq!(client(ip("3.3.3.3"), &headers, &proxies), ip("3.3.3.3"));
        assert_eq!(client(ip("10.0.0.1"), &headers, &proxies), ip("2.2.2.2"));
        assert_eq!(client(ip("10.0.0.1"), &headers, &[]), ip("10.0.0.1"));
        headers.append("x-forwarded-for", HeaderValue::from_static("junk"));
        assert_eq!(client(ip("10.0.0.1"), &headers, &proxies), ip("10.0.0.1"));
    }

    #[test]
    fn t51_a_customers_v6_addresses_are_one() {
        assert_eq!(key(ip("2001:db8::1")), key(ip("2001:db8::ffff")));
        assert_ne!(key(ip("2001:db8::1")), key(ip("2001:db8:0:1::1")));
    }
}

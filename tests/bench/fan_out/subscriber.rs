//! One who watches a client's balances on a socket of their own.

use std::cell::RefCell;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc::UnboundedSender;

use super::Shared;
use super::frame::{self, CLOSE, PING, PONG, TEXT};
use super::tally::State;

/// An address of loopback has some 28,000 ports to call from; several have enough for everybody.
const SOURCES: usize = 8;
/// What the kernel keeps for one who does not read; it takes a little more.
const TINY_BUFFER: u32 = 2048;

const UPGRADE: &[u8] =
    b"GET /graphql/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
    Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n";

const WATCH: &str = "subscription($id: ID!) { hourBalanceChanged(clientId: $id) { id version usedMinutes remainingMinutes } }";

thread_local! {
    /// What a socket's bytes are read into: one for all, since there is one thread.
    static BYTES: RefCell<Vec<u8>> = RefCell::new(vec![0; 64 * 1024]);
}

/// Who watches what.
pub struct Subscriber {
    pub number: usize,
    pub client: String,
    pub token: String,
    pub will_stall: bool,
}

impl Subscriber {
    /// Watches until the process ends; says once when the first balance has come.
    pub async fn run(self, shared: Arc<Shared>, ready: UnboundedSender<()>) {
        let number = self.number;
        if let Err(error) = self.watch(&shared, ready).await
            && !shared.tally().is_stalled(number)
        {
            shared.tally().fault(&format!("a subscriber lost its socket: {error}"));
        }
    }

    async fn watch(self, shared: &Shared, ready: UnboundedSender<()>) -> io::Result<()> {
        let arriving = shared.arriving.acquire().await.map_err(io::Error::other)?;
        let mut arriving = Some((arriving, ready));
        let mut stream = self.connect(shared.port).await?;
        shared.tally().connected(self.number, stream.local_addr()?);
        stream.write_all(UPGRADE).await?;
        // Bytes of a frame that has not come whole.
        let mut rest: Vec<u8> = Vec::new();
        let mut is_upgraded = false;
        loop {
            stream.readable().await?;
            if shared.tally().is_stalled(self.number) {
                // The socket stays as it is and nobody reads it.
                return std::future::pending().await;
            }
            let mut answers: Vec<u8> = Vec::new();
            let got = BYTES.with_borrow_mut(|bytes| {
                let count = match stream.try_read(bytes) {
                    Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                    read => read?,
                };
                rest.extend(&bytes[..count]);
                if !is_upgraded {
                    let Some(end) = rest.windows(4).position(|window| window == b"\r\n\r\n") else {
                        return Ok(());
                    };
                    if !rest.starts_with(b"HTTP/1.1 101") {
                        return Err(io::Error::other(String::from_utf8_lossy(&rest).into_owned()));
                    }
                    rest.drain(..end + 4);
                    is_upgraded = true;
                    answers.extend(self.greeting());
                }
                let mut taken = 0;
                while let Some((kind, payload, length)) = frame::read(&rest[taken..]) {
                    answers.extend(self.take(kind, payload, shared, &mut arriving)?);
                    taken += length;
                }
                rest.drain(..taken);
                if rest.is_empty() {
                    rest = Vec::new();
                }
                Ok(())
            });
            got?;
            if !answers.is_empty() {
                stream.write_all(&answers).await?;
            }
        }
    }

    async fn connect(&self, port: u16) -> io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        if self.will_stall {
            socket.set_recv_buffer_size(TINY_BUFFER)?;
        }
        let source = Ipv4Addr::new(127, 0, 0, 2 + (self.number % SOURCES) as u8);
        socket.bind(SocketAddr::from((source, 0)))?;
        socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await
    }

    /// The token, and what is watched; the server answers in order.
    fn greeting(&self) -> Vec<u8> {
        let init = json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {}", self.token)}});
        let watch = json!({"id": "1", "type": "subscribe",
            "payload": {"query": WATCH, "variables": {"id": self.client}}});
        let mut greeting = frame::write(TEXT, init.to_string().as_bytes());
        greeting.extend(frame::write(TEXT, watch.to_string().as_bytes()));
        greeting
    }

    /// Takes a frame in; what is to be answered.
    fn take<A>(
        &self,
        kind: u8,
        payload: &[u8],
        shared: &Shared,
        arriving: &mut Option<(A, UnboundedSender<()>)>,
    ) -> io::Result<Vec<u8>> {
        let now = Instant::now();
        let text = std::str::from_utf8(payload).map_err(io::Error::other)?;
        Ok(match kind {
            PING => frame::write(PONG, payload),
            TEXT if text.contains(r#""type":"next""#) => {
                let (id, state) = State::find(text).ok_or_else(|| io::Error::other(text.to_owned()))?;
                shared.tally().pushed(self.number, id, state, now);
                if let Some((_, ready)) = arriving.take() {
                    let _ = ready.send(());
                }
                Vec::new()
            }
            TEXT if text.contains(r#""type":"ping""#) => frame::write(TEXT, br#"{"type":"pong"}"#),
            TEXT if text.contains(r#""type":"connection_ack""#) => Vec::new(),
            CLOSE | TEXT => return Err(io::Error::other(String::from_utf8_lossy(payload).into_owned())),
            _ => Vec::new(),
        })
    }
}

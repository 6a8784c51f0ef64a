//! Accepts connections: HTTP/1 only, a bounded number, each with its times.
//!
//! A connection has a slot from its first byte to its last, also as a WebSocket, so one count bounds
//! both and tells when the last one is gone; nobody gets all of them from one address. Headers have to
//! arrive within their time, which also ends idle connections (T14). A peer that takes no byte while there is something for it loses its
//! connection after [`Limits::send`](super::limits::Limits::send), whatever is spoken on it (T50).
//! When the process is asked to stop it serves on for a moment, while `/ready` says no and each answer
//! closes its connection: whoever balances the load turns away. Then nothing more is accepted, open
//! requests finish, sockets close by themselves, and what is left after the drain time is dropped (T71).

use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use futures_util::FutureExt;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
#[cfg(target_os = "linux")]
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, sleep, timeout};
use tower::ServiceExt;

use super::address::{self, Peer};
use super::place::{Place, Places};
use super::{Api, router, stopped};
use crate::metric::Held;

/// Most headers of a request, and most bytes of them with the request line.
const MAX_HEADERS: usize = 100;
const MAX_HEADER_BYTES: usize = 64 * 1024;
const BUFFER_BYTES: usize = 128 * 1024;
/// After a failed accept, which is mostly a lack of file descriptors.
const BREATH: Duration = Duration::from_millis(100);
/// Connections that the system holds ready to be accepted, about.
const QUEUE: usize = 1_024;

/// A connection's place, in all and of its address; sockets keep it after the upgrade.
#[derive(Debug, Clone)]
pub(super) struct Slot(
    #[allow(dead_code, reason = "held for its drop")] Arc<(OwnedSemaphorePermit, Option<Place>, Held)>,
);

impl Slot {
    /// None where all are taken.
    fn take(api: &Api, slots: &Arc<Semaphore>, places: &Places, peer: SocketAddr) -> Option<Self> {
        let Ok(permit) = slots.clone().try_acquire_owned() else {
            api.refused("connections");
            return None;
        };
        // Everybody behind a proxy comes from one address.
        let is_proxy = api.app.config.proxies.iter().any(|network| network.contains(peer.ip()));
        let most = api.limits.connections_per_address.unwrap_or(2 * api.limits.sockets_per_address);
        let place = if is_proxy { None } else { places.take(address::key(peer.ip().to_canonical()), most) };
        if place.is_none() && !is_proxy {
            api.refused("connections_per_address");
            return None;
        }
        Some(Self(Arc::new((permit, place, api.app.metrics.connections.hold()))))
    }
}

/// Serves until the stop is asked for, then drains.
pub async fn serve(listener: TcpListener, api: Arc<Api>) {
    let places = u32::try_from(api.limits.connections).unwrap_or(u32::MAX);
    let slots = Arc::new(Semaphore::new(places as usize));
    let addresses = Places::default();
    let mut stopping = api.stopping.clone();
    let linger = api.limits.linger;
    let drain = api.limits.drain.saturating_sub(linger);
    let service = router(api.clone());
    let mut left = pin!(async {
        stopped(&mut stopping).await;
        sleep(linger).await;
    });
    let admit = |(stream, peer): (TcpStream, SocketAddr)| {
        // With every place taken the newcomer is closed at once rather than left waiting.
        if let Some(slot) = Slot::take(&api, &slots, &addresses, peer) {
            tokio::spawn(connection(stream, Peer(peer), slot, service.clone(), api.clone()));
        }
    };
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut left => break,
        };
        match accepted {
            Ok(accepted) => admit(accepted),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(BREATH).await;
            }
        }
    }
    // Whoever stands in the queue when the door closes is still let in.
    for _ in 0..QUEUE {
        let Some(Ok(accepted)) = listener.accept().now_or_never() else { break };
        admit(accepted);
    }
    drop(listener);
    api.closing.send_replace(true);
    if timeout(drain, slots.acquire_many(places)).await.is_err() {
        tracing::warn!("connections were still open after the drain time");
    }
}

async fn connection(stream: TcpStream, peer: Peer, slot: Slot, service: Router, api: Arc<Api>) {
    let mut closing = api.closing();
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request: Request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(slot.clone());
        service.clone().oneshot(request)
    });
    let _ = stream.set_nodelay(true);
    give_up_after(&stream, api.limits.send);
    let io = TokioIo::new(Impatient { stream, api: api.clone(), stalled: None });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(api.limits.header)
        .max_headers(MAX_HEADERS)
        .max_header_size(MAX_HEADER_BYTES)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(io, service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        // A request that has arrived is read before the connection is asked to end.
        biased;
        ended = connection.as_mut() => ended,
        () = stopped(&mut closing) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Lets the kernel drop a peer that takes nothing of what it has accepted from us: small messages would fit into its
/// buffers for minutes, and fill memory that we do not see, before a write of ours had to wait.
#[cfg(target_os = "linux")]
fn give_up_after(stream: &TcpStream, limit: Duration) {
    if let Err(error) = SockRef::from(stream).set_tcp_user_timeout(Some(limit)) {
        tracing::debug!(%error, "a connection has no bound for what is not taken");
    }
}

/// Elsewhere only a full buffer tells.
#[cfg(not(target_os = "linux"))]
fn give_up_after(_: &TcpStream, _: Duration) {}

/// A stream whose writes fail once the peer has taken nothing for too long.
struct Impatient {
    stream: TcpStream,
    api: Arc<Api>,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Impatient {
    fn judge<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return self.told(written);
        }
        let limit = self.api.limits.send;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(stalled.as_mut().poll(context));
        self.told(Poll::Ready(Err(io::ErrorKind::TimedOut.into())))
    }

    /// Counts a peer that has taken nothing for too long, whether we noticed or the system did.
    fn told<T>(&self, done: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if let Poll::Ready(Err(error)) = &done
            && error.kind() == io::ErrorKind::TimedOut
        {
            self.api.app.metrics.stalled.count();
        }
        done
    }
}

impl AsyncRead for Impatient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.told(read)
    }
}

impl AsyncWrite for Impatient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judge(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.judge(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

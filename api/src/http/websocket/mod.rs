//! `GET /graphql/ws`: the sub-protocol `graphql-transport-ws`, for subscriptions and everything else.
//!
//! One task a socket and nothing in it ever waits for the peer to read: messages go through a queue
//! that holds at most one answer of each operation, and an operation is asked for its next answer
//! only once the last one has left. A slow reader therefore gets the newest state rather than a
//! backlog, memory is bounded by the operations, and no resolver stands still in the middle of its
//! work because somebody does not read (T50). A peer that takes nothing at all is dropped by
//! [`super::server`].
//!
//! The session is looked at every two seconds and the socket closed with 4403, which clients answer
//! by connecting again with a new token (T49); 4401 is only for a subscribe before the ack. Pings go
//! out twice, as a frame, which every library answers by itself, and as a message, which is the only
//! kind that a page can see.

mod message;
mod socket;

use std::sync::Arc;

use axum::extract::ws::{
    CloseFrame, Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection,
};
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::time::{Duration, timeout};

use self::message::Close;
use self::socket::Socket;
use super::address::{self, Peer};
use super::limits::BODY_BYTES;
use super::refusal::Refusal;
use super::server::Slot;
use super::{Api, RequestId, negotiate, refuse};
use crate::graphql::error as code;

/// The library reserves its default of 128 KiB for every socket.
const READ_BUFFER: usize = 512;
/// How long a closed socket may take to say that it knows.
const FAREWELL: Duration = Duration::from_secs(1);

/// Upgrades a connection whose page may talk to us (T47).
pub(super) async fn upgrade(
    State(api): State<Arc<Api>>,
    Extension(RequestId(id)): Extension<RequestId>,
    Extension(Peer(peer)): Extension<Peer>,
    Extension(slot): Extension<Slot>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if !api.origins.admit(&headers) {
        let refusal = Refusal::new(code::FORBIDDEN, "Pages of this origin may not connect.");
        return refuse(refusal, &id, negotiate::Media::Json, Some(StatusCode::FORBIDDEN));
    }
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let address = address::client(peer.ip(), &headers, &api.app.config.proxies);
    let place = match api.place_of_address(address) {
        Ok(place) => place,
        Err(refusal) => return refuse(refusal, &id, negotiate::Media::Json, None),
    };
    upgrade
        .protocols([message::PROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        // Twice what is accepted: the message that is a byte too long is still read, so that its sender gets the code.
        .max_message_size(2 * BODY_BYTES)
        .max_frame_size(2 * BODY_BYTES)
        .on_upgrade(move |socket| {
            let spoken = socket.protocol().is_some();
            // Before the task is made, which would keep room for the whole.
            let (mut sink, mut stream) = socket.split();
            async move {
                let held = api.app.metrics.sockets.hold();
                let mut socket = Socket::new(api, address);
                let close = if spoken {
                    socket.run(&mut sink, &mut stream).await
                } else {
                    Err(Close::PROTOCOL.into())
                };
                drop(socket);
                match close {
                    Err(End::Close(close)) => farewell(Some(close), sink, stream).await,
                    Err(End::Closed) => farewell(None, sink, stream).await,
                    Ok(()) | Err(End::Gone) => {}
                }
                drop((slot, place, held));
            }
        })
}

/// Says why, then waits a moment for the other side: closing with unread bytes would lose the reason.
/// Without a reason the other side has closed and waits for the echo, which reading sends.
async fn farewell(
    close: Option<Close>,
    mut sink: SplitSink<WebSocket, Message>,
    mut stream: SplitStream<WebSocket>,
) {
    let _ = timeout(FAREWELL, async {
        if let Some(Close { code, reason }) = close {
            let frame = CloseFrame { code, reason: reason.as_ref().into() };
            let _ = sink.send(Message::Close(Some(frame))).await;
        }
        while let Some(Ok(_)) = stream.next().await {}
    })
    .await;
}

/// How a socket ends.
enum End {
    Close(Close),
    /// The other side has closed.
    Closed,
    /// The other side is gone.
    Gone,
}

impl From<Close> for End {
    fn from(close: Close) -> Self {
        Self::Close(close)
    }
}

impl From<axum::Error> for End {
    fn from(error: axum::Error) -> Self {
        // The library's error for a message past its limit; the type is not ours to name.
        if error.to_string().starts_with("Space limit exceeded") {
            Close::TOO_LONG.into()
        } else {
            Self::Gone
        }
    }
}

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

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::ws::{
    CloseFrame, Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection,
};
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::future::{AbortHandle, Abortable, BoxFuture};
use futures_util::stream::{BoxStream, FuturesUnordered, SplitSink, SplitStream};
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::time::{Duration, Instant, MissedTickBehavior, interval_at, sleep_until, timeout};
use uuid::Uuid;

use self::message::{Close, Incoming};
use super::address::{self, Peer};
use super::answer::Answer;
use super::limits::{BODY_BYTES, SOCKET_OPERATIONS};
use super::meter::Bucket;
use super::operation::Caller;
use super::place::Place;
use super::refusal::Refusal;
use super::server::Slot;
use super::{Api, RequestId, negotiate, refuse, stopped};
use crate::auth::{Session, SessionError};
use crate::graphql::error as code;

/// The library reserves its default of 128 KiB for every socket.
const READ_BUFFER: usize = 4 * 1024;
/// How long a closed socket may take to say that it knows.
const FAREWELL: Duration = Duration::from_secs(1);
const BUSY: &str = "A socket may have 20 operations at once: complete one first.";

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
        .on_upgrade(move |socket| async move {
            let spoken = socket.protocol().is_some();
            let (mut sink, mut stream) = socket.split();
            let mut socket = Socket::new(api, address);
            let close =
                if spoken { socket.run(&mut sink, &mut stream).await } else { Err(Close::PROTOCOL.into()) };
            drop(socket);
            match close {
                Err(End::Close(close)) => farewell(Some(close), sink, stream).await,
                Err(End::Closed) => farewell(None, sink, stream).await,
                Ok(()) | Err(End::Gone) => {}
            }
            drop((slot, place));
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

type Answers = BoxStream<'static, Answer>;

/// An operation's identity: what the client calls it, and which of those it is.
#[derive(Clone)]
struct Tag {
    id: String,
    number: u64,
}

struct Running {
    number: u64,
    abort: AbortHandle,
    caller: Caller,
    answered: bool,
}

/// What an operation came to.
struct Step {
    tag: Tag,
    answer: Option<Answer>,
    rest: Answers,
}

/// A message to send, and what goes on once it has left.
struct Out {
    message: Message,
    tag: Option<Tag>,
    rest: Option<Answers>,
}

struct Socket {
    api: Arc<Api>,
    address: IpAddr,
    session: Option<Arc<Session>>,
    /// Of the session's principal.
    place: Option<Place>,
    running: HashMap<String, Running>,
    pending: FuturesUnordered<Abortable<BoxFuture<'static, Step>>>,
    outbox: VecDeque<Out>,
    flow: Bucket,
    count: u64,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.running.values().for_each(|running| running.abort.abort());
    }
}

impl Socket {
    fn new(api: Arc<Api>, address: IpAddr) -> Self {
        Self {
            flow: Bucket::full(api.limits.messages),
            api,
            address,
            session: None,
            place: None,
            running: HashMap::new(),
            pending: FuturesUnordered::new(),
            outbox: VecDeque::new(),
            count: 0,
        }
    }

    async fn run(
        &mut self,
        sink: &mut SplitSink<WebSocket, Message>,
        stream: &mut SplitStream<WebSocket>,
    ) -> Result<(), End> {
        let begin = Instant::now();
        let limits = self.api.limits.clone();
        let mut stopping = self.api.stopping.clone();
        let every = |period| {
            let mut interval = interval_at(begin + period, period);
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
            interval
        };
        let (mut ping, mut check) = (every(limits.ping), every(limits.session_check));
        let mut heard = begin;
        let mut leaving: Option<Out> = None;
        loop {
            if leaving.is_none()
                && let Some(mut out) = self.outbox.pop_front()
            {
                sink.feed(std::mem::replace(&mut out.message, Message::Binary(Default::default()))).await?;
                leaving = Some(out);
            }
            tokio::select! {
                flushed = sink.flush(), if leaving.is_some() => {
                    flushed?;
                    if let Some(Out { tag: Some(tag), rest: Some(rest), .. }) = leaving.take() {
                        self.wait_for(tag, rest);
                    }
                }
                Some(step) = self.pending.next() => {
                    // An aborted one was completed by the client.
                    if let Ok(step) = step {
                        self.answered(step)?;
                    }
                }
                message = stream.next() => {
                    heard = Instant::now();
                    match message {
                        Some(message) => self.received(message?).await?,
                        None => return Err(End::Gone),
                    }
                }
                () = sleep_until(begin + limits.init), if self.session.is_none() => return Err(Close::INIT_TIMEOUT.into()),
                _ = ping.tick() => {
                    if heard.elapsed() > 2 * limits.ping {
                        return Err(End::Gone);
                    }
                    self.push(Message::Ping(Default::default()));
                    self.push(message::ping());
                }
                _ = check.tick() => {
                    if let Some(session) = &self.session && self.api.app.sessions.alive(session).await.is_none() {
                        return Err(Close::FORBIDDEN.into());
                    }
                }
                () = stopped(&mut stopping) => return Err(Close::RESTART.into()),
            }
        }
    }

    fn push(&mut self, message: Message) {
        self.outbox.push_back(Out { message, tag: None, rest: None });
    }

    async fn received(&mut self, message: Message) -> Result<(), End> {
        let text = match message {
            Message::Pong(_) => return Ok(()),
            Message::Close(_) => return Err(End::Closed),
            other => {
                self.flow.take(self.api.limits.messages, 1, Instant::now()).map_err(|_| Close::TOO_MANY)?;
                match other {
                    Message::Text(text) => text,
                    Message::Binary(_) => {
                        return Err(Close::bad("Binary messages have no meaning here").into());
                    }
                    _ => return Ok(()),
                }
            }
        };
        if text.len() > BODY_BYTES {
            return Err(Close::TOO_LONG.into());
        }
        match Incoming::read(text.as_bytes())? {
            Incoming::Init(authorization) => self.init(authorization).await?,
            Incoming::Ping(payload) => self.push(message::pong(payload.as_ref())),
            Incoming::Pong => {}
            Incoming::Complete(id) => {
                if let Some(running) = self.running.remove(&id) {
                    running.abort.abort();
                    self.outbox.retain(|out| out.tag.as_ref().is_none_or(|tag| tag.number != running.number));
                }
            }
            Incoming::Subscribe(id, params) => {
                let session = self.session.clone().ok_or(Close::UNAUTHORIZED)?;
                if self.running.contains_key(&id) {
                    return Err(Close::duplicate(&id).into());
                }
                let request_id: Arc<str> = Uuid::now_v7().simple().to_string().into();
                let caller = Caller { session, address: self.address, request_id };
                match self.start(&caller, params) {
                    Ok(answers) => self.register(id, caller, answers),
                    Err(refusal) => {
                        let answer = Answer::new(refusal.into(), &caller.request_id, None);
                        self.push(message::error(&id, &answer));
                    }
                }
            }
        }
        Ok(())
    }

    async fn init(&mut self, authorization: Option<String>) -> Result<(), End> {
        if self.session.is_some() {
            return Err(Close::SECOND_INIT.into());
        }
        let opened = self.api.app.sessions.open(authorization.as_deref()).await;
        if matches!(opened, Err(SessionError::Unavailable)) {
            return Err(Close::TRY_AGAIN.into());
        }
        let known = opened.ok();
        if known.as_ref().is_none_or(|session| session.principal == "anonymous") {
            self.api.admit_anonymous(self.address).map_err(|_| Close::TOO_MANY)?;
        }
        let session = known.ok_or(Close::FORBIDDEN)?;
        self.place = self.api.place_of_principal(&session).map_err(|_| Close::TOO_MANY)?;
        self.session = Some(Arc::new(session));
        self.push(message::ack());
        Ok(())
    }

    fn start(&self, caller: &Caller, params: super::operation::Params) -> Result<Answers, Refusal> {
        if self.running.len() >= SOCKET_OPERATIONS {
            return Err(Refusal::new(code::RATE_LIMITED, BUSY));
        }
        if caller.session.principal == "anonymous" {
            self.api.admit_anonymous(self.address)?;
        }
        let operation = self.api.prepare(params, caller)?;
        Ok(self.api.stream(operation))
    }

    fn register(&mut self, id: String, caller: Caller, answers: Answers) {
        self.count += 1;
        let tag = Tag { id: id.clone(), number: self.count };
        let (abort, _) = AbortHandle::new_pair();
        self.running.insert(id, Running { number: tag.number, abort, caller, answered: false });
        self.wait_for(tag, answers);
    }

    /// Asks an operation that is still wanted for its next answer.
    fn wait_for(&mut self, tag: Tag, mut rest: Answers) {
        let Some(running) = self.running.get_mut(&tag.id).filter(|running| running.number == tag.number)
        else {
            return;
        };
        let (abort, registration) = AbortHandle::new_pair();
        running.abort = abort;
        let next = async move {
            let answer = rest.next().await;
            Step { tag, answer, rest }
        };
        self.pending.push(Abortable::new(next.boxed(), registration));
    }

    fn answered(&mut self, step: Step) -> Result<(), End> {
        let Step { tag, answer, rest } = step;
        let Some(running) = self.running.get_mut(&tag.id).filter(|running| running.number == tag.number)
        else {
            return Ok(());
        };
        let Some(answer) = answer else {
            self.running.remove(&tag.id);
            self.outbox.push_back(Out { message: message::complete(&tag.id), tag: Some(tag), rest: None });
            return Ok(());
        };
        if answer.refused.is_some() && !running.answered {
            self.running.remove(&tag.id);
            self.push(message::error(&tag.id, &answer));
            return Ok(());
        }
        if answer.lost && running.answered {
            tracing::info!(request_id = &*running.caller.request_id, "a subscription lost its right");
            return Err(Close::FORBIDDEN.into());
        }
        running.answered = true;
        let message = message::next(&tag.id, &answer);
        self.outbox.push_back(Out { message, tag: Some(tag), rest: Some(rest) });
        Ok(())
    }
}

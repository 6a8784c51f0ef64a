//! One socket: what it has running, what waits to be sent, and the loop that serves both.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use async_graphql_parser::types::OperationType;
use axum::extract::ws::{Message, WebSocket};
use futures_util::future::{AbortHandle, Abortable, BoxFuture};
use futures_util::stream::{BoxStream, FuturesUnordered, SplitSink, SplitStream};
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};
use tracing::{Instrument, Span, error_span};
use uuid::Uuid;

use super::End;
use super::message::{self, Close, Incoming};
use crate::auth::{Session, SessionError};
use crate::graphql::error as code;
use crate::http::answer::Answer;
use crate::http::limits::{BODY_BYTES, SOCKET_OPERATIONS};
use crate::http::meter::Bucket;
use crate::http::operation::{Caller, Operation, Params};
use crate::http::place::Place;
use crate::http::record::Record;
use crate::http::refusal::Refusal;
use crate::http::{Api, stopped};

const BUSY: &str = "A socket may have 20 operations at once: complete one first.";

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
    span: Span,
    answered: bool,
    is_live: bool,
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

/// An open socket.
pub(super) struct Socket {
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
    pub(super) fn new(api: Arc<Api>, address: IpAddr) -> Self {
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

    /// Speaks the protocol until either side ends it.
    pub(super) async fn run(
        &mut self,
        sink: &mut SplitSink<WebSocket, Message>,
        stream: &mut SplitStream<WebSocket>,
    ) -> Result<(), End> {
        let begin = Instant::now();
        let api = Arc::clone(&self.api);
        let limits = &api.limits;
        let mut closing = self.api.closing();
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
                // Room for what is rare is given back: most wait, for hours.
                if self.outbox.is_empty() {
                    self.outbox = VecDeque::new();
                }
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
                        // Apart, since its future is larger than all else that a waiting socket holds.
                        Some(message) => Box::pin(self.received(message?)).await?,
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
                () = stopped(&mut closing) => return Err(Close::RESTART.into()),
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
                self.flow.take(self.api.limits.messages, 1, Instant::now()).map_err(|_| {
                    self.api.refused("messages");
                    Close::TOO_MANY
                })?;
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
                let mut record = Record::new();
                // Stands for the request of its own that an operation is elsewhere.
                let span = error_span!("request", request_id = &*caller.request_id);
                let _entered = span.enter();
                match self.prepare(&caller, params, &mut record) {
                    Ok(operation) => {
                        let is_live = operation.kind() == OperationType::Subscription;
                        let abort = AbortHandle::new_pair().0;
                        let running = Running {
                            number: 0,
                            abort,
                            caller,
                            span: span.clone(),
                            answered: false,
                            is_live,
                        };
                        self.register(id, running, self.api.stream(operation, record));
                    }
                    Err(refusal) => {
                        record.close(&self.api, refusal.code, None);
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

    fn prepare(&self, caller: &Caller, params: Params, record: &mut Record) -> Result<Operation, Refusal> {
        if self.running.len() >= SOCKET_OPERATIONS {
            self.api.refused("socket_operations");
            return Err(Refusal::new(code::RATE_LIMITED, BUSY));
        }
        if caller.session.principal == "anonymous" {
            self.api.admit_anonymous(self.address)?;
        }
        self.api.prepare(params, caller, record)
    }

    fn register(&mut self, id: String, running: Running, answers: Answers) {
        self.count += 1;
        let tag = Tag { id: id.clone(), number: self.count };
        self.running.insert(id, Running { number: tag.number, ..running });
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
        }
        .instrument(running.span.clone());
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
        // The next change may be long in coming: whoever connects again is shown the whole state (T52).
        if answer.away && running.is_live {
            return Err(Close::TRY_AGAIN.into());
        }
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

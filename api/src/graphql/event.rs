//! Events of subscriptions, which are kept outside the library between two of them.
//!
//! The library holds all that belongs to an operation for as long as a subscription waits, which is several kilobytes,
//! and gives each event the data of the request that subscribed: a loader in it would answer the thousandth event from
//! the first one's cache. So a subscription is begun by the library, which checks it and hands over the source of its
//! events, and each event is an operation of its own, with a request of its own. What waits is the source alone.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Context;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt, stream};

/// What a subscription's field makes, an error included.
pub type Event = Box<dyn Any + Send>;

/// Where the events of a subscription come from.
pub type Source = BoxStream<'static, Event>;

/// What a subscription's field is asked for, among the data of its operation.
#[derive(Clone)]
pub struct Turn(Arc<Mutex<Step>>);

enum Step {
    Begin(Option<Source>),
    Next(Option<Event>),
}

impl Turn {
    /// To begin: the source is to be handed over.
    pub fn begin() -> Self {
        Self(Arc::new(Mutex::new(Step::Begin(None))))
    }

    /// To show an event.
    pub fn next(event: Event) -> Self {
        Self(Arc::new(Mutex::new(Step::Next(Some(event)))))
    }

    /// The source that was handed over.
    pub fn source(&self) -> Option<Source> {
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Step::Begin(source) => source.take(),
            Step::Next(_) => None,
        }
    }

    /// The event to show, where one is.
    fn event(&self) -> Option<Option<Event>> {
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Step::Begin(_) => None,
            Step::Next(event) => Some(event.take()),
        }
    }

    fn hand_over(&self, source: Source) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Step::Begin(Some(source));
    }
}

/// The events of a subscription's field for the operation at hand: none where it begins, one where it is an event's.
/// `source` is awaited only where it begins.
pub async fn events<T, S>(ctx: &Context<'_>, source: impl Future<Output = S>) -> BoxStream<'static, T>
where
    T: Send + 'static,
    S: Stream<Item = T> + Send + 'static,
{
    let Some(turn) = ctx.data_opt::<Turn>() else {
        return source.await.boxed();
    };
    match turn.event() {
        Some(event) => {
            let event = event.and_then(|event| event.downcast::<T>().ok());
            stream::iter(event.map(|event| *event)).boxed()
        }
        None => {
            turn.hand_over(source.await.map(|event| Box::new(event) as Event).boxed());
            stream::empty().boxed()
        }
    }
}

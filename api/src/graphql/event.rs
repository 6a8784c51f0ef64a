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

/// Where a subscription that begins leaves its source; among the data of the operation that begins it.
#[derive(Clone, Default)]
pub struct Place(Arc<Mutex<Option<Source>>>);

impl Place {
    /// The source that was left.
    pub fn take(&self) -> Option<Source> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The event to be shown; among the data of the operation that shows it.
pub struct Next(Mutex<Option<Event>>);

impl Next {
    /// This one.
    pub fn new(event: Event) -> Self {
        Self(Mutex::new(Some(event)))
    }
}

/// The events of a subscription's field for the operation at hand: the one that is to be shown, or none where the source
/// is to be left. Where neither is said all of them follow. `source` is awaited only where it is needed.
pub async fn events<T, S>(ctx: &Context<'_>, source: impl Future<Output = S>) -> BoxStream<'static, T>
where
    T: Send + 'static,
    S: Stream<Item = T> + Send + 'static,
{
    if let Some(Next(event)) = ctx.data_opt::<Next>() {
        let event = event.lock().unwrap_or_else(PoisonError::into_inner).take();
        let event = event.and_then(|event| event.downcast::<T>().ok());
        return stream::iter(event.map(|event| *event)).boxed();
    }
    let source = source.await;
    let Some(Place(place)) = ctx.data_opt::<Place>() else {
        return source.boxed();
    };
    let source = source.map(|event| Box::new(event) as Event).boxed();
    *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(source);
    stream::empty().boxed()
}

//! Live objects (L-3): whoever watches is woken by a key, reads the object anew with the rights of that moment, and is
//! shown it only if those let them see it.
//!
//! Wake-ups that were missed cannot be made up for one by one: the stream then ends with UNAVAILABLE, and the watcher
//! subscribes again and reads what it shows.

use std::sync::Arc;

use domain::id::{ClientId, NotificationId, PlanId, TaskId, TimeEntryId, UserId};
use domain::policy::{Action, Denied};
use entity::{notification, plan, task, time_entry};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, Stream, stream};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::app::Call;
use crate::auth::Session;
use crate::bus::Topic;
use crate::error::{Error, Result};

/// The key that a topic wakes, where it concerns the watcher, and the client that it is of, where it is of one.
pub type Pick<K> = Box<dyn Fn(&Topic) -> Option<(Option<ClientId>, K)> + Send + Sync>;

/// What is watched.
pub struct Watched<K, T> {
    /// The right that each event needs.
    pub action: Action,
    /// The client whose objects they all are, where they are of one: the stream ends once it is out of reach.
    pub client: Option<ClientId>,
    /// What a topic wakes.
    pub pick: Pick<K>,
    /// Reads the object with the rights of the moment; none where it is not to be seen.
    pub read: fn(Call, K) -> BoxFuture<'static, Result<Option<T>>>,
}

/// The tasks of a client, or of every client.
pub fn tasks(client: Option<ClientId>) -> Watched<TaskId, task::Model> {
    Watched {
        action: Action::TaskRead,
        client,
        pick: Box::new(move |topic| match topic {
            Topic::Task(of, id) if client.is_none_or(|client| client == *of) => Some((Some(*of), *id)),
            _ => None,
        }),
        read: |call, id| async move { super::task::find(&call, id).await }.boxed(),
    }
}

/// The time entries of a client, or of every client.
pub fn time_entries(client: Option<ClientId>) -> Watched<TimeEntryId, time_entry::Model> {
    Watched {
        action: Action::TimeEntryRead,
        client,
        pick: Box::new(move |topic| match topic {
            Topic::TimeEntry(of, id) if client.is_none_or(|client| client == *of) => Some((Some(*of), *id)),
            _ => None,
        }),
        read: |call, id| async move { super::time_entry::find(&call, id).await }.boxed(),
    }
}

/// One plan of a client.
pub fn plan(client: ClientId, plan: PlanId) -> Watched<PlanId, plan::Model> {
    Watched {
        action: Action::PlanRead,
        client: Some(client),
        pick: Box::new(move |topic| match topic {
            Topic::Plan(of, id) if *id == plan => Some((Some(*of), *id)),
            _ => None,
        }),
        read: |call, id| async move { super::plan::find(&call, id).await }.boxed(),
    }
}

/// What one person is told.
pub fn notifications(user: UserId) -> Watched<NotificationId, notification::Model> {
    Watched {
        action: Action::NotificationRead,
        client: None,
        pick: Box::new(move |topic| match topic {
            Topic::Notification(of, id) if *of == user => Some((None, *id)),
            _ => None,
        }),
        read: |call, id| async move { super::notification::find(&call, id).await }.boxed(),
    }
}

/// The objects as they change, until the session ends or the right to what is watched is lost.
pub fn changes<K, T>(
    call: &Call,
    session: Arc<Session>,
    watched: Watched<K, T>,
) -> impl Stream<Item = Result<T>> + Send + use<K, T>
where
    K: Send + 'static,
    T: Send + 'static,
{
    // Subscribed before anything is awaited, so that nothing falls between.
    let topics = call.app.bus.listen();
    stream::unfold(Some((call.clone(), session, watched, topics)), |state| async move {
        let (call, session, watched, mut topics) = state?;
        match next(&call, &session, &watched, &mut topics).await {
            Ok(value) => Some((Ok(value), Some((call, session, watched, topics)))),
            Err(error) => Some((Err(error), None)),
        }
    })
}

async fn next<K, T>(
    call: &Call,
    session: &Session,
    watched: &Watched<K, T>,
    topics: &mut Receiver<Topic>,
) -> Result<T> {
    loop {
        let topic = match topics.recv().await {
            Ok(topic) => topic,
            Err(RecvError::Lagged(_) | RecvError::Closed) => return Err(missed()),
        };
        let concerns = match topic {
            // Among what was missed may be one of those watched.
            Topic::Everything => return Err(missed()),
            Topic::Rights(whom) => session.whose().concerns(Some(whom)),
            _ => (watched.pick)(&topic).is_some(),
        };
        if !concerns {
            continue;
        }
        let actor = call.app.sessions.alive(session).await.ok_or(Error::Denied(Denied::Unauthenticated))?;
        let scope = actor.scope(watched.action)?;
        if watched.client.is_some_and(|client| !scope.reaches(client)) {
            return Err(Denied::Forbidden.into());
        }
        let Some((client, key)) = (watched.pick)(&topic) else { continue };
        // One's own objects are told apart from others' when the object is read.
        if client.is_some_and(|client| !scope.reaches(client)) {
            continue;
        }
        let now = Call::new(Arc::clone(&call.app), actor, call.request_id.clone());
        if let Some(value) = call.app.db.in_time((watched.read)(now, key)).await? {
            return Ok(value);
        }
    }
}

fn missed() -> Error {
    Error::Unavailable("changes were missed".to_owned())
}

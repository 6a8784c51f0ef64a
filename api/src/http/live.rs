//! A subscription as the transports run it: begun in the library, then an operation for each of its events.

use std::sync::Arc;

use async_graphql::{Name, Response, Value, Variables};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt, stream};

use super::Api;
use super::guard::Prepared;
use super::operation::{Caller, Operation, request};
use crate::graphql;
use crate::graphql::cost::Charge;
use crate::graphql::event::{Event, Next, Place, Source};

/// What stays between two events, as small as can be: there may be ten thousand of these.
struct Waiting {
    api: Arc<Api>,
    caller: Caller,
    prepared: Arc<Prepared>,
    variables: Box<[(Name, Value)]>,
    charge: Charge,
}

enum State {
    /// The library answers by itself: that it cannot be had, or whatever hands over no source.
    Beginning(BoxStream<'static, Response>, Place),
    Open(Source),
}

impl Api {
    /// The answers of a subscription.
    pub(super) fn live(
        self: &Arc<Self>,
        operation: Operation,
    ) -> impl Stream<Item = Response> + Send + use<> {
        let Operation { prepared, caller, variables, charge, .. } = operation;
        let kept = variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let place = Place::default();
        let context = graphql::Request::new(&self.app, &caller.session, &caller.request_id);
        let first = request(&prepared, variables, &caller, context, charge).data(place.clone());
        let begun = self.engine.stream(first);
        let waiting = Waiting { api: Arc::clone(self), caller, prepared, variables: kept, charge };
        stream::unfold((waiting, State::Beginning(begun, place)), |(waiting, mut state)| async move {
            loop {
                state = match state {
                    State::Beginning(mut begun, place) => match begun.next().await {
                        Some(response) => return Some((response, (waiting, State::Beginning(begun, place)))),
                        None => State::Open(place.take()?),
                    },
                    State::Open(mut source) => {
                        let event = source.next().await?;
                        let response = Box::pin(waiting.show(event)).await?;
                        return Some((response, (waiting, State::Open(source))));
                    }
                }
            }
        })
    }
}

impl Waiting {
    /// An event as an operation of its own: nothing cached, today's rights.
    async fn show(&self, event: Event) -> Option<Response> {
        let Self { api, caller, prepared, variables, charge } = self;
        let mut given = Variables::default();
        given.extend(variables.iter().cloned());
        let context = graphql::Request::of_this_moment(&api.app, &caller.session, &caller.request_id).await;
        let request = request(prepared, given, caller, context, *charge).data(Next::new(event));
        api.engine.stream(request).next().await
    }
}

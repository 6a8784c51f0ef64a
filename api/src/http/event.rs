//! A fresh request for each event of a subscription.
//!
//! The library hands the data of the subscribe request to every event, so a loader in it would answer
//! the thousandth event from the first one's cache. This extension puts a new [`Request`] in front of it,
//! with loaders of its own. Extensions cost every operation something, so only the engine that runs
//! subscriptions has it.

use std::sync::Arc;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_graphql::{Data, Response};

use crate::graphql::Request;

/// To be given to the builder of the schema that runs subscriptions.
#[derive(Debug, Clone, Copy)]
pub struct FreshRequest;

impl ExtensionFactory for FreshRequest {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for FreshRequest {
    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        match ctx.data_opt::<Request>() {
            Some(first) => {
                let mut data = Data::default();
                data.insert(first.again().await);
                next.run_with_data(ctx, operation_name, data).await
            }
            None => next.run(ctx, operation_name).await,
        }
    }
}

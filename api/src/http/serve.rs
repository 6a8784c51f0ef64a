//! The real schema behind the transports, in two forms.
//!
//! Operations run on the first; documents of nothing but `__schema` and `__type` on the second, which is there where
//! introspection is switched on, and made when it is first asked for.

use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use async_graphql::{Request, Response};
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::graphiql::Example;
use super::limits::Limits;
use super::{Api, Engine, Setup, server};
use crate::app::App;
use crate::error::{Error, Result};
use crate::graphql;

/// How deep a question about the schema may nest; tools ask for types wrapped nine times.
const INTROSPECTION_DEPTH: usize = 16;

/// A form of the schema that not every server needs; it takes some megabytes and milliseconds.
struct Late(LazyLock<graphql::Schema>);

impl Engine for Late {
    fn execute(&self, request: Request) -> BoxFuture<'static, Response> {
        Engine::execute(&*self.0, request)
    }

    fn stream(&self, request: Request) -> BoxStream<'static, Response> {
        Engine::stream(&*self.0, request)
    }

    fn sdl(&self) -> String {
        Engine::sdl(&*self.0)
    }
}

fn introspection() -> graphql::Schema {
    graphql::builder().introspection_only().limit_depth(INTROSPECTION_DEPTH).finish()
}

/// Serves the API on `listener` as the settings say until `stopping` turns true, then drains.
///
/// # Errors
/// The file of documents cannot be used, or the listener has no address.
pub async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    examples: Vec<Example>,
    stopping: watch::Receiver<bool>,
) -> Result<()> {
    let config = &app.config;
    let address =
        listener.local_addr().map_err(|error| Error::Internal(format!("no address to serve: {error}")))?;
    let setup = Setup {
        address,
        engine: Arc::new(graphql::schema()),
        introspection: config
            .introspection
            .then(|| Arc::new(Late(LazyLock::new(introspection))) as Arc<dyn Engine>),
        documents: config.documents_file.as_deref().map(documents).transpose()?,
        limits: Limits { linger: Duration::from_secs(config.stop_delay), ..config.limits.clone() },
        stopping,
        examples,
        app,
    };
    let api = Api::new(setup).map_err(|error| Error::Internal(format!("the schema's text: {error}")))?;
    tracing::info!(%address, "serving");
    server::serve(listener, api).await;
    Ok(())
}

/// Reads the only documents that are executed.
fn documents(file: &Path) -> Result<Vec<String>> {
    let fault = |error: &dyn std::fmt::Display| Error::Internal(format!("{}: {error}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| fault(&error))?;
    serde_json::from_str(&text).map_err(|error| fault(&error))
}

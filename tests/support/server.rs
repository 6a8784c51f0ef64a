//! The whole product on a real port: for what only shows across the wire, above all subscriptions.

use std::net::SocketAddr;
use std::sync::Arc;

use hourbank::http::serve::serve;
use hourbank::usecase::hour_balance::keep;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::app::TestApp;
use super::http::{self, Reply};
use super::wire::Wire;

/// A server of one test; it ends with it.
pub struct Server {
    pub addr: SocketAddr,
    task: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl Server {
    /// Serves an application as the `serve` command would, live balances included.
    pub async fn start(app: &TestApp) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("bound");
        let (stop, stopping) = watch::channel(false);
        let app = Arc::clone(&app.app);
        tokio::spawn(keep(Arc::clone(&app), stopping.clone()));
        let task = tokio::spawn(async move {
            serve(app, listener, Vec::new(), stopping).await.expect("the settings of tests can be served");
        });
        Self { addr, task, stop }
    }

    /// Sends an operation as the bearer of a token, or as nobody; see `Reply::json`.
    pub async fn post(&self, token: Option<&str>, document: &str, variables: Value) -> Reply {
        http::post(self.addr, token, &json!({"query": document, "variables": variables})).await
    }

    /// A socket past its ack.
    pub async fn socket(&self, token: Option<&str>) -> Wire {
        Wire::ready(self.addr, token).await
    }

    /// Asks the server to end, as a signal would.
    pub fn stop(&self) {
        // A server that has ended already does not listen.
        let _ = self.stop.send(true);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        self.task.abort();
    }
}

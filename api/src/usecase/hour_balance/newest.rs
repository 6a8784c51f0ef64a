//! Reads the newest balances, once for all who want them at the same moment, and hands them on to whoever watches.
//!
//! One reading is under way at a time, so a value never takes the place of one that was read after it.

use std::collections::HashMap;
use std::sync::Arc;

use domain::balance::Balance;
use domain::id::ClientId;
use domain::policy::Scope;

use super::read;
use crate::app::{App, Call};
use crate::error::{Error, Result};
use crate::store::course::Which;

/// Clients in one statement.
const BATCH: usize = 1_000;

/// The balances of some clients as of now or a moment later, by client; `None` stands for every client.
///
/// # Errors
/// The database is away.
pub(super) async fn newest(
    app: &Arc<App>,
    clients: Vec<Option<ClientId>>,
) -> Result<Arc<HashMap<Option<ClientId>, Vec<Balance>>>> {
    let source = Arc::clone(app);
    let read = move |clients| {
        let app = Arc::clone(&source);
        async move {
            app.db
                .in_time(read_and_put(&app, clients))
                .await
                .inspect_err(|error| {
                    tracing::warn!(error = error.for_log(), "live balances could not be read")
                })
                .ok()
        }
    };
    let found = app.balance_readings.read(clients, read).await;
    found.ok_or_else(|| Error::Unavailable("live balances could not be read".to_owned()))
}

async fn read_and_put(
    app: &Arc<App>,
    clients: Vec<Option<ClientId>>,
) -> Result<HashMap<Option<ClientId>, Vec<Balance>>> {
    let call = Call::system(app, "balances");
    // Whoever has no balance any more has an empty state, which is news as well.
    let mut states: HashMap<Option<ClientId>, Vec<Balance>> =
        clients.iter().map(|client| (*client, Vec::new())).collect();
    let mut balances = Vec::new();
    if states.remove(&None).is_some() {
        states.extend(app.balances.keys().into_iter().map(|client| (Some(client), Vec::new())));
        balances = read(&call, Which::Scope(&Scope::All)).await?;
    } else {
        let clients: Vec<ClientId> = clients.into_iter().flatten().collect();
        for some in clients.chunks(BATCH) {
            balances.extend(read(&call, Which::Clients(some)).await?);
        }
    }
    for balance in balances {
        states.entry(Some(balance.client_id)).or_default().push(balance);
    }
    for (client, state) in &states {
        if let Some(client) = client {
            app.balances.put(*client, state.clone(), |held, new| {
                held.len() == new.len() && held.iter().zip(new).all(|(held, new)| held.reads_like(new))
            });
        }
    }
    Ok(states)
}

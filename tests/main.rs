//! The suite: one binary, one file per capability.

mod block;
mod catalogue;
mod client;
mod comment;
mod drain;
mod event_stream;
mod hostile;
mod ledger;
mod live_session;
mod migration;
mod plan;
mod reservation;
mod schema;
mod server;
mod sign_in;
mod socket;
mod support;
mod task;
mod team;
mod tidy;
mod time_entry;
mod token;
mod transport;

//! The suite: one binary, one file per capability.

mod catalogue;
mod client;
mod drain;
mod event_stream;
mod hostile;
mod ledger;
mod live_session;
mod migration;
mod reservation;
mod schema;
mod server;
mod sign_in;
mod socket;
mod support;
mod team;
mod tidy;
mod time_entry;
mod token;
mod transport;

//! The suite: one binary, one file per capability.

mod client;
mod drain;
mod event_stream;
mod hostile;
mod live_session;
mod migration;
mod server;
mod socket;
mod support;
mod tidy;
mod time_entry;
mod transport;

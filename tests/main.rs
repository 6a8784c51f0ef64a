//! The suite: one binary, one file per capability.
#![allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]

mod access;
mod api_key;
mod block;
mod catalogue;
mod client;
mod comment;
<<<<<<< HEAD
mod correction;
=======
mod demo;
>>>>>>> people
mod drain;
mod engagement;
mod event_stream;
mod hostile;
mod ledger;
mod live;
mod live_session;
mod mail;
mod migration;
mod page;
mod payment;
mod plan;
mod reservation;
mod schema;
mod server;
mod sign_in;
mod socket;
mod start;
mod support;
mod task;
mod team;
mod tidy;
mod time_entry;
mod token;
mod top_up;
mod transport;
mod user;
mod view_as;

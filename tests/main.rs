//! The suite: one binary, one file per capability.

mod block;
mod catalogue;
mod client;
mod comment;
mod ledger;
mod migration;
mod plan;
mod reservation;
mod support;
mod task;
mod team;
mod tidy;
mod time_entry;

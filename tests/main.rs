//! The suite: one binary, one file per capability.

mod client;
mod ledger;
mod migration;
mod support;
mod tidy;
mod time_entry;

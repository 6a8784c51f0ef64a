//! The suite: one binary, one file per capability.

mod catalogue;
mod client;
mod ledger;
mod migration;
mod reservation;
mod sign_in;
mod support;
mod team;
mod tidy;
mod time_entry;
mod token;

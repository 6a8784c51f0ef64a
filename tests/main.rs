//! The suite: one binary, one file per capability.

mod api_key;
mod catalogue;
mod client;
mod ledger;
mod mail;
mod migration;
mod reservation;
mod sign_in;
mod support;
mod team;
mod tidy;
mod time_entry;
mod token;
mod user;
mod view_as;

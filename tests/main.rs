//! The suite: one binary, one file per capability.

mod client;
mod migration;
mod support;
mod tidy;
mod time_entry;

//! The suite: one binary, one file per capability.

mod client;
mod migration;
mod server;
mod support;
mod tidy;

//! The suite: one binary, one file per capability.

mod client;
mod migration;
mod sign_in;
mod support;
mod tidy;
mod token;

//! The suite: one binary, one file per capability.

mod client;
mod support;
mod tidy;

//! The suite: one binary, one file per capability.

mod block;
mod client;
mod comment;
mod migration;
mod plan;
mod support;
mod task;
mod tidy;

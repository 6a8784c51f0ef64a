//! The suite: one binary, one file per capability.

mod client;
mod engagement;
mod migration;
mod payment;
mod start;
mod support;
mod tidy;
mod top_up;

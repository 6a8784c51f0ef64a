//! The suite: one binary, one file per capability.

mod support;
mod tidy;

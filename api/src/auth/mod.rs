//! Who asks.
pub mod session;

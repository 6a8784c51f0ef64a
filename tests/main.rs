//! The whole suite: one binary.

mod hostile;
mod toy;
mod transport;
mod wire;

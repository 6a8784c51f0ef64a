//! The whole suite: one binary.

mod hostile;
mod live;
mod toy;
mod transport;
mod wire;

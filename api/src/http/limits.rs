//! Bounds that are part of the API's promise; those that an operator may move are settings.

pub use crate::config::Limits;

/// Bytes of a GraphQL request's body, and of a message on a socket.
pub const BODY_BYTES: usize = 64 * 1024;
/// Operations that one socket may have running.
pub const SOCKET_OPERATIONS: usize = 20;

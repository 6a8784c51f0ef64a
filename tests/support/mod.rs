//! What the tests stand on.

pub mod actor;
pub mod app;
pub mod build;
pub mod collector;
pub mod database;
pub mod http;
pub mod instance;
pub mod people;
pub mod ready;
pub mod server;
pub mod session;
pub mod story;
pub mod toy;
pub mod wire;
pub mod work;

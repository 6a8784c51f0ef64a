//! What the tests stand on.

pub mod actor;
pub mod app;
pub mod build;
pub mod database;
pub mod people;
pub mod story;

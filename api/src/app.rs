//! Where things are wired.

use std::collections::HashSet;
use std::sync::Mutex;

use chrono::{DateTime, Utc};
use sea_orm::DatabaseConnection;

use crate::config::Config;

#[derive(Debug)]
pub struct App {
    pub config: Config,
    pub db: DatabaseConnection,
    /// Stand-in: principals that were signed out.
    pub gone: Mutex<HashSet<String>>,
}

impl App {
    pub fn now(&self) -> DateTime<Utc> {
        crate::clock::now()
    }
}

//! The API's shape (stand-in).
pub mod cost;
pub mod error;

use std::sync::Arc;

use crate::app::App;
use crate::auth::session::Session;

pub struct Request {
    pub app: Arc<App>,
    pub session: Arc<Session>,
    pub request_id: String,
}

#[must_use]
pub fn request_data(app: &Arc<App>, session: &Arc<Session>, request_id: &str) -> Request {
    Request { app: app.clone(), session: session.clone(), request_id: request_id.into() }
}

//! The backend of a CRM integrator's hour bank.
pub mod app;
pub mod auth;
pub mod clock;
pub mod config;
pub mod graphql;
pub mod http;

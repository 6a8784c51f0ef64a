//! Hourbank: the backend of a CRM integrator's hour bank, as one GraphQL API with live balances.
//!
//! One direction, and nothing calls back up:
//!
//! ```text
//! http → graphql → usecase → store → entity
//!  └ auth   │         └────┬────┴────────┴──→ domain   (pure)
//!           └ loader → store (reads)
//! job → usecase      store::tx ──→ bus ──→ usecase::*::watch
//! ```

pub mod app;
pub mod clock;
pub mod config;
pub mod error;
pub mod metric;
pub mod telemetry;

pub mod auth;
pub mod backup;
pub mod demo;
pub mod graphql;
pub mod http;
pub mod job;
pub mod process;
pub mod seed;
pub mod usecase;

pub mod bus;
pub mod mail;
pub mod report;
pub mod store;

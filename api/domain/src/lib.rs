//! The rules of Hourbank.

pub mod alert;
pub mod block;
pub mod calendar;
pub mod client;
pub mod engagement;
pub mod id;
pub mod ledger;
pub mod minutes;
pub mod money;
pub mod order;
pub mod period;
pub mod plan;
pub mod stage;
pub mod tariff;
pub mod task;
pub mod team;
pub mod text;
pub mod time_entry;
pub mod user;
mod vocabulary;

//! The only place with SQL. Functions take `&impl ConnectionTrait`; those that must be inside a unit of work take
//! `&Tx`. A function fetches or writes; it decides nothing.

pub mod actor;
pub mod api_key;
pub mod audit;
pub mod block;
pub mod by_id;
pub mod by_parent;
pub mod calendar;
pub mod client;
pub mod comment;
pub mod course;
pub mod db;
pub mod dialect;
pub mod engagement;
pub mod filter;
pub mod flat;
pub mod invitation;
pub mod ledger;
pub mod mail;
pub mod order;
pub mod page;
pub mod payment;
pub mod period;
pub mod plan;
pub mod reservation;
pub mod service;
pub mod sign_in;
pub mod sign_off;
pub mod start;
pub mod tariff;
pub mod task;
pub mod team;
pub mod time_entry;
pub mod total;
pub mod tree;
pub mod tx;
pub mod user;
pub mod visible;
pub mod way_in;

pub use db::Db;
pub use flat::Flat;
pub use sea_orm::DbErr;
pub use tx::{Change, Tx, insert, update};

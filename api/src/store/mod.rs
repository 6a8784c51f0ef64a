//! The only place with SQL. Functions take `&impl ConnectionTrait`; those that must be inside a unit of work take
//! `&Tx`. A function fetches or writes; it decides nothing.

pub mod actor;
pub mod api_key;
pub mod audit;
pub mod by_id;
pub mod client;
pub mod db;
pub mod dialect;
pub mod filter;
pub mod invitation;
pub mod mail;
pub mod page;
pub mod sign_in;
pub mod tx;
pub mod user;
pub mod visible;

pub use db::Db;
pub use sea_orm::DbErr;
pub use tx::{Change, Tx, insert, update};

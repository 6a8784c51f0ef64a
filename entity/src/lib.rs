//! The tables as Rust sees them: columns and relations, nothing else.
//!
//! One file a table, named after it. Identifiers and enumerations are the domain's own types, so that a row read is a
//! row understood and no text of an enumeration is spelled here. Minutes are whole minutes, times are UTC, days are days
//! of the client's calendar. Relations stand where a join is likely; everything that writes, counts or decides lies
//! above. The constraints live in the migrations; a test compares both, column by column.

// People and their ways to sign in.
pub mod api_key;
pub mod api_key_client;
pub mod invitation;
pub mod refresh_token;
pub mod sign_in;
pub mod sign_in_attempt;
pub mod user;

// Clients, their teams and the calendar.
pub mod client;
pub mod client_recipient;
pub mod holiday;
pub mod team_member;
pub mod way_in;

// What can be bought.
pub mod service;
pub mod stage_norm;
pub mod tariff;
pub mod tariff_revision;

// What was bought, and its hours.
pub mod engagement;
pub mod engagement_tariff;
pub mod ledger_entry;
pub mod ledger_head;
pub mod payment;
pub mod payment_period;
pub mod period;
pub mod reservation;

// What is to be done.
pub mod block;
pub mod block_dependency;
pub mod comment;
pub mod goal;
pub mod plan;
pub mod sign_off;
pub mod task;

// Time as people logged it.
pub mod time_entry;
pub mod time_entry_question;
pub mod timer;
pub mod user_day;

// What the client is told each week.
pub mod report_answer;
pub mod weekly_report;
// What is talked about, and what the client thinks of it.
pub mod client_satisfaction;
pub mod meeting;
pub mod meeting_item;
pub mod meeting_participant;
pub mod meeting_rhythm;
pub mod satisfaction;

// What the client's people learn from.
pub mod instruction;
pub mod training;
pub mod training_person;

// What people are told.
pub mod balance_warning;
pub mod daily_check;
pub mod notification;
pub mod notification_choice;

// What keeps the rest running.
pub mod audit;
pub mod idempotency;
pub mod job_lease;
pub mod mail;

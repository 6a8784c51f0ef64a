//! Access: who may do what, asked of every root field, every protected field and every path of the schema.
//!
//! What is expected is worked out from the policy's table and from where a caller stands, by `expected` in `matrix`; it
//! does not ask `decide`, which is what is on trial. A root field or a protected field that has no row here fails.

mod field;
mod fixture;
mod list;
mod loss;
mod matrix;
mod nested;
mod path;
mod roots;

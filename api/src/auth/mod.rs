//! Who someone is: keys, tokens, passwords, sessions. What they may do is `domain::policy`'s.

mod caller;
mod key;
pub mod password;
mod proved;
mod session;
pub mod token;

pub use key::Keys;
pub use password::Passwords;
pub use session::{Session, SessionError, Sessions};

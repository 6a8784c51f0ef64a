//! How mails leave: to an SMTP server; into a folder, one file each, where none is set; or into memory, where tests read
//! them.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::Message;

/// For each step of handing a mail over.
const PATIENCE: Duration = Duration::from_secs(15);

/// Sends mails.
#[derive(Debug, Clone)]
pub enum Mailer {
    /// Hands them to a server.
    Smtp { transport: AsyncSmtpTransport<Tokio1Executor>, from: Mailbox },
    /// Writes `ID.eml` into a folder that its owner alone reads, since mails hold links that sign in.
    Folder { path: PathBuf, from: Mailbox },
    /// Keeps them.
    Memory(Arc<Mutex<Outbox>>),
}

/// Mails kept in memory.
#[derive(Debug, Default)]
pub struct Outbox {
    pub sent: Vec<Message>,
    /// How many of the next mails fail, as a server that is away would make them.
    pub failing: usize,
}

/// Why a mail was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotSent {
    /// The server will never take it.
    pub is_final: bool,
    /// For an administrator; it may name the recipient.
    pub why: String,
}

impl Mailer {
    /// To a server, as the library writes its address, with a password where it wants one.
    ///
    /// # Errors
    /// A user without a password, or a password without a user; an address that is none.
    pub fn smtp(
        url: &str,
        user: Option<&str>,
        password: Option<String>,
        from: Mailbox,
    ) -> Result<Self, String> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|error| error.to_string())?
            .timeout(Some(PATIENCE));
        let builder = match (user, password) {
            (None, None) => builder,
            (Some(user), Some(password)) => builder.credentials(Credentials::new(user.to_owned(), password)),
            _ => return Err("the mail server needs both a user and a password file, or neither".to_owned()),
        };
        Ok(Self::Smtp { transport: builder.build(), from })
    }

    /// Into a folder, made where missing.
    pub fn folder(path: &Path, from: Mailbox) -> Self {
        Self::Folder { path: path.to_owned(), from }
    }

    /// Into memory.
    pub fn memory() -> Self {
        Self::Memory(Arc::default())
    }

    /// Sends a mail; the same mail sent again is the same to whoever receives it.
    ///
    /// # Errors
    /// It could not be handed over; trying later may help, but where it is final.
    pub async fn send(&self, message: &Message) -> Result<(), NotSent> {
        let later = |why: String| NotSent { is_final: false, why };
        let never = |why: String| NotSent { is_final: true, why };
        match self {
            Self::Smtp { transport, from } => {
                let mail = message.render(from, false).map_err(never)?;
                let sent = transport.send(mail).await;
                sent.map(|_| ())
                    .map_err(|error| NotSent { is_final: error.is_permanent(), why: error.to_string() })
            }
            Self::Folder { path, from } => {
                let (path, mail) = (path.clone(), message.render(from, true).map_err(never)?.formatted());
                let name = format!("{}.eml", message.id);
                tokio::task::spawn_blocking(move || write(&path, &name, &mail))
                    .await
                    .map_err(|error| later(error.to_string()))?
                    .map_err(|error| later(format!("the mail folder: {error}")))
            }
            Self::Memory(outbox) => {
                let mut outbox = outbox.lock().unwrap_or_else(PoisonError::into_inner);
                if outbox.failing > 0 {
                    outbox.failing -= 1;
                    return Err(later("the outbox was told to fail".to_owned()));
                }
                outbox.sent.push(message.clone());
                Ok(())
            }
        }
    }
}

/// Written beside and moved into place, so that nobody reads half a mail.
fn write(folder: &Path, name: &str, mail: &[u8]) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let part = folder.join(format!(".{name}"));
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
    file.write_all(mail)?;
    file.sync_all()?;
    std::fs::rename(part, folder.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A user goes with a password.
    #[tokio::test]
    async fn a_user_needs_a_password() {
        let from: Mailbox = "ours@hours.example".parse().unwrap();
        let to = |user, password: Option<&str>| {
            Mailer::smtp("smtps://mail.example.org", user, password.map(str::to_owned), from.clone())
        };
        assert!(to(Some("me"), None).is_err() && to(None, Some("secret")).is_err());
        assert!(to(Some("me"), Some("secret")).is_ok() && to(None, None).is_ok());
    }
}

//! How mails leave: into a folder, one file each, or into memory, where tests read them.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::Message;

/// Sends mails.
#[derive(Debug, Clone)]
pub enum Mailer {
    /// Writes `ID.eml` into a folder that its owner alone reads, since mails hold links that sign in.
    Folder { path: PathBuf, from: String },
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

impl Mailer {
    /// Into a folder, made where missing.
    pub fn folder(path: &Path, from: &str) -> Self {
        Self::Folder { path: path.to_owned(), from: from.to_owned() }
    }

    /// Into memory.
    pub fn memory() -> Self {
        Self::Memory(Arc::default())
    }

    /// Sends a mail; the same mail sent again replaces itself.
    ///
    /// # Errors
    /// It could not be handed over; trying later may help.
    pub async fn send(&self, message: &Message) -> Result<(), String> {
        match self {
            Self::Folder { path, from } => {
                let (path, mail) = (path.clone(), message.render(from));
                let name = format!("{}.eml", message.id);
                tokio::task::spawn_blocking(move || write(&path, &name, &mail))
                    .await
                    .map_err(|error| error.to_string())?
                    .map_err(|error| format!("the mail folder: {error}"))
            }
            Self::Memory(outbox) => {
                let mut outbox = outbox.lock().unwrap_or_else(PoisonError::into_inner);
                if outbox.failing > 0 {
                    outbox.failing -= 1;
                    return Err("the outbox was told to fail".to_owned());
                }
                outbox.sent.push(message.clone());
                Ok(())
            }
        }
    }
}

/// Written beside and moved into place, so that nobody reads half a mail.
fn write(folder: &Path, name: &str, mail: &str) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let part = folder.join(format!(".{name}"));
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
    file.write_all(mail.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(part, folder.join(name))
}

//! The ready sign-ins of the demonstration: one for each role, and a partner's key.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::user::Role;
use serde::Serialize;
use serde_json::{Map, Value};

use super::history::Cast;
use super::people::{PASSWORD, Person};
use crate::app::{App, Call};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::usecase::{api_key, user};

/// What someone comes in with.
#[derive(Debug, Clone, Serialize)]
pub struct SignIn {
    /// The role's word; PARTNER for the key.
    #[serde(skip)]
    pub role: String,
    #[serde(skip)]
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    pub token: String,
}

/// Gives everyone of the first client, and a partner, a token.
///
/// # Errors
/// The database's own.
pub async fn sign_ins(app: &Arc<App>, cast: &Cast) -> Result<Vec<SignIn>> {
    let (Some(first), Some(last)) = (cast.clients.first(), cast.clients.last()) else {
        return Err(Error::Internal("the demonstration has clients".to_owned()));
    };
    let mut sign_ins = Vec::new();
    for role in Role::ALL {
        let person: &Person = match role {
            Role::ClientOwner => &first.client.owner,
            Role::ClientMember => &first.client.member,
            role => cast.staff.one(*role, 0),
        };
        let token = user::token(&Call::system(app, "demo"), &person.email, user::OPERATOR_SECONDS).await?;
        sign_ins.push(SignIn {
            role: serde_json::to_value(role)
                .ok()
                .and_then(|word| Some(word.as_str()?.to_owned()))
                .unwrap_or_default(),
            name: person.name.clone(),
            email: Some(person.email.clone()),
            password: Some(PASSWORD.to_owned()),
            token,
        });
    }
    let create = api_key::Create {
        name: "Status page".to_owned(),
        clients: BTreeSet::from([first.client.id, last.client.id]),
        expires_at: None,
    };
    let administrator = cast.staff.one(Role::Administrator, 0).call(app);
    let (_, secret) = api_key::create(&administrator, create, None).await?;
    sign_ins.push(SignIn {
        role: "PARTNER".to_owned(),
        name: "Status page".to_owned(),
        email: None,
        password: None,
        token: secret.unwrap_or_default(),
    });
    Ok(sign_ins)
}

/// Tells whoever sits at the terminal how to come in.
pub fn print(config: &Config, sign_ins: &[SignIn]) {
    println!(
        "The explorer is at {}/ with ready queries. The database is {}.",
        config.base_url(),
        shown(config)
    );
    match &config.smtp {
        Some(_) => println!("Mails go to the mail server of the settings."),
        None => println!("Mails, weekly reports among them, are written to {}.", mails(config).display()),
    }
    println!("The password of everyone is \"{PASSWORD}\"; tokens live twelve hours.\n");
    for one in sign_ins {
        let email = one.email.as_deref().unwrap_or("an API key");
        println!("{:<16} {email:<30} {}\n    {}", one.role, one.name, one.token);
    }
    println!();
}

/// The folder of the mails, in full: whoever looks for it may stand elsewhere.
fn mails(config: &Config) -> PathBuf {
    std::path::absolute(&config.mail_dir).unwrap_or_else(|_| config.mail_dir.clone())
}

/// The database without a password that may stand in its address.
fn shown(config: &Config) -> &str {
    config.database.rsplit('@').next().unwrap_or_default()
}

/// Writes the sign-ins as JSON, for their owner alone.
///
/// # Errors
/// The file cannot be written.
pub fn write(file: &Path, sign_ins: &[SignIn]) -> std::result::Result<(), String> {
    let fault = |error: std::io::Error| format!("{}: {error}", file.display());
    let entries: serde_json::Result<Map<String, Value>> =
        sign_ins.iter().map(|one| Ok((one.role.clone(), serde_json::to_value(one)?))).collect();
    let json = entries.and_then(|entries| serde_json::to_string_pretty(&entries));
    let json = json.map_err(|error| error.to_string())?;
    let mut options = OpenOptions::new();
    let mut open = options.create(true).truncate(true).write(true).mode(0o600).open(file).map_err(fault)?;
    open.write_all(json.as_bytes()).and_then(|()| open.write_all(b"\n")).map_err(fault)
}

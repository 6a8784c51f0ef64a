//! Counting tries (T32). The count stands in the database, so that several servers share it, and a try is counted before
//! it is made, so that many at once are counted too.

use std::net::{IpAddr, Ipv6Addr};

use chrono::Duration;
use domain::attempt::{Failures, WINDOW_MINUTES};
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::text::Email;
use entity::sign_in_attempt;
use uuid::Uuid;

use super::super::retry;
use crate::app::Call;
use crate::error::{Error, Result};
use crate::store::sign_in::Attempts;
use crate::store::{self, Tx};

/// The key that tries on an account are counted by, whether there is such an account or not.
pub fn account_key(email: &str) -> String {
    match Email::parse(email) {
        Ok(email) => email.key(),
        // No such account can exist; what was typed is cut to what a column should hold.
        Err(_) => email.chars().filter(|c| !c.is_control()).take(254).collect::<String>().to_lowercase(),
    }
}

/// The key that tries from an address are counted by: whoever has one address of an IPv6 network has them all.
fn address_key(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        None => "local".to_owned(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Counts a try at an account, as failed until it is said to have succeeded.
///
/// # Errors
/// Refused: TOO_MANY_ATTEMPTS.
pub async fn begin(call: &Call, account: &str) -> Result<Uuid> {
    retry(call, account.to_owned(), |call, account| async move {
        let permit = call.permit(Action::SignIn, &Target::PROVIDER)?;
        let tx = call.begin_for_anyone().await?;
        if !failures(&call, &tx, &account).await?.allow_another() {
            return Err(too_many());
        }
        let id = note(&call, &tx, account).await?;
        tx.keep(&permit).await?;
        Ok(id)
    })
    .await
}

/// Failures within the window, counted while no other try at the account is.
pub(in crate::usecase) async fn failures(call: &Call, tx: &Tx<'_>, account: &str) -> Result<Failures> {
    store::sign_in::queue(tx, account).await?;
    let since = tx.now() - Duration::minutes(WINDOW_MINUTES);
    let address = address_key(call.address);
    let count =
        async |account, address| store::sign_in::failures(tx, Attempts { account, address }, since).await;
    Ok(Failures {
        by_address: count(None, Some(&address)).await?,
        by_pair: count(Some(account), Some(&address)).await?,
        by_account: count(Some(account), None).await?,
    })
}

/// Writes a try down.
pub(in crate::usecase) async fn note(call: &Call, tx: &Tx<'_>, account: String) -> Result<Uuid> {
    let id = Uuid::now_v7();
    let row = sign_in_attempt::Model {
        id,
        account_key: account,
        address: address_key(call.address),
        succeeded: false,
        at: tx.now(),
    };
    store::insert(tx, row).await?;
    Ok(id)
}

pub(in crate::usecase) fn too_many() -> Error {
    Error::refused(ErrorCode::TooManyAttempts, "Too many attempts; try again in a quarter of an hour.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T32: spelling and neighbouring addresses of one network give no further tries.
    #[test]
    fn keys_join_what_belongs_together() {
        assert_eq!(account_key(" Anna@Example.ORG "), account_key("anna@example.org"));
        assert_eq!(account_key("no\0address"), "noaddress");
        let key = |address: &str| address_key(Some(address.parse().unwrap()));
        assert_eq!(key("2001:db8:1:2:3::4"), key("2001:db8:1:2:ffff::1"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    }
}

//! Looking at the system as a client's contact: a sign-in of the contact that names who looks. It reads only, lasts
//! an hour, and ends when whoever looks could not begin to any more.

use chrono::Duration;
use domain::id::{SignInId, UserId};
use domain::policy::{Action, Target};
use domain::refusal::ErrorCode;
use domain::user::UserStatus;
use entity::{sign_in, user};

use super::sign_in::{Signed, access, change, signed};
use crate::app::Call;
use crate::error::{Error, Result};
use crate::store;

/// How long one may look.
const HOURS: i64 = 1;

/// Begins to look as a contact.
///
/// # Errors
/// Refused: INVALID where the person is of the provider's staff, WRONG_STATUS where they cannot sign in themselves.
pub async fn view_as(call: &Call, id: UserId) -> Result<(Signed, user::Model)> {
    let contact = super::user::find(call, id).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::ViewAs, &Target { client: contact.client_id, owner: None })?;
    if contact.client_id.is_none() {
        return Err(Error::refused_at(
            "userId",
            ErrorCode::Invalid,
            "One can look as a client's contact only.",
        ));
    }
    let tx = call.begin().await?;
    let contact = store::user::lock(&tx, id).await?.ok_or(Error::NotFound)?;
    if contact.status != UserStatus::Active {
        return Err(Error::refused(ErrorCode::WrongStatus, "This person cannot sign in."));
    }
    let row = sign_in::Model {
        id: SignInId::new(),
        user_id: id,
        viewed_as_by: call.actor.user_id(),
        created_at: tx.now(),
        expires_at: tx.now() + Duration::hours(HOURS),
        ended_at: None,
        end_reason: None,
    };
    let tokens = access(call, &contact, row.id, None, Duration::hours(HOURS));
    let change = change(row.id, &contact);
    store::insert(&tx, row).await?;
    tx.commit(permit, change).await?;
    Ok((signed(call, tokens).await?, contact))
}

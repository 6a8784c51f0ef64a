//! Passwords.

use async_graphql::{Context, InputObject, Object};

use super::error::{answer, payload};
use super::sign_in::{signed, token_payload};
use super::{call, request};
use crate::usecase;

/// A change of one's password.
#[derive(InputObject)]
pub struct PasswordChangeInput {
    /// The present one.
    current_password: String,
    /// The new one: 12 to 256 characters, not among the first that are guessed, not one's name or address.
    new_password: String,
}

/// Whose password was forgotten.
#[derive(InputObject)]
pub struct PasswordResetRequestInput {
    /// Their e-mail address.
    email: String,
}

/// A new password by a link.
#[derive(InputObject)]
pub struct PasswordResetInput {
    /// What stands behind `#` in the link that was mailed; works once, within an hour.
    token: String,
    /// The new password: 12 to 256 characters, not among the first that are guessed, not one's name or address.
    password: String,
}

token_payload! {
    /// The outcome of changing one's password: all earlier sign-ins have ended, these are the tokens of a new one.
    PasswordChangePayload
}

payload! {
    /// The outcome of asking for a new password: the same whether the address is somebody's or not.
    PasswordResetRequestPayload {}
}

payload! {
    /// The outcome of setting a new password; sign in with it.
    PasswordResetPayload {}
}

/// Changes of passwords.
#[derive(Default)]
pub struct PasswordMutation;

#[Object]
impl PasswordMutation {
    /// Changes the caller's password. All their sign-ins end, on every device, and a new one begins.
    async fn password_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The present and the new password.")] input: PasswordChangeInput,
    ) -> Option<async_graphql::Result<PasswordChangePayload>> {
        let result = async {
            request(ctx).may_sign_in()?;
            Box::pin(usecase::password::change(call(ctx), input.current_password, input.new_password)).await
        };
        answer(signed(ctx, result.await))
    }

    /// Mails a link to set a new password, if the address is somebody's; the answer does not tell.
    async fn password_reset_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose password was forgotten.")] input: PasswordResetRequestInput,
    ) -> Option<async_graphql::Result<PasswordResetRequestPayload>> {
        let asked = Box::pin(usecase::password::ask_reset(call(ctx), &input.email)).await;
        answer(asked.map(|()| PasswordResetRequestPayload::default()))
    }

    /// Sets a new password by the link that was mailed. All sign-ins of the person end.
    async fn password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link's token and the new password.")] input: PasswordResetInput,
    ) -> Option<async_graphql::Result<PasswordResetPayload>> {
        let done = Box::pin(usecase::password::reset(call(ctx), &input.token, input.password)).await;
        answer(done.map(|()| PasswordResetPayload::default()))
    }
}

//! Signing in and out, and looking as a contact.

use async_graphql::{Context, InputObject, Object};
use domain::id::UserId;

use super::error::{answer, payload};
use super::id::Gid;
use super::scalar::DateTime;
use super::user::User;
use super::{call, request};
use crate::error::Result;
use crate::usecase;
use crate::usecase::sign_in::Signed;

/// Who signs in.
#[derive(InputObject)]
pub struct SignInInput {
    /// The person's e-mail address.
    email: String,
    /// Their password.
    password: String,
}

/// Which sign-in goes on.
#[derive(InputObject)]
pub struct TokenRefreshInput {
    /// The refresh token that the last answer gave. It works once; for ten seconds it gives the same successor again.
    /// Used later than that it ends the whole sign-in.
    refresh_token: String,
}

/// Declares the payload of a mutation that gives tokens.
macro_rules! token_payload {
    ($(#[$doc:meta])* $name:ident) => {
        $crate::graphql::error::payload! {
            $(#[$doc])*
            $name {
                /// Goes with each request as `Authorization: Bearer …`; lives ten minutes.
                access_token: String,
                /// Gives the next pair of tokens, once; lives thirty days.
                refresh_token: String,
                /// When the access token ends.
                expires_at: $crate::graphql::scalar::DateTime,
                /// Who is signed in now.
                viewer: $crate::graphql::viewer::Viewer,
            }
        }

        impl From<$crate::usecase::sign_in::Signed> for $name {
            fn from(signed: $crate::usecase::sign_in::Signed) -> Self {
                Self {
                    access_token: Some(signed.tokens.access),
                    refresh_token: signed.tokens.refresh,
                    expires_at: Some(signed.tokens.expires_at.into()),
                    viewer: Some($crate::graphql::viewer::Viewer::new(signed.actor)),
                    errors: Vec::new(),
                }
            }
        }
    };
}
pub(super) use token_payload;

token_payload! {
    /// The outcome of signing in.
    SignInPayload
}

token_payload! {
    /// The outcome of refreshing the tokens.
    TokenRefreshPayload
}

payload! {
    /// The outcome of signing out.
    SignOutPayload {}
}

payload! {
    /// The outcome of beginning to look as a contact.
    ViewAsPayload {
        /// Reads as the contact for an hour, and changes nothing.
        access_token: String,
        /// When it ends.
        expires_at: DateTime,
        /// The contact.
        user: User,
    }
}

/// The tokens as an answer; the rest of the operation is the new caller's.
pub(super) fn signed<P: From<Signed>>(ctx: &Context<'_>, signed: Result<Signed>) -> Result<P> {
    let signed = signed?;
    request(ctx).become_caller(signed.actor.clone());
    Ok(signed.into())
}

/// Signing in and out.
#[derive(Default)]
pub struct SignInMutation;

#[Object]
impl SignInMutation {
    /// Signs in by e-mail and password. Ten failures on an account from one address shut that address out of the
    /// account for a quarter of an hour. Send no token with it.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who signs in.")] input: SignInInput,
    ) -> Option<async_graphql::Result<SignInPayload>> {
        let result = async {
            request(ctx).may_sign_in()?;
            Box::pin(usecase::sign_in::sign_in(call(ctx), &input.email, input.password)).await
        };
        answer(signed(ctx, result.await))
    }

    /// Gives a fresh pair of tokens for a refresh token. Send no access token with it, since the old one may have ended.
    async fn token_refresh(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which sign-in goes on.")] input: TokenRefreshInput,
    ) -> Option<async_graphql::Result<TokenRefreshPayload>> {
        let result = async {
            request(ctx).may_sign_in()?;
            Box::pin(usecase::sign_in::refresh(call(ctx), &input.refresh_token)).await
        };
        answer(signed(ctx, result.await))
    }

    /// Ends the caller's whole sign-in: its access and refresh tokens open nothing any more.
    async fn sign_out(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<SignOutPayload>> {
        let done = Box::pin(usecase::retry(call(ctx), (), |call, ()| async move {
            usecase::sign_in::sign_out(&call).await
        }))
        .await;
        answer(done.map(|()| SignOutPayload::default()))
    }

    /// Begins to look at the API as a contact of a client: read only, for an hour, marked in `Viewer.viewedBy`, and on
    /// record.
    async fn view_as(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "As whom.")] user_id: Gid<UserId>,
    ) -> Option<async_graphql::Result<ViewAsPayload>> {
        let begun = Box::pin(usecase::retry(call(ctx), user_id.0, |call, id| async move {
            usecase::view_as::view_as(&call, id).await
        }))
        .await;
        answer(begun.map(|(signed, user)| ViewAsPayload {
            access_token: Some(signed.tokens.access),
            expires_at: Some(signed.tokens.expires_at.into()),
            user: Some(user.into()),
            errors: Vec::new(),
        }))
    }
}

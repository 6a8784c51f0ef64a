//! Changing people.

use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use domain::client::Locale;
use domain::id::UserId;
use domain::user::Role;

use super::super::call;
use super::super::error::{answer, payload};
use super::super::id::Gid;
use super::super::patch::{conflict, patch};
use super::User;
use crate::usecase;
use crate::usecase::patch::Edited;

/// A change of a person: what is absent keeps, null clears.
#[derive(InputObject)]
pub struct UserUpdateInput {
    /// The version that the caller saw.
    expected_version: i32,
    /// Their name.
    name: MaybeUndefined<String>,
    /// Their role, of the same side: staff stay staff, contacts stay contacts. All their sign-ins end.
    role: MaybeUndefined<Role>,
    /// The language in which they are written to.
    locale: MaybeUndefined<Locale>,
    /// Minutes a month that may be reserved of their time.
    capacity_minutes: MaybeUndefined<i32>,
}

/// A change of one's own profile: what is absent keeps.
#[derive(InputObject)]
pub struct ProfileUpdateInput {
    /// The version that the caller saw.
    expected_version: i32,
    /// The caller's name.
    name: MaybeUndefined<String>,
    /// The language in which the caller is written to.
    locale: MaybeUndefined<Locale>,
}

payload! {
    /// The outcome of changing a person.
    UserUpdatePayload {
        /// The person as they are now, also where the change met a conflict.
        user: User,
    }
}

payload! {
    /// The outcome of changing one's own profile.
    ProfileUpdatePayload {
        /// The caller as they are now, also where the change met a conflict.
        user: User,
    }
}

payload! {
    /// The outcome of shutting a person out.
    UserDisablePayload {
        /// The person as they are now.
        user: User,
    }
}

payload! {
    /// The outcome of letting a person in again.
    UserEnablePayload {
        /// The person as they are now.
        user: User,
    }
}

/// Changes of people.
#[derive(Default)]
pub struct UserMutation;

#[Object]
impl UserMutation {
    /// Changes a person. Another role takes effect at once: they have to sign in again.
    async fn user_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which person.")] id: Gid<UserId>,
        #[graphql(desc = "What changes.")] input: UserUpdateInput,
    ) -> Option<async_graphql::Result<UserUpdatePayload>> {
        let command = usecase::user::Update {
            name: patch(input.name),
            role: patch(input.role),
            locale: patch(input.locale),
            capacity_minutes: patch(input.capacity_minutes),
        };
        let version = input.expected_version;
        let edited = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::user::update(&call, id.0, version, command).await
        }))
        .await;
        answer(edited.map(|edited| match edited {
            Edited::Done(row) => UserUpdatePayload { user: Some(row.into()), errors: Vec::new() },
            Edited::Conflict(row) => UserUpdatePayload { user: Some(row.into()), errors: vec![conflict()] },
        }))
    }

    /// Changes the caller's own name or language.
    async fn profile_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: ProfileUpdateInput,
    ) -> Option<async_graphql::Result<ProfileUpdatePayload>> {
        let version = input.expected_version;
        let command = (patch(input.name), patch(input.locale));
        let edited = Box::pin(usecase::retry(call(ctx), command, move |call, (name, locale)| async move {
            usecase::user::update_profile(&call, version, name, locale).await
        }))
        .await;
        answer(edited.map(|edited| match edited {
            Edited::Done(row) => ProfileUpdatePayload { user: Some(row.into()), errors: Vec::new() },
            Edited::Conflict(row) => {
                ProfileUpdatePayload { user: Some(row.into()), errors: vec![conflict()] }
            }
        }))
    }

    /// Shuts a person out at once: sign-ins, open subscriptions and links end. A company's owner shuts out its members,
    /// an administrator anybody but the last administrator.
    async fn user_disable(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which person.")] id: Gid<UserId>,
    ) -> Option<async_graphql::Result<UserDisablePayload>> {
        let done = Box::pin(usecase::retry(call(ctx), id.0, |call, id| async move {
            usecase::user::disable(&call, id).await
        }))
        .await;
        answer(done.map(|row| UserDisablePayload { user: Some(row.into()), errors: Vec::new() }))
    }

    /// Lets a person in again who was shut out.
    async fn user_enable(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which person.")] id: Gid<UserId>,
    ) -> Option<async_graphql::Result<UserEnablePayload>> {
        let done = Box::pin(usecase::retry(call(ctx), id.0, |call, id| async move {
            usecase::user::enable(&call, id).await
        }))
        .await;
        answer(done.map(|row| UserEnablePayload { user: Some(row.into()), errors: Vec::new() }))
    }
}

//! Inviting people.

use async_graphql::{Context, InputObject, Object};
use domain::client::Locale;
use domain::id::ClientId;
use domain::user::Role;
use uuid::Uuid;

use super::error::{answer, payload};
use super::id::Gid;
use super::sign_in::{signed, token_payload};
use super::user::User;
use super::{call, request};
use crate::usecase;
use crate::usecase::invitation::{Invite, Invited};

/// A new member of staff.
#[derive(InputObject)]
pub struct StaffInviteInput {
    /// Their e-mail address; an invitation goes there.
    email: String,
    /// Their name, at most 200 characters.
    name: String,
    /// A role of the provider's staff.
    role: Role,
    /// The language in which they are written to.
    #[graphql(default_with = "Locale::Ru")]
    locale: Locale,
    /// Minutes a month that may be reserved of their time; nothing may be where absent.
    capacity_minutes: Option<i32>,
    /// Makes a retry harmless: the same key and input give the first outcome, without the link.
    idempotency_key: Option<Uuid>,
}

/// A new contact of a client.
#[derive(InputObject)]
pub struct MemberInviteInput {
    /// Of which client.
    client_id: Gid<ClientId>,
    /// Their e-mail address; an invitation goes there.
    email: String,
    /// Their name, at most 200 characters.
    name: String,
    /// CLIENT_MEMBER, or CLIENT_OWNER, which administrators alone invite.
    #[graphql(default_with = "Role::ClientMember")]
    role: Role,
    /// The language in which they are written to.
    #[graphql(default_with = "Locale::Ru")]
    locale: Locale,
    /// Makes a retry harmless: the same key and input give the first outcome, without the link.
    idempotency_key: Option<Uuid>,
}

/// A first password by a link.
#[derive(InputObject)]
pub struct InvitationAcceptInput {
    /// What stands behind `#` in the link that was mailed; works once, within a day.
    token: String,
    /// The password: 12 to 256 characters, not among the first that are guessed, not one's name or address.
    password: String,
}

payload! {
    /// The outcome of inviting a member of staff.
    StaffInvitePayload {
        /// The person invited.
        user: User,
        /// The link that was mailed to them, told this once; whoever has it can set the password.
        invitation_url: String,
    }
}

payload! {
    /// The outcome of inviting a contact of a client.
    MemberInvitePayload {
        /// The person invited.
        user: User,
        /// The link that was mailed to them, told this once; whoever has it can set the password.
        invitation_url: String,
    }
}

token_payload! {
    /// The outcome of accepting an invitation: the person is signed in.
    InvitationAcceptPayload
}

impl From<Invited> for StaffInvitePayload {
    fn from(invited: Invited) -> Self {
        Self { user: Some(invited.user.into()), invitation_url: invited.url, errors: Vec::new() }
    }
}

impl From<Invited> for MemberInvitePayload {
    fn from(invited: Invited) -> Self {
        Self { user: Some(invited.user.into()), invitation_url: invited.url, errors: Vec::new() }
    }
}

/// Invitations.
#[derive(Default)]
pub struct InvitationMutation;

#[Object]
impl InvitationMutation {
    /// Invites a member of staff by mail. Inviting somebody again who has not come yet makes a new link.
    async fn staff_invite(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and as what.")] input: StaffInviteInput,
    ) -> Option<async_graphql::Result<StaffInvitePayload>> {
        let key = input.idempotency_key;
        let command = Invite {
            email: input.email,
            name: input.name,
            role: input.role,
            client: None,
            locale: input.locale,
            capacity_minutes: input.capacity_minutes,
        };
        let invited = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::invitation::staff(&call, command, key).await
        }))
        .await;
        answer(invited.map(StaffInvitePayload::from))
    }

    /// Invites a contact of a client by mail. Inviting somebody again who has not come yet makes a new link.
    async fn member_invite(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and as what.")] input: MemberInviteInput,
    ) -> Option<async_graphql::Result<MemberInvitePayload>> {
        let key = input.idempotency_key;
        let command = Invite {
            email: input.email,
            name: input.name,
            role: input.role,
            client: Some(input.client_id.0),
            locale: input.locale,
            capacity_minutes: None,
        };
        let invited = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::invitation::member(&call, command, key).await
        }))
        .await;
        answer(invited.map(MemberInvitePayload::from))
    }

    /// Sets the first password by the link of an invitation, and signs in.
    async fn invitation_accept(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link's token and the password.")] input: InvitationAcceptInput,
    ) -> Option<async_graphql::Result<InvitationAcceptPayload>> {
        let result = async {
            request(ctx).may_sign_in()?;
            Box::pin(usecase::invitation::accept(call(ctx), &input.token, input.password)).await
        };
        answer(signed(ctx, result.await))
    }
}

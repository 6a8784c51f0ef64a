//! Creating and changing clients.

use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use domain::calendar::Weekday;
use domain::client::{CrmKind, Locale, SetUpBy};
use domain::id::{ClientId, UserId};
use uuid::Uuid;

use super::super::call;
use super::super::error::{answer, payload};
use super::super::id::Gid;
use super::super::patch::{conflict, patch};
use super::Client;
use crate::usecase;
use crate::usecase::patch::Edited;

/// A new client.
#[derive(InputObject)]
pub struct ClientCreateInput {
    /// Its name, at most 200 characters.
    name: String,
    /// Its id in the provider's other systems; unique.
    external_id: Option<String>,
    /// The CRM that it works in.
    crm_kind: CrmKind,
    /// The address of its CRM.
    crm_url: Option<String>,
    /// Who set its CRM up.
    set_up_by: SetUpBy,
    /// Number of licences in its CRM.
    licences: Option<i32>,
    /// What it does.
    line_of_business: Option<String>,
    /// What it wants to reach.
    goals: Option<String>,
    /// The language in which it is written to.
    #[graphql(default_with = "Locale::Ru")]
    locale: Locale,
    /// The IANA time zone in which its days and months are counted.
    #[graphql(default_with = "\"Europe/Moscow\".to_owned()")]
    time_zone: String,
    /// The addresses that its weekly reports go to.
    #[graphql(default)]
    report_recipients: Vec<String>,
    /// The link of the chat shared with the provider.
    chat_url: Option<String>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

/// A change of a client: what is absent keeps, null clears.
#[derive(InputObject)]
pub struct ClientUpdateInput {
    /// The version that the caller saw.
    expected_version: i32,
    /// Its name.
    name: MaybeUndefined<String>,
    /// Its id in the provider's other systems.
    external_id: MaybeUndefined<String>,
    /// The CRM that it works in.
    crm_kind: MaybeUndefined<CrmKind>,
    /// The address of its CRM.
    crm_url: MaybeUndefined<String>,
    /// Who set its CRM up.
    set_up_by: MaybeUndefined<SetUpBy>,
    /// Number of licences.
    licences: MaybeUndefined<i32>,
    /// What it does.
    line_of_business: MaybeUndefined<String>,
    /// What it wants to reach.
    goals: MaybeUndefined<String>,
    /// The person responsible on the client's side.
    contact_id: MaybeUndefined<Gid<UserId>>,
    /// The language in which it is written to.
    locale: MaybeUndefined<Locale>,
    /// The IANA time zone; running engagements keep theirs.
    time_zone: MaybeUndefined<String>,
    /// The addresses that its weekly reports go to, replaced as a whole.
    report_recipients: MaybeUndefined<Vec<String>>,
    /// The link of the shared chat.
    chat_url: MaybeUndefined<String>,
    /// The day of the week on which the report of the week before is made; Monday at first.
    report_weekday: MaybeUndefined<Weekday>,
    /// The hour of that day, 0 to 23, in the client's time zone; 9 at first.
    report_hour: MaybeUndefined<i32>,
}

payload! {
    /// The outcome of creating a client.
    ClientCreatePayload {
        /// The new client.
        client: Client,
    }
}

payload! {
    /// The outcome of changing a client.
    ClientUpdatePayload {
        /// The client as it is now, also where the change met a conflict.
        client: Client,
    }
}

/// Changes of clients.
#[derive(Default)]
pub struct ClientMutation;

#[Object]
impl ClientMutation {
    /// Creates a client. Its team, plan and engagements follow.
    async fn client_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new client.")] input: ClientCreateInput,
    ) -> Option<async_graphql::Result<ClientCreatePayload>> {
        let key = input.idempotency_key;
        let command = usecase::client::Create {
            name: input.name,
            external_id: input.external_id,
            crm_kind: input.crm_kind,
            crm_url: input.crm_url,
            set_up_by: input.set_up_by,
            licences: input.licences,
            line_of_business: input.line_of_business,
            goals: input.goals,
            locale: input.locale,
            time_zone: input.time_zone,
            report_recipients: input.report_recipients,
            chat_url: input.chat_url,
        };
        let made = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::client::create(&call, command, key).await
        }))
        .await;
        answer(made.map(|row| ClientCreatePayload { client: Some(row.into()), errors: Vec::new() }))
    }

    /// Changes a client: what is absent keeps, null clears.
    async fn client_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which client.")] id: Gid<ClientId>,
        #[graphql(desc = "What changes.")] input: ClientUpdateInput,
    ) -> Option<async_graphql::Result<ClientUpdatePayload>> {
        let command = usecase::client::Update {
            name: patch(input.name),
            external_id: patch(input.external_id),
            crm_kind: patch(input.crm_kind),
            crm_url: patch(input.crm_url),
            set_up_by: patch(input.set_up_by),
            licences: patch(input.licences),
            line_of_business: patch(input.line_of_business),
            goals: patch(input.goals),
            contact_id: patch(input.contact_id).map(|contact| contact.map(|id| id.0)),
            locale: patch(input.locale),
            time_zone: patch(input.time_zone),
            report_recipients: patch(input.report_recipients).map(Option::unwrap_or_default),
            chat_url: patch(input.chat_url),
            report_weekday: patch(input.report_weekday),
            report_hour: patch(input.report_hour),
        };
        let version = input.expected_version;
        let edited = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::client::update(&call, id.0, version, command).await
        }))
        .await;
        answer(edited.map(|edited| match edited {
            Edited::Done(row) => ClientUpdatePayload { client: Some(row.into()), errors: Vec::new() },
            Edited::Conflict(row) => {
                ClientUpdatePayload { client: Some(row.into()), errors: vec![conflict()] }
            }
        }))
    }
}

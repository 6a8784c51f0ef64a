//! Clients.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, OneofObject};
use chrono::{DateTime, Utc};
use domain::client::{CrmKind, Locale, SetUpBy};
use domain::id::{ClientId, UserId};
use domain::policy::Target;
use domain::refusal::ErrorCode;
use entity::client;
use serde::Serialize;
use uuid::Uuid;

use super::error::{UserError, answer, field, found, payload};
use super::filter::{IdFilter, OrderDirection, TextFilter};
use super::id::{Gid, Identified};
use super::page::{PageArgs, connection};
use super::{call, settle};
use crate::error::Refusal;
use crate::store::client::Leaf;
use crate::store::filter::Tree;
use crate::store::page::Binding;
use crate::usecase;
use crate::usecase::patch::{Edited, Patch};

/// A company served.
#[derive(Clone)]
pub struct Client {
    row: client::Model,
}

impl From<client::Model> for Client {
    fn from(row: client::Model) -> Self {
        Self { row }
    }
}

/// A company served.
#[Object]
impl Client {
    /// The client's id.
    async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// Its id in the provider's other systems.
    async fn external_id(&self) -> Option<&str> {
        self.row.external_id.as_deref()
    }

    /// The CRM that it works in.
    async fn crm_kind(&self) -> CrmKind {
        self.row.crm_kind
    }

    /// The address of its CRM.
    async fn crm_url(&self) -> Option<&str> {
        self.row.crm_url.as_deref()
    }

    /// Who set its CRM up.
    async fn set_up_by(&self) -> SetUpBy {
        self.row.set_up_by
    }

    /// Number of licences in its CRM.
    async fn licences(&self) -> Option<i32> {
        self.row.licences
    }

    /// What it does.
    async fn line_of_business(&self) -> Option<&str> {
        self.row.line_of_business.as_deref()
    }

    /// What it wants to reach.
    async fn goals(&self) -> Option<&str> {
        self.row.goals.as_deref()
    }

    /// The language in which it is written to.
    async fn locale(&self) -> Locale {
        self.row.locale
    }

    /// The IANA time zone in which its days and months are counted.
    async fn time_zone(&self) -> &str {
        &self.row.time_zone
    }

    /// The link of the chat shared with the provider.
    async fn chat_url(&self) -> Option<&str> {
        self.row.chat_url.as_deref()
    }

    /// The addresses that its weekly reports go to.
    async fn report_recipients(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Vec<String>>> {
        field(
            async {
                settle(call(ctx), "Client.reportRecipients", &Target::client(self.row.id))?;
                usecase::client::recipients(call(ctx), self.row.id)
                    .await
                    .map(Some)
            }
            .await,
        )
    }

    /// Counts the edits; an update names the one it saw.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime<Utc> {
        self.row.created_at
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.row.updated_at
    }
}

connection!(
    /// A page of clients.
    ClientConnection, ClientEdge, Client, client::Model
);

/// Names a client in one of two ways.
#[derive(OneofObject)]
pub enum ClientBy {
    /// By its id.
    Id(Gid<ClientId>),
    /// By its id in the provider's other systems.
    ExternalId(String),
}

/// Which clients.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct ClientFilter {
    /// By id.
    id: Option<IdFilter>,
    /// By name.
    name: Option<TextFilter>,
    /// By the id in the provider's other systems.
    external_id: Option<String>,
    /// By CRM.
    crm_kind: Option<CrmKind>,
    /// By who set the CRM up.
    set_up_by: Option<SetUpBy>,
    /// All of these.
    and: Option<Vec<ClientFilter>>,
    /// Any of these.
    or: Option<Vec<ClientFilter>>,
    /// Not this.
    not: Option<Box<ClientFilter>>,
}

impl ClientFilter {
    fn tree(self) -> Tree<Leaf> {
        let mut all: Vec<Tree<Leaf>> = Vec::new();
        all.extend(self.id.map(|id| Tree::Leaf(Leaf::Id(id.compare()))));
        all.extend(self.name.map(|name| Tree::Leaf(Leaf::Name(name.into()))));
        all.extend(self.external_id.map(|id| Tree::Leaf(Leaf::ExternalId(id))));
        all.extend(self.crm_kind.map(|kind| Tree::Leaf(Leaf::CrmKind(kind))));
        all.extend(self.set_up_by.map(|by| Tree::Leaf(Leaf::SetUpBy(by))));
        all.extend(
            self.and
                .map(|parts| Tree::All(parts.into_iter().map(Self::tree).collect())),
        );
        all.extend(
            self.or
                .map(|parts| Tree::Any(parts.into_iter().map(Self::tree).collect())),
        );
        all.extend(self.not.map(|part| Tree::Not(Box::new(part.tree()))));
        Tree::All(all)
    }
}

/// What clients can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum, Serialize)]
pub enum ClientOrderField {
    /// By name, without regard to case.
    Name,
    /// By the moment of creation.
    CreatedAt,
}

/// How clients are sorted.
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct ClientOrder {
    /// What by.
    field: ClientOrderField,
    /// Which way.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

/// Queries of clients.
#[derive(Default)]
pub struct ClientQuery;

#[Object]
impl ClientQuery {
    /// One client.
    async fn client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: ClientBy,
    ) -> Option<async_graphql::Result<Client>> {
        let by = match by {
            ClientBy::Id(id) => usecase::client::By::Id(id.0),
            ClientBy::ExternalId(id) => usecase::client::By::ExternalId(id),
        };
        found(
            usecase::client::find(call(ctx), &by)
                .await
                .map(|row| row.map(Client::from)),
        )
    }

    /// The clients that the caller sees, by name where no order is given.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn clients(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all where absent.")] filter: Option<ClientFilter>,
        #[graphql(desc = "How they are sorted.")] order_by: Option<Vec<ClientOrder>>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<ClientConnection>> {
        field(
            async {
                let binding = Binding::new(&("clients", &filter, &order_by));
                let page = PageArgs {
                    first,
                    after,
                    last,
                    before,
                }
                .page(binding)?;
                let mut order: Vec<_> = order_by
                    .unwrap_or_else(|| {
                        vec![ClientOrder {
                            field: ClientOrderField::Name,
                            direction: OrderDirection::Asc,
                        }]
                    })
                    .into_iter()
                    .map(|by| {
                        let column = match by.field {
                            ClientOrderField::Name => client::Column::NameKey,
                            ClientOrderField::CreatedAt => client::Column::CreatedAt,
                        };
                        (column, by.direction.into())
                    })
                    .collect();
                order.push((client::Column::Id, sea_orm::Order::Asc));
                let filter = filter.map(ClientFilter::tree);
                let listed = usecase::client::list(call(ctx), filter.as_ref(), order, binding, &page).await?;
                Ok(Some(ClientConnection::new(listed, Client::from)))
            }
            .await,
        )
    }
}

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
}

/// What is absent keeps, null clears.
pub fn patch<T>(value: MaybeUndefined<T>) -> Patch<T> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
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

/// The error of an edit that somebody else was faster with.
pub fn conflict() -> UserError {
    Refusal::new(
        ErrorCode::Conflict,
        "It was changed meanwhile; the payload holds its present state.",
    )
    .at("expectedVersion")
    .into()
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
        let made = usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::client::create(&call, command, key).await
        })
        .await;
        answer(made.map(|row| ClientCreatePayload {
            client: Some(row.into()),
            errors: Vec::new(),
        }))
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
        };
        let version = input.expected_version;
        let edited = usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::client::update(&call, id.0, version, command).await
        })
        .await;
        answer(edited.map(|edited| match edited {
            Edited::Done(row) => ClientUpdatePayload {
                client: Some(row.into()),
                errors: Vec::new(),
            },
            Edited::Conflict(row) => ClientUpdatePayload {
                client: Some(row.into()),
                errors: vec![conflict()],
            },
        }))
    }
}

//! Instructions: a client's knowledge base.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use domain::id::{BlockId, ClientId, InstructionId, TaskId};
use domain::knowledge::InstructionKind;
use domain::policy::Target;
use entity::instruction;
use serde::Serialize;
use uuid::Uuid;

use super::block::Block;
use super::client::Client;
use super::error::{UserError, answer, field, payload};
use super::filter::{IdFilter, TextFilter};
use super::id::{Gid, Identified};
use super::page::{PageArgs, connection};
use super::patch::{conflict, patch};
use super::scalar::DateTime;
use super::task::Task;
use super::user::User;
use super::{call, request, settle};
use crate::error::Result;
use crate::store::filter::Tree;
use crate::store::instruction::Leaf;
use crate::store::page::Binding;
use crate::usecase;
use crate::usecase::knowledge::On;
use crate::usecase::patch::Edited;

/// What a client's people read or watch: a text, a video, or an article in their own CRM.
#[derive(Clone)]
pub struct Instruction {
    row: instruction::Model,
}

impl From<instruction::Model> for Instruction {
    fn from(row: instruction::Model) -> Self {
        Self { row }
    }
}

/// What a client's people read or watch: a text, a video, or an article in their own CRM.
#[Object]
impl Instruction {
    /// The instruction's id.
    pub async fn id(&self) -> ID {
        self.row.id.global()
    }

    /// The client that it is for.
    async fn client(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Client>> {
        field(request(ctx).loaders.client(self.row.client_id).await.map(|row| row.map(Client::from)))
    }

    /// The block that it is about; null where it is about a task or the client in general.
    async fn block(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Block>> {
        let id = self.row.block_id?;
        field(request(ctx).loaders.block(id).await.map(|row| row.map(Block::from)))
    }

    /// The task that it is about; null where it is about a block or the client in general.
    async fn task(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<Task>> {
        let id = self.row.task_id?;
        field(request(ctx).loaders.task(id).await.map(|row| row.map(Task::from)))
    }

    /// Its title.
    async fn title(&self) -> &str {
        &self.row.title
    }

    /// What it is made of.
    async fn kind(&self) -> InstructionKind {
        self.row.kind
    }

    /// Its words; given exactly where it is a TEXT.
    async fn text(&self) -> Option<&str> {
        self.row.text.as_deref()
    }

    /// Its address on the web; given exactly where it is no TEXT.
    async fn url(&self) -> Option<&str> {
        self.row.url.as_deref()
    }

    /// Who wrote it.
    async fn author(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<User>> {
        field(request(ctx).loaders.user(self.row.author_id).await.map(|row| row.map(User::from)))
    }

    /// When it was taken out of the knowledge base; null while it stands.
    async fn withdrawn_at(&self) -> Option<DateTime> {
        self.row.withdrawn_at.map(DateTime::from)
    }

    /// Counts the edits; an update names the one it saw.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// When it was written.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }
}

connection!(
    /// A page of instructions, by title.
    InstructionConnection, InstructionEdge, Instruction
);

/// Which instructions.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct InstructionFilter {
    /// By title.
    title: Option<TextFilter>,
    /// By what they are made of.
    kind: Option<InstructionKind>,
    /// By the block that they are about.
    block_id: Option<IdFilter>,
    /// By the task that they are about.
    task_id: Option<IdFilter>,
    /// Withdrawn ones in the place of those that stand.
    #[graphql(default)]
    withdrawn: bool,
}

/// The instructions of a client.
pub async fn of_client(
    ctx: &Context<'_>,
    client: ClientId,
    filter: Option<InstructionFilter>,
    args: PageArgs,
) -> Option<async_graphql::Result<InstructionConnection>> {
    let read = async {
        settle(call(ctx), "Client.instructions", &Target::client(client))?;
        let filter = filter.unwrap_or_default();
        let binding = Binding::new(&("instructions", client, &filter));
        let page = args.page(binding)?;
        let mut all = vec![Tree::Leaf(Leaf::Withdrawn(filter.withdrawn))];
        all.extend(filter.title.map(|title| Tree::Leaf(Leaf::Title(title.into()))));
        all.extend(filter.kind.map(|kind| Tree::Leaf(Leaf::Kind(kind))));
        all.extend(filter.block_id.map(|id| Tree::Leaf(Leaf::Block(id.compare()))));
        all.extend(filter.task_id.map(|id| Tree::Leaf(Leaf::Task(id.compare()))));
        let tree = Tree::All(all);
        let listed = Box::pin(usecase::instruction::list(call(ctx), client, &tree, binding, &page)).await?;
        Ok(Some(InstructionConnection::new(listed, Instruction::from)))
    };
    field(read.await)
}

/// The instructions that hang on a block or task and stand, for a field `Type.instructions` with its row in the policy.
pub async fn hanging(
    ctx: &Context<'_>,
    protected: &str,
    client: ClientId,
    rows: impl Future<Output = Result<Vec<instruction::Model>>>,
) -> Option<async_graphql::Result<Vec<Instruction>>> {
    let read = match settle(call(ctx), protected, &Target::client(client)) {
        Ok(()) => rows.await,
        Err(denied) => Err(denied),
    };
    field(read.map(|rows| {
        Some(rows.into_iter().filter(|row| row.withdrawn_at.is_none()).map(Instruction::from).collect())
    }))
}

/// A new instruction, with one body of its kind.
#[derive(InputObject)]
pub struct InstructionCreateInput {
    /// The client that it is for.
    client_id: Gid<ClientId>,
    /// The block that it is about; with neither block nor task it is for the client in general.
    block_id: Option<Gid<BlockId>>,
    /// The task that it is about.
    task_id: Option<Gid<TaskId>>,
    /// Its title, at most 300 characters.
    title: String,
    /// What it is made of.
    kind: InstructionKind,
    /// Its words, at most 10,000 characters; exactly for a TEXT.
    text: Option<String>,
    /// Its address, with https:// or http://; exactly for a VIDEO or an ARTICLE.
    url: Option<String>,
    /// Makes a retry harmless: the same key and input give the first outcome.
    idempotency_key: Option<Uuid>,
}

/// A change of an instruction: what is absent keeps. Its kind stays.
#[derive(InputObject)]
pub struct InstructionUpdateInput {
    /// The version that the caller saw.
    expected_version: i32,
    /// Its title, at most 300 characters.
    title: MaybeUndefined<String>,
    /// Its words, at most 10,000 characters.
    text: MaybeUndefined<String>,
    /// Its address, with https:// or http://.
    url: MaybeUndefined<String>,
}

payload! {
    /// The outcome of writing an instruction.
    InstructionCreatePayload {
        /// The instruction.
        instruction: Instruction,
    }
}

payload! {
    /// The outcome of changing an instruction.
    InstructionUpdatePayload {
        /// The instruction as it is now, also where the change met a conflict.
        instruction: Instruction,
    }
}

payload! {
    /// The outcome of withdrawing an instruction.
    InstructionWithdrawPayload {
        /// The instruction as it is now.
        instruction: Instruction,
    }
}

/// Changes of instructions.
#[derive(Default)]
pub struct InstructionMutation;

#[Object]
impl InstructionMutation {
    /// Writes an instruction, for a block, a task, or the client in general; a block or task has at most 20.
    async fn instruction_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instruction.")] input: InstructionCreateInput,
    ) -> Option<async_graphql::Result<InstructionCreatePayload>> {
        let key = input.idempotency_key;
        let command = usecase::instruction::Create {
            client_id: input.client_id.0,
            on: On { block_id: input.block_id.map(|id| id.0), task_id: input.task_id.map(|id| id.0) },
            title: input.title,
            kind: input.kind,
            text: input.text,
            url: input.url,
        };
        let made = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::instruction::create(&call, command, key).await
        }))
        .await;
        answer(made.map(|row| InstructionCreatePayload { instruction: Some(row.into()), errors: Vec::new() }))
    }

    /// Changes an instruction that stands.
    async fn instruction_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which instruction.")] id: Gid<InstructionId>,
        #[graphql(desc = "What changes.")] input: InstructionUpdateInput,
    ) -> Option<async_graphql::Result<InstructionUpdatePayload>> {
        let version = input.expected_version;
        let command = usecase::instruction::Update {
            title: patch(input.title),
            text: patch(input.text),
            url: patch(input.url),
        };
        let edited = Box::pin(usecase::retry(call(ctx), command, move |call, command| async move {
            usecase::instruction::update(&call, id.0, version, command).await
        }))
        .await;
        answer(edited.map(|edited| {
            let (row, errors): (_, Vec<UserError>) = match edited {
                Edited::Done(row) => (row, Vec::new()),
                Edited::Conflict(row) => (row, vec![conflict()]),
            };
            InstructionUpdatePayload { instruction: Some(row.into()), errors }
        }))
    }

    /// Takes an instruction out of the knowledge base; whoever has its id still reads it.
    async fn instruction_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which instruction.")] id: Gid<InstructionId>,
    ) -> Option<async_graphql::Result<InstructionWithdrawPayload>> {
        let withdrawn = Box::pin(usecase::retry(call(ctx), (), move |call, ()| async move {
            usecase::instruction::withdraw(&call, id.0).await
        }))
        .await;
        answer(
            withdrawn
                .map(|row| InstructionWithdrawPayload { instruction: Some(row.into()), errors: Vec::new() }),
        )
    }
}

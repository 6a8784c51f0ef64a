//! Lists of tasks: what they can be filtered and sorted by.

use async_graphql::{Context, InputObject, Object};
use domain::id::{ClientId, PlanId};
use domain::policy::Action;
use domain::task::TaskStatus;
use entity::task;
use serde::Serialize;

use super::super::call;
use super::super::error::field;
use super::super::filter::{DateTimeFilter, IdFilter, OrderDirection, TextFilter};
use super::super::page::{PageArgs, connection};
use super::Task;
use crate::store::filter::{Compare, Tree};
use crate::store::page::{Binding, Direction};
use crate::store::task::Leaf;
use crate::usecase;

connection!(
    /// A page of tasks.
    TaskConnection, TaskEdge, Task
);

/// Compares the status of tasks.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct TaskStatusFilter {
    /// That status.
    eq: Option<TaskStatus>,
    /// One of these.
    #[graphql(name = "in")]
    one_of: Option<Vec<TaskStatus>>,
}

/// Which tasks.
#[derive(Debug, Clone, Default, InputObject, Serialize)]
pub struct TaskFilter {
    /// By id.
    id: Option<IdFilter>,
    /// By client.
    client_id: Option<IdFilter>,
    /// By plan.
    plan_id: Option<IdFilter>,
    /// By block.
    block_id: Option<IdFilter>,
    /// Only those in an inbox, or only those in blocks.
    inbox: Option<bool>,
    /// By status.
    status: Option<TaskStatusFilter>,
    /// By the person who is to do it.
    assignee_id: Option<IdFilter>,
    /// Only those marked urgent, or only the others.
    urgent: Option<bool>,
    /// By title.
    title: Option<TextFilter>,
    /// By the moment of the last change.
    updated_at: Option<DateTimeFilter>,
    /// All of these.
    and: Option<Vec<TaskFilter>>,
    /// Any of these.
    or: Option<Vec<TaskFilter>>,
    /// Not this.
    not: Option<Box<TaskFilter>>,
}

impl TaskFilter {
    /// Whether it asks about people, whom not every caller may know.
    fn names_people(&self) -> bool {
        let any = |parts: &Option<Vec<Self>>| parts.iter().flatten().any(Self::names_people);
        self.assignee_id.is_some()
            || any(&self.and)
            || any(&self.or)
            || self.not.as_deref().is_some_and(Self::names_people)
    }

    fn tree(self) -> Tree<Leaf> {
        let mut all: Vec<Tree<Leaf>> = Vec::new();
        all.extend(self.id.map(|id| Tree::Leaf(Leaf::Id(id.compare()))));
        all.extend(self.client_id.map(|id| Tree::Leaf(Leaf::Client(id.compare()))));
        all.extend(self.plan_id.map(|id| Tree::Leaf(Leaf::Plan(id.compare()))));
        all.extend(self.block_id.map(|id| Tree::Leaf(Leaf::Block(id.compare()))));
        all.extend(self.inbox.map(|inbox| Tree::Leaf(Leaf::Inbox(inbox))));
        if let Some(status) = self.status {
            all.extend(status.eq.map(|status| Tree::Leaf(Leaf::Status(vec![status]))));
            all.extend(status.one_of.map(|statuses| Tree::Leaf(Leaf::Status(statuses))));
        }
        all.extend(self.assignee_id.map(|id| Tree::Leaf(Leaf::Assignee(id.compare()))));
        all.extend(self.urgent.map(|urgent| Tree::Leaf(Leaf::Urgent(urgent))));
        all.extend(self.title.map(|title| Tree::Leaf(Leaf::Title(title.into()))));
        all.extend(self.updated_at.map(|at| Tree::Leaf(Leaf::UpdatedAt(at.into()))));
        all.extend(self.and.map(|parts| Tree::All(parts.into_iter().map(Self::tree).collect())));
        all.extend(self.or.map(|parts| Tree::Any(parts.into_iter().map(Self::tree).collect())));
        all.extend(self.not.map(|part| Tree::Not(Box::new(part.tree()))));
        Tree::All(all)
    }
}

/// What tasks can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, async_graphql::Enum, Serialize)]
pub enum TaskOrderField {
    /// By the place in the block or inbox.
    Position,
    /// By title, without regard to case.
    Title,
    /// Urgent ones last; first with DESC.
    Urgent,
    /// By the moment of creation.
    CreatedAt,
    /// By the moment of the last change.
    UpdatedAt,
}

/// How tasks are sorted.
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct TaskOrder {
    /// What by.
    field: TaskOrderField,
    /// Which way.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

/// A page of the tasks that the caller sees, of one plan or of all.
pub async fn tasks(
    ctx: &Context<'_>,
    plan: Option<PlanId>,
    filter: Option<Box<TaskFilter>>,
    order_by: Option<Vec<TaskOrder>>,
    args: PageArgs,
) -> Option<async_graphql::Result<TaskConnection>> {
    field(
        async {
            if filter.as_ref().is_some_and(|filter| filter.names_people()) {
                call(ctx).scope(Action::StaffRead)?;
            }
            let binding = Binding::new(&("tasks", plan, &filter, &order_by));
            let page = args.page(binding)?;
            let mut order: Vec<_> = order_by
                .unwrap_or_else(|| {
                    vec![TaskOrder { field: TaskOrderField::UpdatedAt, direction: OrderDirection::Desc }]
                })
                .into_iter()
                .map(|by| {
                    let column = match by.field {
                        TaskOrderField::Position => task::Column::Position,
                        TaskOrderField::Title => task::Column::TitleKey,
                        TaskOrderField::Urgent => task::Column::Urgent,
                        TaskOrderField::CreatedAt => task::Column::CreatedAt,
                        TaskOrderField::UpdatedAt => task::Column::UpdatedAt,
                    };
                    (column, by.direction.into())
                })
                .collect();
            order.push((task::Column::Id, Direction::Asc));
            let of_plan = plan.map(|id| {
                Tree::Leaf(Leaf::Plan(Compare { eq: Some(id), one_of: None, gte: None, lt: None }))
            });
            let tree = Tree::All(of_plan.into_iter().chain(filter.map(|filter| filter.tree())).collect());
            let listed = Box::pin(usecase::task::list(call(ctx), Some(&tree), order, binding, &page)).await?;
            Ok(Some(TaskConnection::new(listed, Task::from)))
        }
        .await,
    )
}

/// A page of a client's tasks of one status, the urgent ones first.
pub async fn tasks_of_client(
    ctx: &Context<'_>,
    client: ClientId,
    status: TaskStatus,
    args: PageArgs,
) -> Option<async_graphql::Result<TaskConnection>> {
    let read = async {
        let binding = Binding::new(&("tasksOfClient", client, status));
        let page = args.page(binding)?;
        let order = vec![
            (task::Column::Urgent, Direction::Desc),
            (task::Column::UpdatedAt, Direction::Desc),
            (task::Column::Id, Direction::Asc),
        ];
        let of_client = Compare { eq: Some(client), ..Compare::default() };
        let tree =
            Tree::All(vec![Tree::Leaf(Leaf::Client(of_client)), Tree::Leaf(Leaf::Status(vec![status]))]);
        let listed = Box::pin(usecase::task::list(call(ctx), Some(&tree), order, binding, &page)).await?;
        Ok(Some(TaskConnection::new(listed, Task::from)))
    };
    field(read.await)
}

/// Queries of tasks.
#[derive(Default)]
pub struct TaskQuery;

#[Object]
impl TaskQuery {
    /// The tasks that the caller sees, last changed first where no order is given.
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all where absent.")] filter: Option<Box<TaskFilter>>,
        #[graphql(desc = "How they are sorted.")] order_by: Option<Vec<TaskOrder>>,
        #[graphql(
            desc = "Rows from the start of the page, 1 to 100; 25 where neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only rows behind this cursor.")] after: Option<String>,
        #[graphql(desc = "Rows from the end of the page, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only rows before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<TaskConnection>> {
        tasks(ctx, None, filter, order_by, PageArgs { first, after, last, before }).await
    }
}

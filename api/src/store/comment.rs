//! Comments on plans, blocks, tasks, time entries and reports.

use domain::id::{BlockId, ClientId, CommentId, PlanId, TaskId, TimeEntryId, WeeklyReportId};
use domain::policy::Scope;
use entity::{block, comment, plan, task, time_entry, weekly_report};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, Select,
};

use super::visible;

/// What a comment is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
pub enum Subject {
    Plan(PlanId),
    Block(BlockId),
    Task(TaskId),
    TimeEntry(TimeEntryId),
    Report(WeeklyReportId),
}

/// The comments on something, the internal ones left out unless `internal`.
pub fn select(subject: Subject, internal: bool) -> Select<comment::Entity> {
    let on = match subject {
        Subject::Plan(id) => comment::Column::PlanId.eq(id),
        Subject::Block(id) => comment::Column::BlockId.eq(id),
        Subject::Task(id) => comment::Column::TaskId.eq(id),
        Subject::TimeEntry(id) => comment::Column::TimeEntryId.eq(id),
        Subject::Report(id) => comment::Column::ReportId.eq(id),
    };
    let select = comment::Entity::find().filter(on);
    if internal { select } else { select.filter(comment::Column::Internal.eq(false)) }
}

/// A visible comment by its id: within `all` if it is for everybody, within `internal` if it is for staff only.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &impl ConnectionTrait,
    all: &Scope,
    internal: Option<&Scope>,
    id: CommentId,
) -> Result<Option<comment::Model>, DbErr> {
    let client = comment::Column::ClientId;
    let open = Condition::all().add(comment::Column::Internal.eq(false)).add(visible::of_client(all, client));
    let mut either = Condition::any().add(open);
    if let Some(internal) = internal {
        either = either.add(visible::of_client(internal, client));
    }
    comment::Entity::find_by_id(id).filter(either).one(db).await
}

/// The client that a subject belongs to, whoever asks.
///
/// # Errors
/// The database's own.
pub async fn client_of(db: &impl ConnectionTrait, subject: Subject) -> Result<Option<ClientId>, DbErr> {
    macro_rules! of {
        ($table:ident, $id:expr) => {
            $table::Entity::find_by_id($id)
                .select_only()
                .column($table::Column::ClientId)
                .into_tuple()
                .one(db)
                .await
        };
    }
    match subject {
        Subject::Plan(id) => of!(plan, id),
        Subject::Block(id) => of!(block, id),
        Subject::Task(id) => of!(task, id),
        Subject::TimeEntry(id) => of!(time_entry, id),
        Subject::Report(id) => of!(weekly_report, id),
    }
}

//! What a client answers to a report: a mark, words, changes wanted.
//!
//! Answers are kept as they were given: whoever changes their mind answers again, and the later one stands beside the
//! earlier. The next meeting's agenda starts from their words, and the marks stand among the client's figures (M-1).

use domain::id::{ReportAnswerId, SatisfactionId, WeeklyReportId};
use domain::meeting::{AgendaSource, SatisfactionSource};
use domain::notification::Content;
use domain::policy::{Action, Target};
use domain::team::Position;
use entity::{client, report_answer, weekly_report};
use serde::Serialize;
use uuid::Uuid;

use super::find;
use crate::app::Call;
use crate::error::{Error, Refusals, Result};
use crate::store::page::{Binding, Direction, List, Listed, Page};
use crate::store::{self, Change, Tx};
use crate::usecase::field::{WORDS, text};
use crate::usecase::meeting::{self, For, Point};
use crate::usecase::notification::{Audience, Notice, notify};
use crate::usecase::satisfaction::{self, Figure};

/// What is answered.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    pub report: WeeklyReportId,
    pub satisfaction: i32,
    pub comment: Option<String>,
    pub changes_wanted: Option<String>,
}

/// Answers a report.
///
/// # Errors
/// Refused: an INVALID mark or text; Forbidden for whoever is not the client's owner.
pub async fn answer(
    call: &Call,
    command: Answer,
    key: Option<Uuid>,
) -> Result<(weekly_report::Model, report_answer::Model)> {
    let mut tx = call.begin().await?;
    let (report, client) =
        store::report::with_client(tx.connection(), command.report).await?.ok_or(Error::NotFound)?;
    let permit = call.permit(Action::ReportAnswer, &Target::client(report.client_id))?;
    let id = ReportAnswerId::new();
    if let Some(made) = tx.replay(key, "reportAnswer", &command, &[id.0]).await? {
        drop(tx);
        let made = made.first().copied().map(ReportAnswerId).ok_or(Error::NotFound)?;
        return Ok((report, find_answer(call, made).await?.ok_or(Error::NotFound)?));
    }
    let mut refusals = Refusals::default();
    satisfaction::check(command.satisfaction, "satisfaction", &mut refusals);
    let mut words = |field, value: Option<&String>| -> Option<String> {
        let value = value.filter(|value| !value.trim().is_empty())?;
        text(&mut refusals, field, value, WORDS)
    };
    let comment = words("comment", command.comment.as_ref());
    let changes_wanted = words("changesWanted", command.changes_wanted.as_ref());
    refusals.check()?;
    let user_id = call.actor.user_id().ok_or_else(|| Error::Internal("only people answer".to_owned()))?;
    let row = report_answer::Model {
        id,
        report_id: report.id,
        client_id: report.client_id,
        user_id,
        satisfaction: command.satisfaction,
        comment,
        changes_wanted,
        created_at: tx.now(),
    };
    store::insert(&tx, row.clone()).await?;
    keep(&tx, &row).await?;
    tell(call, &mut tx, client, &row).await?;
    let change = Change::of("ReportAnswer", id).client(report.client_id).after(&serde_json::json!({
        "report": report.id, "satisfaction": row.satisfaction, "comment": row.comment,
        "changesWanted": row.changes_wanted,
    }));
    tx.commit(permit, change).await?;
    Ok((report, row))
}

/// Keeps the mark among the client's figures and puts the words on the agenda of the next meeting (M-1).
async fn keep(tx: &Tx<'_>, answer: &report_answer::Model) -> Result<()> {
    let figure = Figure {
        client_id: answer.client_id,
        engagement_id: None,
        source: SatisfactionSource::ReportAnswer,
        score: answer.satisfaction,
        note: answer.comment.clone(),
        meeting_id: None,
        report_answer_id: Some(answer.id.0),
    };
    satisfaction::record(tx, SatisfactionId::new(), figure).await?;
    for words in [&answer.changes_wanted, &answer.comment].into_iter().flatten() {
        let point = Point {
            report_answer_id: Some(answer.id.0),
            ..Point::of(AgendaSource::ReportAnswer, words.clone())
        };
        meeting::raise(tx, For::Client(answer.client_id), point).await?;
    }
    Ok(())
}

/// Tells those who answer for the work.
async fn tell(
    call: &Call,
    tx: &mut Tx<'_>,
    client: Option<client::Model>,
    answer: &report_answer::Model,
) -> Result<()> {
    let by = store::user::get(tx.connection(), answer.user_id).await?;
    let words: Vec<&str> =
        [&answer.comment, &answer.changes_wanted].into_iter().flatten().map(String::as_str).collect();
    let content = Content::ReportAnswered {
        client: client.map(|client| client.name).unwrap_or_default(),
        by: by.map(|person| person.name).unwrap_or_default(),
        satisfaction: Some(answer.satisfaction),
        comment: words.join("\n"),
    };
    let notice = Notice {
        client: Some(answer.client_id),
        audience: Audience::places(&[Position::ProjectManager, Position::AccountManager]),
        content,
        subject: Some(("WeeklyReport", answer.report_id.0)),
        once: answer.id.0.to_string(),
    };
    notify(call, tx, notice).await.map(|_| ())
}

/// One visible answer.
///
/// # Errors
/// The caller reads no answers at all; the database's own.
pub async fn find_answer(call: &Call, id: ReportAnswerId) -> Result<Option<report_answer::Model>> {
    let scope = call.scope(Action::ReportRead)?;
    Ok(store::report::find_answer(call.app.db.reading(), &scope, id).await?)
}

/// A page of the answers to a report that the caller reads, the newest first.
///
/// # Errors
/// The database's own; the caller does not read the report.
pub async fn answers(
    call: &Call,
    report: WeeklyReportId,
    binding: Binding,
    page: &Page,
) -> Result<Listed<report_answer::Model>> {
    find(call, report).await?.ok_or(Error::NotFound)?;
    let order = vec![
        (report_answer::Column::CreatedAt, Direction::Desc),
        (report_answer::Column::Id, Direction::Desc),
    ];
    let select = store::report::answers(report);
    Ok(List { select, order, binding }.read(&call.app.db, page).await?)
}

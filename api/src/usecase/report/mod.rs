//! The weekly report: frozen once a week for each client, read, previewed, answered.
//!
//! `make` turns rows into the report's value, `freeze` keeps it and posts its mails in one transaction, `file` hands out
//! links and what stands behind them, `answer` takes what the client says. A report that was frozen is read from its own
//! row and from nothing else, so that it says for ever what the mail said.

mod answer;
mod file;
mod freeze;
mod make;

use chrono::NaiveDate;
use chrono_tz::Tz;
use domain::id::{ClientId, EngagementId, WeeklyReportId};
use domain::policy::{Action, Target};
use domain::report::{FORMAT, Report, preview_days};
use domain::stage::Stage;
use entity::{client, weekly_report};

pub use answer::{Answer, answer, answers, find_answer};
pub use file::{Document, Format, SHORT_MINUTES, Subject, links, open};
pub use freeze::{freeze, freeze_due};

use crate::app::Call;
use crate::error::{Error, Result};
use crate::store;
use crate::store::filter::Tree;
use crate::store::page::{Binding, Direction, List, Listed, Page};
use crate::store::report::Leaf;

/// One visible report.
///
/// # Errors
/// The caller reads no reports at all; the database's own.
pub async fn find(call: &Call, id: WeeklyReportId) -> Result<Option<weekly_report::Model>> {
    let scope = call.scope(Action::ReportRead)?;
    Ok(store::report::find(call.app.db.reading(), &scope, id).await?)
}

/// A page of the visible reports, the newest week first.
///
/// # Errors
/// As [`find`].
pub async fn list(
    call: &Call,
    filter: Option<&Tree<Leaf>>,
    binding: Binding,
    page: &Page,
) -> Result<Listed<weekly_report::Model>> {
    let scope = call.scope(Action::ReportRead)?;
    let order = vec![
        (weekly_report::Column::WeekStartsOn, Direction::Desc),
        (weekly_report::Column::Id, Direction::Desc),
    ];
    let select = store::report::select(&scope, filter);
    Ok(List { select, order, binding }.read(&call.app.db, page).await?)
}

/// What a frozen report holds.
///
/// # Errors
/// Internal where it is kept in a form that this program does not know.
pub fn content(row: &weekly_report::Model) -> Result<Report> {
    if row.format != FORMAT {
        return Err(Error::Internal(format!("a report is kept in the form {}", row.format)));
    }
    serde_json::from_str(&row.content)
        .map_err(|_| Error::Internal("a report is not what was kept".to_owned()))
}

/// What a preview is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Preview {
    pub client: ClientId,
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// This engagement alone.
    pub engagement: Option<EngagementId>,
    /// This stage alone.
    pub stage: Option<Stage>,
}

/// A report of any days, kept nowhere, and whose it is.
///
/// # Errors
/// NotFound for an unseen client; Forbidden for a role that reads no reports; BadInput for days that are none.
pub async fn preview(call: &Call, asked: Preview) -> Result<(client::Model, Report)> {
    // Whoever reads no reports at all learns nothing of who there is.
    call.scope(Action::ReportRead)?;
    let _ = call.permit(Action::ReportRead, &Target::client(asked.client))?;
    previewed(call, asked).await
}

/// The same for whoever settled the right before.
async fn previewed(call: &Call, asked: Preview) -> Result<(client::Model, Report)> {
    let client = store::client::get(call.app.db.reading(), asked.client).await?.ok_or(Error::NotFound)?;
    let (from, until) = preview_days(asked.from, asked.to)
        .map_err(|refused| Error::BadInput(crate::usecase::field::sentence(&refused.to_string())))?;
    let report = make::preview(call, &client, from, until, asked.engagement, asked.stage).await?;
    Ok((client, report))
}

/// The zone in which a client's days are counted.
fn zone(client: &client::Model) -> Tz {
    client.time_zone.parse().unwrap_or(Tz::UTC)
}

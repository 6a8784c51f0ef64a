//! Links to a report's files, and what stands behind them.
//!
//! A link is a sealed token: what it is for, in which form and language, and until when. It cannot be read, changed or
//! made by anyone who does not have the installation's key, and opening it compares in constant time, as the seal does.
//! Whoever holds it may read, so it lives for a quarter of an hour where the API gives it, to whoever may read the
//! report, and for a week where a mail carries it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use domain::client::Locale;
use domain::id::WeeklyReportId;
use domain::report::Report;
use serde::{Deserialize, Serialize};

use super::{Preview, content, previewed};
use crate::app::Call;
use crate::error::{Error, Result};
use crate::report::{Links, csv, file_name, page, xlsx};
use crate::store;

/// How long a link lives that the API gives.
pub const SHORT_MINUTES: i64 = 15;
/// How long the links of a mail live.
pub(super) const MAIL_DAYS: i64 = 7;
/// What the seal is bound to, so that nothing sealed for something else opens here.
const PURPOSE: &str = "link to a report's file";
/// Longer than any token of ours.
const LONGEST: usize = 1_000;

/// What a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    Frozen(WeeklyReportId),
    Preview(Preview),
}

/// The forms of a report's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    Html,
    Xlsx,
    Csv,
}

#[derive(Debug, Serialize, Deserialize)]
struct Link {
    of: Subject,
    form: Format,
    locale: Locale,
    /// Seconds since 1970.
    until: i64,
}

/// A report's file.
#[derive(Debug)]
pub struct Document {
    pub name: String,
    pub form: Format,
    pub bytes: Vec<u8>,
}

/// Links that live for [`SHORT_MINUTES`], and when they end; the caller reads the report already.
///
/// # Errors
/// None that can happen.
pub fn links(call: &Call, of: Subject, locale: Locale) -> Result<(Links, DateTime<Utc>)> {
    let until = call.now + Duration::minutes(SHORT_MINUTES);
    Ok((links_until(call, of, locale, until)?, until))
}

pub(super) fn links_until(call: &Call, of: Subject, locale: Locale, until: DateTime<Utc>) -> Result<Links> {
    let link = |form| -> Result<String> {
        let link = Link { of, form, locale, until: until.timestamp() };
        let plain = serde_json::to_vec(&link).map_err(|error| Error::Internal(error.to_string()))?;
        let token = URL_SAFE_NO_PAD.encode(call.app.keys.seal(PURPOSE, &plain));
        Ok(format!("{}/reports/{token}", call.app.config.base_url()))
    };
    Ok(Links { html: link(Format::Html)?, xlsx: link(Format::Xlsx)?, csv: link(Format::Csv)? })
}

/// What stands behind a token; none where it is no token, has ended, or what it is for is not there.
///
/// # Errors
/// The database's own.
pub async fn open(call: &Call, token: &str) -> Result<Option<Document>> {
    let Some(link) = read(call, token) else { return Ok(None) };
    let found = match link.of {
        Subject::Frozen(id) => {
            let row = store::report::with_client(call.app.db.reading(), id).await?;
            row.map(|(row, _)| content(&row)).transpose()?
        }
        Subject::Preview(asked) => match previewed(call, asked).await {
            Ok((_, report)) => Some(report),
            Err(Error::NotFound | Error::BadInput(_)) => None,
            Err(error) => return Err(error),
        },
    };
    let Some(report) = found else { return Ok(None) };
    // A year's entries take a while to be written out, and others wait for the same threads.
    let (form, locale) = (link.form, link.locale);
    let written = tokio::task::spawn_blocking(move || render(&report, form, locale));
    written.await.map_err(|error| Error::Internal(error.to_string()))?.map(Some)
}

fn read(call: &Call, token: &str) -> Option<Link> {
    if token.len() > LONGEST {
        return None;
    }
    let sealed = URL_SAFE_NO_PAD.decode(token).ok()?;
    let plain = call.app.keys.open(PURPOSE, &sealed)?;
    let link: Link = serde_json::from_slice(&plain).ok()?;
    (call.now.timestamp() < link.until).then_some(link)
}

fn render(report: &Report, form: Format, locale: Locale) -> Result<Document> {
    let (bytes, ending) = match form {
        Format::Html => (page(report, None, locale).into_bytes(), "html"),
        Format::Xlsx => (xlsx(report, locale).map_err(Error::Internal)?, "xlsx"),
        Format::Csv => (csv(report, locale), "csv"),
    };
    Ok(Document { name: file_name(report, ending), form, bytes })
}

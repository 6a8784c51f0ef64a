//! The ready queries of the explorer, each with the token of a role that may ask it.

use domain::calendar::local_day;
use serde_json::{Value, json};

use super::history::Cast;
use super::sign_in::SignIn;
use crate::clock::Clock;
use crate::graphql::id::Identified;
use crate::http::graphiql::Example;

const DASHBOARD: &str = "\
query Dashboard($id: ID!) {
  client(by: {id: $id}) {
    name
    hourBalances { id version grantedMinutes usedMinutes remainingMinutes overageMinutes expiresAt warnings { kind } }
    team { position user { name } }
    engagements {
      status
      tariff { name }
      periods { number startsOn endsOn grantedMinutes usedMinutes expiredMinutes remainingMinutes }
    }
    plans {
      title
      status
      blocks { title status spentMinutes tasks { title status estimateMinutes spentMinutes assignee { name } } }
    }
  }
}";

const BALANCES: &str = "\
subscription Balances {
  hourBalanceChanged {
    id
    engagement { client { name } tariff { name } }
    version
    grantedMinutes
    usedMinutes
    remainingMinutes
    overageMinutes
    expiresAt
    warnings { kind }
  }
}";

const CLIENTS: &str = "\
query Clients {
  clients(first: 20, orderBy: [{field: NAME}]) {
    totalCount
    nodes { name lineOfBusiness timeZone engagements { status tariff { name } price { amount currency } } }
  }
}";

const TIME: &str = "\
query TimeLog {
  timeEntries(first: 20, orderBy: [{field: WORKED_ON, direction: DESC}]) {
    totalCount
    totalMinutes
    nodes { workedOn minutes activity note user { name } task { title } }
  }
}";

const LOG: &str = "\
mutation LogTime($input: TimeEntryCreateInput!) {
  timeEntryCreate(input: $input) {
    timeEntry { id workedOn minutes note }
    hourBalance { version usedMinutes remainingMinutes overageMinutes }
    errors { code field message }
  }
}";

const VIEWER: &str = "\
query Viewer {
  viewer { role user { name email } clients(first: 20) { nodes { name } } }
}";

const STATUS: &str = "\
query Status {
  viewer { apiKey { name } }
  clients(first: 20) { nodes { name engagements { status } hourBalances { remainingMinutes } plans { title status } } }
}";

/// The tabs, in order.
pub fn examples(cast: &Cast, sign_ins: &[SignIn]) -> Vec<Example> {
    let token = |role: &str| sign_ins.iter().find(|one| one.role == role).map(|one| one.token.clone());
    let example = |title: &str, role: &str, query: &str, variables: Value| Example {
        title: title.to_owned(),
        query: query.to_owned(),
        variables,
        token: token(role),
    };
    let (id, log) = match cast.clients.first() {
        None => (Value::Null, Value::Null),
        Some(first) => {
            let log = json!({
                "engagementId": first.client.engagement.global(),
                "workedOn": local_day(Clock::System.now(), first.client.zone),
                "minutes": 15,
                "activity": "CONSULTATION",
                "note": "Ответили на вопрос о воронке",
            });
            (json!(first.client.id.global()), log)
        }
    };
    vec![
        example("Viewer", "CLIENT_OWNER", VIEWER, json!({})),
        example("Owner's dashboard", "CLIENT_OWNER", DASHBOARD, json!({"id": id})),
        example("Live balances", "ADMINISTRATOR", BALANCES, json!({})),
        example("Clients", "ADMINISTRATOR", CLIENTS, json!({})),
        example("Time log", "PROJECT_MANAGER", TIME, json!({})),
        example("Log time", "SPECIALIST", LOG, json!({"input": log})),
        example("Partner's status", "PARTNER", STATUS, json!({})),
    ]
}

//! Clients with what hangs on them, read along in a few statements on one connection: what dashboards and lists show.
//!
//! Whoever asks has seen in the document what is wanted and that nothing beyond the brief columns is; whether the caller
//! may read a branch is settled where it is handed out.

use std::collections::HashMap;

use chrono::Days;
use domain::balance::Balance;
use domain::id::{BlockId, ClientId};
use domain::policy::Action;
use entity::{block, client, plan, task, team_member, user};
use uuid::Uuid;

use super::hour_balance;
use crate::app::Call;
use crate::error::Result;
use crate::store::course::Which;
use crate::store::filter::Tree;
use crate::store::page::{Binding, Direction, List, Listed, Page};
use crate::store::{self, Flat};

/// Names a client.
#[derive(Debug, Clone)]
pub enum By {
    Id(ClientId),
    ExternalId(String),
}

/// Which branches to read along.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    pub balances: bool,
    /// Places that are open, with their people, brief.
    pub team: bool,
    /// Plans with their blocks.
    pub plans: bool,
    /// The tasks of those blocks and who does them, brief; only beside `plans`.
    pub tasks: bool,
}

/// What hangs on a client; a branch that was not wanted is none.
#[derive(Debug, Clone, Default)]
pub struct Branches {
    pub balances: Option<Vec<Balance>>,
    pub team: Option<Vec<(team_member::Model, user::Model)>>,
    pub plans: Option<Vec<PlanBranch>>,
}

/// A plan with its blocks, each with its tasks where those were wanted.
#[derive(Debug, Clone)]
pub struct PlanBranch {
    pub plan: plan::Model,
    pub blocks: Vec<(block::Model, Option<Vec<TaskLeaf>>)>,
}

/// A task and who is to do it.
pub type TaskLeaf = (task::Model, Option<user::Model>);

/// One visible client.
///
/// # Errors
/// The caller reads no clients at all; the database's own.
pub async fn find(call: &Call, by: &By, wanted: Wanted) -> Result<Option<(client::Model, Branches)>> {
    let scope = call.scope(Action::ClientRead)?;
    let mut flat = Flat::lend(&call.app.db).await?;
    let found = match by {
        By::Id(id) => store::tree::client(&mut flat, *id).await?.filter(|row| scope.holds(row.id, None)),
        By::ExternalId(id) => store::client::find_external(&mut flat, &scope, id).await?,
    };
    let Some(row) = found else { return Ok(None) };
    let mut branches = read(call, &mut flat, &[row.id], wanted).await?;
    let own = branches.remove(&row.id).unwrap_or_default();
    Ok(Some((row, own)))
}

/// A page of the visible clients.
///
/// # Errors
/// As [`find`].
pub async fn list(
    call: &Call,
    filter: Option<&Tree<store::client::Leaf>>,
    order: Vec<(client::Column, Direction)>,
    binding: Binding,
    page: &Page,
    wanted: Wanted,
) -> Result<Listed<(client::Model, Branches)>> {
    let scope = call.scope(Action::ClientRead)?;
    let mut flat = Flat::lend(&call.app.db).await?;
    let list = List { select: store::client::select(&scope, filter), order, binding };
    let listed = list.read_through(&call.app.db, &mut flat, page, store::tree::client_row).await?;
    let ids: Vec<ClientId> = listed.rows.iter().map(|row| row.id).collect();
    let mut branches = read(call, &mut flat, &ids, wanted).await?;
    Ok(listed.map(|row| {
        let own = branches.remove(&row.id).unwrap_or_default();
        (row, own)
    }))
}

async fn read(
    call: &Call,
    flat: &mut Flat,
    clients: &[ClientId],
    wanted: Wanted,
) -> Result<HashMap<ClientId, Branches>> {
    let empty = Branches {
        balances: wanted.balances.then(Vec::new),
        team: wanted.team.then(Vec::new),
        plans: wanted.plans.then(Vec::new),
    };
    let mut found: HashMap<ClientId, Branches> =
        clients.iter().map(|client| (*client, empty.clone())).collect();
    if clients.is_empty() {
        return Ok(found);
    }
    let ids: Vec<Uuid> = clients.iter().map(|client| client.0).collect();
    if wanted.balances {
        for balance in hour_balance::read_through(call, flat, Which::Clients(clients)).await? {
            if let Some(own) = found.get_mut(&balance.client_id).and_then(|own| own.balances.as_mut()) {
                own.push(balance);
            }
        }
    }
    if wanted.team {
        // A day that has ended in every zone: what ends later is sorted out by each client's own day.
        let day = call.now.date_naive() - Days::new(1);
        for place in store::tree::team(flat, &ids, day).await? {
            if let Some(own) = found.get_mut(&place.0.client_id).and_then(|own| own.team.as_mut()) {
                own.push(place);
            }
        }
    }
    if wanted.plans {
        let plans = store::tree::plans(flat, &ids).await?;
        let tasks = if wanted.tasks { Some(store::tree::tasks(flat, &ids).await?) } else { None };
        for branch in grown(plans, tasks) {
            if let Some(plans) = found.get_mut(&branch.plan.client_id).and_then(|own| own.plans.as_mut()) {
                plans.push(branch);
            }
        }
    }
    Ok(found)
}

/// Plans with their blocks, and the tasks put where they belong.
fn grown(
    plans: Vec<(plan::Model, Vec<block::Model>)>,
    mut tasks: Option<HashMap<BlockId, Vec<TaskLeaf>>>,
) -> impl Iterator<Item = PlanBranch> {
    plans.into_iter().map(move |(plan, blocks)| PlanBranch {
        plan,
        blocks: blocks
            .into_iter()
            .map(|block| {
                let leaves = tasks.as_mut().map(|tasks| tasks.remove(&block.id).unwrap_or_default());
                (block, leaves)
            })
            .collect(),
    })
}

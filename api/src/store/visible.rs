//! What a caller may see, as a condition on rows: the only way that reads are made.

use domain::id::ClientId;
use domain::policy::Scope;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition};
use uuid::Uuid;

/// The rows of a table with a client column that lie within the scope.
pub fn of_client<C: ColumnTrait>(scope: &Scope, client: C) -> Condition {
    match scope {
        Scope::All => Condition::all(),
        Scope::Clients(clients) => within(client, clients),
        // Where a right covers only one's own, rows without an owner's column stay unseen.
        Scope::Own(..) => Condition::all().add(Expr::val(1).eq(0)),
    }
}

/// The clients that a scope is limited to, for statements that are text; none where it holds all of them.
pub fn clients(scope: &Scope) -> Option<Vec<Uuid>> {
    match scope {
        Scope::All => None,
        Scope::Clients(clients) => Some(clients.iter().map(|client| client.0).collect()),
        Scope::Own(..) => Some(Vec::new()),
    }
}

/// The rows of a table with a client and an owner's column that lie within the scope.
pub fn of_owner<C: ColumnTrait, O: ColumnTrait>(scope: &Scope, client: C, owner: O) -> Condition {
    match scope {
        Scope::Own(me, clients) => within(client, clients).add(owner.eq(*me)),
        other => of_client(other, client),
    }
}

fn within<'a, C: ColumnTrait>(column: C, clients: impl IntoIterator<Item = &'a ClientId>) -> Condition {
    Condition::all().add(column.is_in(clients.into_iter().copied()))
}

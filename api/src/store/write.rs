//! Writes that do not wait for one another: on PostgreSQL they go to the database as one statement.
//!
//! Each round trip to PostgreSQL costs about as much as a small write itself. Writes that go together touch different
//! rows, since one statement changes a row at most once and sees nothing of its own changes; foreign keys are looked
//! at when it ends. SQLite, which is in this process, runs them one after the other.

use sea_orm::sea_query::{
    Alias, CommonTableExpression, Expr, InsertStatement, Query, SubQueryStatement, UpdateStatement,
    WithClause,
};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr,
    EntityTrait, IntoActiveModel, ModelTrait, QueryTrait,
};

use crate::error::{Error, Refusal, Result};

/// One write, and how many rows it has to touch.
#[derive(Debug, Clone)]
pub struct Write {
    statement: Statement,
    rows: Option<u64>,
    /// What it means that it did not; a fault where nothing is said.
    refusal: Option<Refusal>,
    /// By which name a later write of the same run refers to the rows that this one gives back.
    given_back: Option<(&'static str, Alias)>,
}

#[derive(Debug, Clone)]
enum Statement {
    Insert(Box<InsertStatement>),
    Update(Box<UpdateStatement>),
}

impl Write {
    /// New rows, every column of them.
    pub fn insert<M, A>(rows: Vec<M>) -> Self
    where
        M: ModelTrait + IntoActiveModel<A>,
        A: ActiveModelTrait<Entity = M::Entity> + ActiveModelBehavior + Send,
    {
        let count = rows.len() as u64;
        let rows = rows.into_iter().map(|row| row.into_active_model().reset_all());
        let statement = M::Entity::insert_many(rows).into_query();
        Self::of(Statement::Insert(Box::new(statement)), count)
    }

    /// A new row, or a change of the one that is there.
    pub fn upsert(statement: impl QueryTrait<QueryStatement = InsertStatement>) -> Self {
        Self::of(Statement::Insert(Box::new(statement.into_query())), 1)
    }

    /// A change of one row; that it is not there is a fault.
    pub fn update(statement: impl QueryTrait<QueryStatement = UpdateStatement>) -> Self {
        Self::of(Statement::Update(Box::new(statement.into_query())), 1)
    }

    fn of(statement: Statement, rows: u64) -> Self {
        Self { statement, rows: Some(rows), refusal: None, given_back: None }
    }

    /// What is refused where it does not touch its rows.
    pub fn or(self, refusal: Refusal) -> Self {
        Self { refusal: Some(refusal), ..self }
    }

    /// It may as well touch no row.
    pub fn if_any(self) -> Self {
        Self { rows: None, ..self }
    }

    /// Gives a column of its rows back under a name, on PostgreSQL.
    pub fn giving_back(self, name: &'static str, column: &str) -> Self {
        Self { given_back: Some((name, Alias::new(column))), ..self }
    }
}

/// Makes writes within a unit of work.
///
/// # Errors
/// Refused or Internal where one touched fewer rows or more than it has to; the database's own.
pub async fn run(tx: &DatabaseTransaction, writes: Vec<Write>) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres && writes.len() > 1 {
        return together(tx, writes).await;
    }
    for write in writes {
        let done = match &write.statement {
            Statement::Insert(statement) => tx.execute(&**statement).await?,
            Statement::Update(statement) => tx.execute(&**statement).await?,
        };
        check(write.rows, write.refusal, done.rows_affected())?;
    }
    Ok(())
}

fn check(expected: Option<u64>, refusal: Option<Refusal>, touched: u64) -> Result<()> {
    if expected.is_none_or(|expected| expected == touched) {
        return Ok(());
    }
    Err(refusal.map_or_else(|| DbErr::RecordNotUpdated.into(), Error::from))
}

async fn together(tx: &DatabaseTransaction, writes: Vec<Write>) -> Result<()> {
    let mut with = WithClause::new();
    let mut counts = Query::select();
    let mut expected = Vec::new();
    for (number, write) in writes.into_iter().enumerate() {
        let (name, returning) = match write.given_back {
            Some((name, column)) => (name.to_owned(), Query::returning().column(column)),
            None => (format!("w{number}"), Query::returning().expr(Expr::cust("1"))),
        };
        let statement = match write.statement {
            Statement::Insert(mut statement) => {
                SubQueryStatement::InsertStatement(statement.returning(returning).to_owned())
            }
            Statement::Update(mut statement) => {
                SubQueryStatement::UpdateStatement(statement.returning(returning).to_owned())
            }
        };
        counts.expr(Expr::cust(format!("(SELECT count(*) FROM {name})")));
        expected.push((write.rows, write.refusal));
        with.cte(CommonTableExpression::new().table_name(Alias::new(name)).query(statement).to_owned());
    }
    let row = tx.query_one(&with.query(counts)).await?.ok_or(DbErr::RecordNotUpdated)?;
    for (at, (rows, refusal)) in expected.into_iter().enumerate() {
        let touched: i64 = row.try_get_by_index(at)?;
        check(rows, refusal, touched.unsigned_abs())?;
    }
    Ok(())
}

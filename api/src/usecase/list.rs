//! Reading a page of any list: visible rows, the filter, the order, and a count on demand.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use sea_orm::{EntityTrait, Order, PaginatorTrait, Select};

use crate::app::Call;
use crate::error::Result;
use crate::store::page::{self, Binding, Page};

/// A list: what it selects and how it is sorted, a unique column last.
pub struct List<E: EntityTrait> {
    pub select: Select<E>,
    pub order: Vec<(E::Column, Order)>,
    pub binding: Binding,
}

/// A page of a list, each row with its cursor.
pub struct Listed<M> {
    pub rows: Vec<(String, M)>,
    pub has_next: bool,
    pub has_previous: bool,
    /// Counts the whole list.
    pub count: Arc<dyn Fn() -> BoxFuture<'static, Result<i64>> + Send + Sync>,
}

impl<E> List<E>
where
    E: EntityTrait,
    E::Model: Send + Sync,
    Select<E>: Send + Sync,
{
    /// Reads a page in one statement.
    ///
    /// # Errors
    /// The database's own.
    pub async fn read(self, call: &Call, page: &Page) -> Result<Listed<E::Model>> {
        let slice = page::fetch(call.app.db.reading(), self.select.clone(), &self.order, page).await?;
        let rows = slice
            .rows
            .into_iter()
            .map(|row| (self.binding.cursor(&page::keys_of(&row, &self.order)), row))
            .collect();
        let app = Arc::clone(&call.app);
        let select = self.select;
        let count = move || -> BoxFuture<'static, Result<i64>> {
            let (app, select) = (Arc::clone(&app), select.clone());
            Box::pin(
                async move { Ok(i64::try_from(select.count(app.db.reading()).await?).unwrap_or(i64::MAX)) },
            )
        };
        Ok(Listed {
            rows,
            has_next: slice.has_next,
            has_previous: slice.has_previous,
            count: Arc::new(count),
        })
    }
}

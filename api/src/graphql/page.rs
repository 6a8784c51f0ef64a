//! Connections as the Relay specification has them: `edges`, `nodes`, `pageInfo`, and a `totalCount` that is counted
//! only when asked for. 25 rows by default, 100 at the most.

use std::sync::Arc;

use async_graphql::SimpleObject;
use futures_util::future::BoxFuture;

use crate::error::{Error, Result};
use crate::store::page::{Binding, DEFAULT, MOST, Page, Places};

/// The page that a list's arguments ask for.
#[derive(Debug, Clone, Default)]
pub struct PageArgs {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
}

impl PageArgs {
    /// Reads the arguments for the list that `binding` stands for.
    ///
    /// # Errors
    /// BAD_USER_INPUT: a size below 1 or above 100, both `first` and `last`, a cursor of another list.
    pub fn page(self, binding: Binding) -> Result<Page> {
        let (size, backward) = match (self.first, self.last) {
            (Some(_), Some(_)) => {
                return Err(Error::BadInput("Give `first` or `last`, not both.".to_owned()));
            }
            (Some(first), None) => (Some(first), false),
            (None, Some(last)) => (Some(last), true),
            (None, None) => (None, false),
        };
        let limit = match size {
            None => DEFAULT,
            Some(size) => u64::try_from(size)
                .ok()
                .filter(|size| (1..=MOST).contains(size))
                .ok_or_else(|| Error::BadInput(format!("A page holds 1 to {MOST} rows.")))?,
        };
        let read = |cursor: Option<String>| match cursor {
            None => Ok(None),
            Some(cursor) => binding.read(&cursor).map(Some).ok_or_else(|| {
                Error::BadInput("The cursor belongs to another list, filter or order.".to_owned())
            }),
        };
        Ok(Page { limit, backward, after: read(self.after)?, before: read(self.before)? })
    }
}

/// Where a page lies in its list.
#[derive(Debug, Clone, Default, SimpleObject)]
pub struct PageInfo {
    /// Whether rows follow.
    pub has_next_page: bool,
    /// Whether rows precede.
    pub has_previous_page: bool,
    /// The cursor of the first row of the page.
    pub start_cursor: Option<String>,
    /// The cursor of the last row of the page.
    pub end_cursor: Option<String>,
}

/// A figure over the whole list, made only when asked for.
pub type Figure = Arc<dyn Fn() -> BoxFuture<'static, Result<i64>> + Send + Sync>;

impl PageInfo {
    /// Of a page with these places.
    pub fn of(places: &Places) -> Self {
        Self {
            has_next_page: places.has_next,
            has_previous_page: places.has_previous,
            start_cursor: places.cursor(0),
            end_cursor: places.last(),
        }
    }
}

/// Declares the connection and the edge of a node.
macro_rules! connection {
    (
        $(#[$doc:meta])* $connection:ident, $edge:ident, $node:ident
        $(; $(#[$fdoc:meta])* $figure:ident)*
    ) => {
        $(#[$doc])*
        pub struct $connection {
            nodes: std::sync::Arc<[$node]>,
            places: $crate::store::page::Places,
            count: $crate::graphql::page::Figure,
            $($figure: $crate::graphql::page::Figure,)*
        }

        /// A row of the list and its cursor.
        #[derive(Clone, async_graphql::SimpleObject)]
        pub struct $edge {
            /// The row.
            pub node: $node,
            /// The row's place in the list, for `after` and `before`.
            pub cursor: String,
        }

        impl $connection {
            /// The connection of a page that was read.
            pub fn new<M>(listed: $crate::store::page::Listed<M>, node: impl FnMut(M) -> $node $(, $figure: $crate::graphql::page::Figure)*) -> Self {
                Self {
                    nodes: listed.rows.into_iter().map(node).collect(),
                    places: listed.places,
                    count: listed.count,
                    $($figure,)*
                }
            }
        }

        $(#[$doc])*
        #[async_graphql::Object]
        impl $connection {
            /// The rows with their cursors.
            async fn edges(&self) -> Vec<$edge> {
                let cursors = (0..).map_while(|at| self.places.cursor(at));
                self.nodes.iter().cloned().zip(cursors).map(|(node, cursor)| $edge { node, cursor }).collect()
            }

            /// The rows alone.
            async fn nodes(&self) -> std::sync::Arc<[$node]> {
                std::sync::Arc::clone(&self.nodes)
            }

            /// Where the page lies in the list.
            async fn page_info(&self) -> $crate::graphql::page::PageInfo {
                $crate::graphql::page::PageInfo::of(&self.places)
            }

            /// How many rows the whole list has; counted only when asked for.
            async fn total_count(&self) -> Option<async_graphql::Result<i32>> {
                $crate::graphql::error::field((self.count)().await.map(|count| i32::try_from(count).ok()))
            }

            $(
                $(#[$fdoc])*
                async fn $figure(&self) -> Option<async_graphql::Result<i32>> {
                    $crate::graphql::error::field((self.$figure)().await.map(|figure| i32::try_from(figure).ok()))
                }
            )*
        }
    };
}
pub(crate) use connection;

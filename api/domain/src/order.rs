//! Order of priority: moving one thing among others.
//!
//! Goals, blocks and tasks stand in an order that people change (P-2, P-5). The order is a list; a
//! thing's stored position is its place in it, so that after a move the caller writes the places
//! that changed.

use thiserror::Error;

/// A thing named in a move is not in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("what is moved does not stand in this order")]
pub struct NotInOrder;

/// The list with `moved` put before `before`, or at the end without it (P-2). A thing put before
/// itself stays where it is.
///
/// # Errors
/// Either of them is not in the list.
pub fn reorder<T: Copy + PartialEq>(
    ordered: &[T],
    moved: T,
    before: Option<T>,
) -> Result<Vec<T>, NotInOrder> {
    if !ordered.contains(&moved) {
        return Err(NotInOrder);
    }
    if before == Some(moved) {
        return Ok(ordered.to_vec());
    }
    let mut list: Vec<T> = ordered.iter().copied().filter(|item| *item != moved).collect();
    let place = match before {
        None => list.len(),
        Some(before) => list.iter().position(|item| *item == before).ok_or(NotInOrder)?,
    };
    list.insert(place, moved);
    Ok(list)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// P-2, P-5: to the front, to the end, between, onto itself, and what is not there.
    #[test]
    fn p2_moves() {
        for (moved, before, expected) in [
            (3, Some(1), Ok(vec![3, 1, 2, 4])),
            (1, None, Ok(vec![2, 3, 4, 1])),
            (1, Some(4), Ok(vec![2, 3, 1, 4])),
            (2, Some(2), Ok(vec![1, 2, 3, 4])),
            (9, None, Err(NotInOrder)),
            (1, Some(9), Err(NotInOrder)),
            (9, Some(9), Err(NotInOrder)),
        ] {
            assert_eq!(reorder(&[1, 2, 3, 4], moved, before), expected, "{moved} {before:?}");
        }
    }

    proptest! {
        /// P-2: a move loses nothing, doubles nothing, and leaves the others in their order.
        #[test]
        fn p2_a_move_keeps_the_rest(length in 1usize..12, moved in 0usize..12, before in prop::option::of(0usize..12)) {
            let list: Vec<_> = (0..length).collect();
            let Ok(found) = reorder(&list, moved, before) else {
                prop_assert!(moved >= length || before.is_some_and(|before| before >= length));
                return Ok(());
            };
            let others = |list: &[usize]| list.iter().copied().filter(|item| *item != moved).collect::<Vec<_>>();
            prop_assert_eq!(found.len(), length);
            prop_assert_eq!(others(&found), others(&list));
        }
    }
}

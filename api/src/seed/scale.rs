//! How much there shall be.

use std::str::FromStr;

/// The most tasks or time entries for each client: more would not fit into the days that people have.
const MOST_EACH: usize = 20_000;
/// The most clients.
const MOST_CLIENTS: usize = 100_000;

/// Numbers of clients, tasks and time entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    pub clients: usize,
    pub tasks: usize,
    pub entries: usize,
}

/// The parts of a whole by weights; they sum to it.
pub fn shares(total: usize, weights: &[usize]) -> Vec<usize> {
    let all = weights.iter().sum::<usize>().max(1);
    let upto = |weight: usize| (total as u128 * weight as u128 / all as u128) as usize;
    let mut before = 0;
    let share = |weight: &usize| {
        let from = before;
        before += weight;
        upto(before) - upto(from)
    };
    weights.iter().map(share).collect()
}

impl FromStr for Scale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = ["clients", "tasks", "entries"];
        let mut found = [None; 3];
        for part in text.split(',') {
            let (name, number) =
                part.split_once('=').ok_or_else(|| format!("`{part}` is not NAME=NUMBER"))?;
            let at = names
                .iter()
                .position(|known| *known == name.trim())
                .ok_or_else(|| format!("`{name}` is none of {}", names.join(", ")))?;
            let number: usize = number.trim().parse().map_err(|_| format!("`{number}` is not a number"))?;
            if found[at].replace(number).is_some() {
                return Err(format!("`{name}` is given twice"));
            }
        }
        let number = |at: usize| found[at].ok_or_else(|| format!("`{}` is missing", names[at]));
        let scale = Self { clients: number(0)?, tasks: number(1)?, entries: number(2)? };
        if !(1..=MOST_CLIENTS).contains(&scale.clients) {
            return Err(format!("clients are 1 to {MOST_CLIENTS}"));
        }
        for (name, number) in [("tasks", scale.tasks), ("entries", scale.entries)] {
            if number > scale.clients * MOST_EACH {
                return Err(format!("{name} are at most {MOST_EACH} for each client"));
            }
        }
        Ok(scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_names_each_number_once() {
        let scale: Scale = "clients=3, tasks=20,entries=100".parse().expect("well-formed");
        assert_eq!(scale, Scale { clients: 3, tasks: 20, entries: 100 });
        for (text, fault) in [
            ("", "`` is not NAME=NUMBER"),
            ("clients=3,tasks=20", "`entries` is missing"),
            ("clients=3,tasks=20,entries=1,entries=2", "`entries` is given twice"),
            ("clients=3,tasks=20,entrys=1", "`entrys` is none of clients, tasks, entries"),
            ("clients=3,tasks=-1,entries=1", "`-1` is not a number"),
            ("clients=3,tasks=1e5,entries=1", "`1e5` is not a number"),
            ("clients=0,tasks=0,entries=0", "clients are 1 to 100000"),
            ("clients=1,tasks=1,entries=20001", "entries are at most 20000 for each client"),
        ] {
            assert_eq!(text.parse::<Scale>(), Err(fault.to_owned()), "{text}");
        }
    }

    #[test]
    fn the_shares_are_the_whole() {
        assert_eq!(shares(1_000, &[1, 1, 10, 1]), [76, 77, 770, 77]);
        assert_eq!(shares(2, &[1, 1, 1]), [0, 1, 1]);
    }
}

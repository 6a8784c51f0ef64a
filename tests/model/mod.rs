//! The model check: random operations on ledgers, over virtual years and many time zones, each held against a reference
//! in plain arithmetic; and the same operations on both databases, with the same balances.
//!
//! A run is a row of worlds, each a provider of its own with a seed of its own. After each operation the outcome (done,
//! or refused with which codes) and the balance as it reads must be those of the reference; now and then, and at the
//! end, all that is written; at the end `verify` is silent. A world that fails is run again, looking at everything after
//! each operation, so that the shortest row of operations that fails is what is printed.
//!
//! What no use-case does yet is not in it: overage carried by TRANSFER or written off by ADJUSTMENT as somebody decides,
//! fair expiry, extensions, pauses, implementations.

mod book;
mod operation;
mod reference;
mod world;

use std::collections::BTreeMap;
use std::time::Instant;

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use futures_util::{StreamExt, stream};
use hourbank::seed::random::Random;

use self::operation::Operation;
use self::reference::Reference;
use self::world::World;
use crate::support::database::{TestDatabase, fresh, fresh_on_sqlite, is_on_postgres};

/// Zones with half hours, with midnights that a clock change skips, and at both ends of the day.
const ZONES: [Tz; 24] = [
    chrono_tz::Africa::Cairo,
    chrono_tz::Africa::Casablanca,
    chrono_tz::America::Anchorage,
    chrono_tz::America::Havana,
    chrono_tz::America::New_York,
    chrono_tz::America::Santiago,
    chrono_tz::America::Sao_Paulo,
    chrono_tz::America::St_Johns,
    chrono_tz::Asia::Almaty,
    chrono_tz::Asia::Beirut,
    chrono_tz::Asia::Kathmandu,
    chrono_tz::Asia::Kolkata,
    chrono_tz::Asia::Tehran,
    chrono_tz::Asia::Vladivostok,
    chrono_tz::Asia::Yekaterinburg,
    chrono_tz::Australia::Lord_Howe,
    chrono_tz::Europe::Berlin,
    chrono_tz::Europe::London,
    chrono_tz::Europe::Moscow,
    chrono_tz::Pacific::Apia,
    chrono_tz::Pacific::Auckland,
    chrono_tz::Pacific::Chatham,
    chrono_tz::Pacific::Honolulu,
    chrono_tz::Pacific::Kiritimati,
];
/// Clients of a world.
const CLIENTS: usize = 3;
/// Operations of a world in the long form.
const LONG: usize = 2_500;

/// What a world came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    operations: BTreeMap<&'static str, usize>,
    refusals: BTreeMap<&'static str, usize>,
    /// Every balance at the end, in words.
    balances: String,
    /// Virtual days.
    days: i64,
}

/// Where a world went wrong.
#[derive(Debug)]
struct Failure {
    operations: Vec<Operation>,
    fault: String,
}

/// A world to live through.
#[derive(Debug, Clone, Copy)]
struct Life {
    seed: u64,
    count: usize,
    /// Looks at everything after each operation.
    is_thorough: bool,
    /// A counter is falsified behind this operation.
    false_from: Option<usize>,
}

async fn live(database: TestDatabase, life: Life) -> Result<Outcome, Failure> {
    let Life { seed, count, is_thorough, false_from } = life;
    let mut random = Random::new(seed, 0);
    let first: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
    let start = first + Duration::minutes(random.between(0, 1500 * 1440).into());
    let zones = (0..CLIENTS).map(|_| *random.pick(&ZONES)).collect();
    let mut reference = Reference::new(start, zones);
    let mut world = World::new(database, &reference).await;
    let mut outcome = Outcome::default();
    let mut operations = Vec::new();
    for number in 1..=count {
        let operation = Operation::choose(&mut random, &reference);
        operations.push(operation.clone());
        let fails = |fault: String| Failure { operations: operations.clone(), fault };
        let done = world.apply(&operation, &reference).await.map_err(fails)?;
        let right = reference.apply(&operation);
        let codes: Vec<&str> = right.as_ref().err().into_iter().flatten().copied().collect();
        if done.as_ref().err().into_iter().flatten().ne(&codes) || done.is_ok() != right.is_ok() {
            return Err(fails(format!("it was {done:?}, right is {right:?}")));
        }
        *outcome.operations.entry(operation.name()).or_default() += 1;
        for code in codes {
            *outcome.refusals.entry(code).or_default() += 1;
        }
        for at in touched(&operation, &reference) {
            if let Some(fault) = world.misread(at, &reference).await {
                return Err(fails(fault));
            }
        }
        if false_from == Some(number) {
            world.falsify().await;
        }
        if is_thorough || number % 200 == 0 || number == count {
            for at in 0..reference.engagements.len() {
                let faults = [world.misread(at, &reference).await, world.miswritten(at, &reference).await];
                if let Some(fault) = faults.into_iter().flatten().next() {
                    return Err(fails(fault));
                }
            }
        }
        if number == count || (is_thorough && number % 20 == 0) {
            let faults = world.faults().await;
            if !faults.is_empty() {
                return Err(fails(format!("verify: {faults:?}")));
            }
        }
    }
    for at in 0..reference.engagements.len() {
        outcome.balances += &world.state(at).await;
        outcome.balances.push('\n');
    }
    outcome.days = (reference.now - start).num_days();
    Ok(outcome)
}

/// The engagements whose balance an operation may have moved.
fn touched(operation: &Operation, reference: &Reference) -> Vec<usize> {
    match operation {
        Operation::Start { .. } => vec![reference.engagements.len() - 1],
        Operation::Correct { entry, change, .. } => {
            let other = change.and_then(|change| change.engagement);
            [reference.entries[*entry].engagement].into_iter().chain(other).collect()
        }
        other => other.engagement().into_iter().collect(),
    }
}

#[derive(Debug, Clone, Copy)]
enum On {
    Sqlite,
    Postgres,
}

impl On {
    async fn database(self) -> TestDatabase {
        match self {
            Self::Sqlite => fresh_on_sqlite().await,
            Self::Postgres => fresh().await,
        }
    }
}

/// A world on one database; a failure is searched for its shortest row of operations.
async fn lived(on: On, seed: u64, count: usize) -> Outcome {
    let life = Life { seed, count, is_thorough: false, false_from: None };
    let failure = match live(on.database().await, life).await {
        Ok(outcome) => return outcome,
        Err(failure) => failure,
    };
    let shortest = shortened(on, life, failure).await;
    for (number, operation) in shortest.operations.iter().enumerate() {
        println!("{:5}  {operation:?}", number + 1);
    }
    panic!("on {on:?}, seed {seed}, after {} operations: {}", shortest.operations.len(), shortest.fault);
}

/// The shortest row of operations that fails.
async fn shortened(on: On, life: Life, failure: Failure) -> Failure {
    let again = Life { count: failure.operations.len(), is_thorough: true, ..life };
    live(on.database().await, again).await.err().unwrap_or(failure)
}

/// Runs worlds one after another, two at a time, on SQLite and where the run is for it on PostgreSQL; says what came of it.
async fn check(seed: u64, worlds: usize, count: usize) {
    let began = Instant::now();
    let world = move |number: usize| async move {
        let seed = seed + number as u64;
        let one = lived(On::Sqlite, seed, count).await;
        if is_on_postgres() {
            assert_eq!(one, lived(On::Postgres, seed, count).await, "seed {seed}: the databases differ");
        }
        one
    };
    let mut all = stream::iter(0..worlds).map(|number| tokio::spawn(world(number))).buffered(2);
    let mut total = Outcome::default();
    while let Some(one) = all.next().await {
        let one = one.unwrap();
        for (sum, part) in [(&mut total.operations, one.operations), (&mut total.refusals, one.refusals)] {
            for (name, count) in part {
                *sum.entry(name).or_default() += count;
            }
        }
        total.balances += &one.balances;
        total.days += one.days;
    }
    let digest = digest(&SHA256, total.balances.as_bytes());
    let digest: String = digest.as_ref()[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    let databases = if is_on_postgres() { "SQLite and PostgreSQL" } else { "SQLite" };
    println!("{} operations on {databases} each, seed {seed}: {:?}", worlds * count, total.operations);
    println!("refused: {:?}", total.refusals);
    println!(
        "{} engagements over {} years, digest of all balances {digest}, {:.0} s",
        total.balances.lines().count(),
        total.days / 365,
        began.elapsed().as_secs_f64()
    );
    for code in ["BalanceExhausted", "PeriodClosed", "DayFull", "NotServed", "WrongStatus", "ApprovalNeeded"]
    {
        assert!(total.refusals.contains_key(code), "nothing was refused as {code}");
    }
}

/// T57, T58, B-2, B-3, B-4, B-7, E-3, E-4, E-5, W-4: the ledger agrees with plain arithmetic on both databases.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_operations_agree_with_the_reference() {
    check(1, 2, 1_000).await;
}

/// The check finds a minute that is wrong, and the operation behind which it became so.
#[tokio::test]
async fn a_wrong_minute_is_found_with_the_shortest_row_of_operations() {
    let life = Life { seed: 1, count: 90, is_thorough: false, false_from: Some(40) };
    let failure = live(On::Sqlite.database().await, life).await.unwrap_err();
    assert!(failure.operations.len() >= 40, "{failure:?}");
    let shortest = shortened(On::Sqlite, life, failure).await;
    assert_eq!(shortest.operations.len(), 40, "{}", shortest.fault);
    assert!(shortest.fault.starts_with("engagement 0 "), "{}", shortest.fault);
}

/// The same for hours: `tests/run model`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the long form, tests/run model"]
async fn half_a_million_operations_agree_with_the_reference() {
    let count = setting("HOURBANK_MODEL_OPERATIONS").unwrap_or(500_000) as usize;
    check(setting("HOURBANK_MODEL_SEED").unwrap_or(1), count.div_ceil(LONG), count.min(LONG)).await;
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a run is to be is the run's setting, not the product's"
)]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

//! `hourbank seed`: as much data as is asked for, to measure with.
//!
//! Rows are made from a row of chance numbers and written many at a time: the use-cases would take hours for a million
//! entries. Nothing of their outcome is left out for that: the counters are the sums of a chained ledger, periods open
//! and expire by the calendar, totals of tasks, blocks and days are true, and nobody works more than a day has. Equal
//! seeds on equal days make equal data, but for the salt of the one password. There is no audit trail, since nobody did
//! anything.
//!
//! First everything is made in memory, a few bytes an entry; then time and movements are written in the order in which
//! they happened, over all clients, so that rows lie on the disk as they would after years of use.

mod client;
mod ledger;
pub mod random;
mod scale;
mod staff;
mod text;
mod work;

use std::time::Instant;

use chrono::{DateTime, Months, Utc};
use domain::id::UserId;

use self::client::Agreed;
use self::ledger::{Batch, Book};
use self::random::Random;
use self::staff::Staff;
use self::work::{Amount, Worked};
use crate::auth::Passwords;
use crate::clock::Clock;
use crate::config::Config;
use crate::store::bulk::{self, Filling};
use crate::store::tariff::OnSale;
use crate::store::{self, Db, DbErr};

pub use scale::Scale;

/// The password of everyone.
pub const PASSWORD: &str = "seed of the hour bank";
/// How many events become rows at once.
const BATCH: usize = 10_000;
/// One client in so many has ten times the entries.
const HEAVY: usize = 50;

/// What was made.
#[derive(Debug, Clone, Copy)]
pub struct Made {
    pub staff: usize,
    pub periods: usize,
    pub movements: usize,
}

/// Fills the database of the settings and says what came of it.
///
/// # Errors
/// It is not empty, does not answer, or so much does not fit.
pub async fn run(config: &Config, scale: Scale, seed: u64) -> Result<(), String> {
    let began = Instant::now();
    let made = fill(config, scale, seed, Clock::System.now()).await?;
    let Scale { clients, tasks, entries } = scale;
    let Made { staff, periods, movements } = made;
    println!(
        "{clients} clients, {tasks} tasks, {entries} time entries, {staff} staff, {periods} periods, \
         {movements} movements in {:.1} s",
        began.elapsed().as_secs_f64()
    );
    println!("Everyone's password is `{PASSWORD}`; `hourbank user token EMAIL` prints a token.");
    for (role, email) in [
        ("ADMINISTRATOR", "admin-1@hourbank.example".to_owned()),
        ("PROJECT_MANAGER", "manager-1@hourbank.example".to_owned()),
        ("ACCOUNT_MANAGER", "account-1@hourbank.example".to_owned()),
        ("SPECIALIST", "specialist-1@hourbank.example".to_owned()),
        ("SALES", "sales-1@hourbank.example".to_owned()),
        ("QUALITY_MANAGER", "quality-1@hourbank.example".to_owned()),
        ("CLIENT_OWNER", format!("owner@client-1.example … owner@client-{clients}.example")),
        ("CLIENT_MEMBER", format!("member@client-1.example … member@client-{clients}.example")),
    ] {
        println!("  {role:16} {email}");
    }
    Ok(())
}

/// Fills an empty database with data that ends at `now`.
///
/// # Errors
/// As [`run`].
pub async fn fill(config: &Config, scale: Scale, seed: u64, now: DateTime<Utc>) -> Result<Made, String> {
    let text = |error: DbErr| error.to_string();
    let db = Db::open_for_filling(&config.database).await.map_err(text)?;
    let filled = fill_open(&db, scale, seed, now).await;
    db.close().await;
    filled
}

async fn fill_open(db: &Db, scale: Scale, seed: u64, now: DateTime<Utc>) -> Result<Made, String> {
    let text = |error: DbErr| error.to_string();
    if !bulk::prepare(db).await.map_err(text)? {
        return Err("only an empty database is filled, and this one is not".to_owned());
    }
    let on_sale = store::tariff::all(db.reading(), false).await.map_err(text)?;
    let on_sale: Vec<OnSale> =
        on_sale.into_iter().filter(|(tariff, _)| tariff.code.starts_with("SUPPORT_")).collect();
    let hash = Passwords::new(None, 1).hash(PASSWORD.to_owned()).await.map_err(|error| error.to_string())?;
    let made = Data::make(scale, seed, now, &on_sale, &hash)?.write(db, seed).await?;
    bulk::settle(db).await.map_err(text)?;
    Ok(made)
}

/// Everything, before it is written.
struct Data {
    staff: Staff,
    agreed: Agreed,
    worked: Worked,
    books: Vec<Book>,
}

impl Data {
    fn make(
        scale: Scale,
        seed: u64,
        now: DateTime<Utc>,
        on_sale: &[OnSale],
        hash: &str,
    ) -> Result<Self, String> {
        let first_day = now.date_naive() - Months::new(38);
        let mut data = Self {
            staff: Staff::new(Random::new(seed, 0), hash, first_day),
            agreed: Agreed::default(),
            worked: Worked::default(),
            books: Vec::new(),
        };
        let weights: Vec<usize> =
            (0..scale.clients).map(|n| if n % HEAVY == HEAVY / 2 { 10 } else { 1 }).collect();
        let entries = scale::shares(scale.entries, &weights);
        let tasks = scale::shares(scale.tasks, &vec![1; scale.clients]);
        for n in 0..scale.clients {
            let mut random = Random::new(seed, n as u64 + 1);
            let offer = offer(on_sale, &mut random, weights[n] > 1)?;
            let facts = data.agreed.come(&mut data.staff, &mut random, (n, now), offer, hash);
            let engagement = data.agreed.engagements.last().expect("just bought");
            let amount = Amount { tasks: tasks[n], entries: entries[n] };
            let about = (n as u32, amount, now);
            let tasks = data.worked.work(&facts, engagement, &mut data.staff, &mut random, about)?;
            data.books.push(Book::new(facts.id, facts.engagement, facts.locale, tasks));
        }
        // Stable: what one client's ledger holds at one moment stays in its order.
        data.worked.events.sort_by_key(|event| (event.at, event.client));
        Ok(data)
    }

    async fn write(self, db: &Db, seed: u64) -> Result<Made, String> {
        let made = Made {
            staff: self.staff.people.len(),
            periods: self.worked.periods.len(),
            movements: self.worked.events.len(),
        };
        let written = async {
            let filling = Filling::begin(db).await?;
            self.insert(&filling, seed).await?;
            filling.commit().await
        };
        written.await.map_err(|error: DbErr| error.to_string())?;
        Ok(made)
    }

    /// In the order in which foreign keys find their rows.
    async fn insert(self, filling: &Filling, seed: u64) -> Result<(), DbErr> {
        let Self { staff, agreed, worked, mut books } = self;
        let people: Vec<UserId> = staff.people.iter().map(|person| person.id).collect();
        let days = staff.day_rows();
        filling.insert(staff.people).await?;
        filling.insert(agreed.clients).await?;
        filling.insert(agreed.contacts).await?;
        filling.insert(agreed.ways_in).await?;
        filling.insert(agreed.members).await?;
        filling.insert(agreed.plans).await?;
        filling.insert(agreed.goals).await?;
        filling.insert(agreed.sign_offs).await?;
        filling.insert(worked.blocks).await?;
        filling.insert(worked.tasks).await?;
        filling.insert(agreed.engagements).await?;
        filling.insert(agreed.terms).await?;
        filling.insert(agreed.reservations).await?;
        filling.insert(worked.payments).await?;
        filling.insert(worked.paid).await?;
        filling.insert(worked.periods).await?;
        filling.insert(days).await?;
        let mut random = Random::new(seed, u64::MAX);
        for events in worked.events.chunks(BATCH) {
            let mut batch = Batch::default();
            for event in events {
                books[event.client as usize].write(event, &people, &mut random, &mut batch);
            }
            filling.insert(batch.entries).await?;
            filling.insert(batch.movements).await?;
        }
        filling.insert(books.into_iter().map(Book::head).collect()).await
    }
}

/// What a client buys: the most for those with the most work, small and middling hours for the others.
fn offer<'a>(on_sale: &'a [OnSale], random: &mut Random, is_heavy: bool) -> Result<&'a OnSale, String> {
    let by_hours = [0, 0, 0, 1, 1, 1, 1, 2, 2, 3];
    let at = if is_heavy { on_sale.len().saturating_sub(1) } else { *random.pick(&by_hours) };
    on_sale.get(at.min(on_sale.len().saturating_sub(1))).ok_or_else(|| "no support is on sale".to_owned())
}

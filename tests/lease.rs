//! Of several instances each job is one's, until that one stops or is lost (T59).

use std::sync::Mutex;
use std::time::Duration as Wait;

use chrono::TimeDelta;
use entity::job_lease;
use hourbank::job::{self, Job};
use sea_orm::EntityTrait;
use tokio::sync::watch;
use tokio::time::timeout;
use uuid::Uuid;

use crate::support::instance::{Instance, instances};

/// Who ran the job of this file, in order.
static RAN: Mutex<Vec<Uuid>> = Mutex::new(Vec::new());

static JOBS: &[Job] = &[Job {
    name: "noted",
    every: Wait::from_millis(50),
    nudged_by: |_| false,
    run: |call| {
        Box::pin(async move {
            RAN.lock().unwrap().push(call.app.bus.instance());
            Ok(())
        })
    },
}];

/// Waits for the next runs, of which there are three; who ran them.
async fn next_three() -> Vec<Uuid> {
    RAN.lock().unwrap().clear();
    let running = async {
        while RAN.lock().unwrap().len() < 3 {
            tokio::time::sleep(Wait::from_millis(10)).await;
        }
    };
    timeout(Wait::from_secs(10), running).await.expect("somebody runs it");
    let mut ran = RAN.lock().unwrap().clone();
    ran.dedup();
    ran
}

/// T59: one instance runs a job; another takes over when the first is lost and its term is over, and at once when it
/// stops.
#[tokio::test]
async fn t59_a_job_is_one_instances_until_it_goes() {
    let Some(all) = instances(3).await else { return };
    let start = |one: &Instance| {
        let (stop, stopping) = watch::channel(false);
        let task = tokio::spawn(job::run(one.app.app.clone(), JOBS, stopping));
        (one.app.app.bus.instance(), stop, task)
    };
    let mut running: Vec<_> = all.iter().map(start).collect();
    let first = next_three().await;
    assert_eq!(first.len(), 1, "one runs it");
    let row = job_lease::Entity::find_by_id("noted").one(&all[0].app.database.db).await.unwrap().unwrap();
    assert_eq!((row.holder, row.last_run_at.is_some()), (first[0].to_string(), true));

    // Lost: nothing is given back, and by the clock, which stands, its term never ends.
    let lost = running.iter().position(|(who, ..)| *who == first[0]).unwrap();
    let (_, _kept, task) = running.remove(lost);
    task.abort();
    let _ = task.await;
    RAN.lock().unwrap().clear();
    tokio::time::sleep(Wait::from_millis(300)).await;
    assert_eq!(RAN.lock().unwrap().len(), 0, "the term is not over");
    all[0].app.app.clock.advance(TimeDelta::seconds(1));
    let second = next_three().await;
    assert!(second.len() == 1 && second != first, "another has taken over");

    let stopped = running.iter().position(|(who, ..)| *who == second[0]).unwrap();
    let (_, stop, task) = running.remove(stopped);
    stop.send_replace(true);
    task.await.unwrap();
    let third = next_three().await;
    assert!(third.len() == 1 && third != second, "the last one takes over at once");
    for (_, stop, task) in running {
        stop.send_replace(true);
        task.await.unwrap();
    }
}

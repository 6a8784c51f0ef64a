//! Relations off the hot paths, read in batches: one set of loaders for each operation, and for each event of a
//! subscription, so that nothing is cached across callers.

use std::collections::HashMap;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use dataloader::BatchFn;
use dataloader::non_cached::Loader;
use domain::balance::Balance;
use domain::id::{
    BlockId, ClientId, EngagementId, MeetingId, PaymentId, PeriodId, PlanId, ServiceId, TariffId,
    TariffRevisionId, TaskId, TimeEntryId, TrainingId, UserId,
};
use entity::{
    block, block_dependency, client, engagement, engagement_tariff, goal, instruction, meeting, meeting_item,
    meeting_participant, meeting_rhythm, payment, payment_period, period, plan, reservation, service,
    sign_off, stage_norm, tariff, tariff_revision, task, team_member, time_entry, time_entry_question,
    training, training_person, user, way_in,
};

use crate::app::{App, Call};
use crate::error::{Error, Result};
use crate::store::by_id::{self, EntityTrait, Key, Keyed};
use crate::store::by_parent::{self, Hanging};
use crate::usecase;
use crate::usecase::forecast::Basis;

type Loaded<M> = Result<Option<M>>;
type LoadedAll<M> = Result<Vec<M>>;

/// A loader that is made when something is first asked of it: an operation needs few of them or none, and an idle
/// subscription keeps its operation for hours.
type Lazy<K, V, F> = OnceLock<Box<Loader<K, V, F>>>;

fn loader<K, V, F>(read: F) -> Box<Loader<K, V, F>>
where
    K: Key + std::fmt::Debug,
    V: Clone,
    F: BatchFn<K, V>,
{
    Box::new(Loader::new(read).with_max_batch_size(1000))
}

/// Reads rows of a table by their ids.
pub struct ById<E> {
    app: Arc<App>,
    table: PhantomData<E>,
}

impl<E, K> BatchFn<K, Loaded<E::Model>> for ById<E>
where
    E: EntityTrait,
    E::Model: Keyed<K>,
    K: Key,
{
    async fn load(&mut self, keys: &[K]) -> HashMap<K, Loaded<E::Model>> {
        let read = async { Ok(by_id::read::<E, K>(self.app.db.reading(), keys).await?) };
        match self.app.db.in_time(read).await {
            Ok(mut found) => keys.iter().map(|key| (*key, Ok(found.remove(key)))).collect(),
            Err(error) => to_all(keys, &error),
        }
    }
}

/// Reads rows of a table by what they hang on.
pub struct ByParent<E> {
    app: Arc<App>,
    table: PhantomData<E>,
}

impl<E, K> BatchFn<K, LoadedAll<E::Model>> for ByParent<E>
where
    E: Hanging<K>,
    E::Model: Send + Sync,
    K: Key,
{
    async fn load(&mut self, parents: &[K]) -> HashMap<K, LoadedAll<E::Model>> {
        let read = async { Ok(by_parent::read::<E, K>(self.app.db.reading(), parents).await?) };
        match self.app.db.in_time(read).await {
            Ok(mut found) => {
                parents.iter().map(|key| (*key, Ok(found.remove(key).unwrap_or_default()))).collect()
            }
            Err(error) => to_all(parents, &error),
        }
    }
}

/// Reads the current balances of clients.
pub struct Balances {
    app: Arc<App>,
}

impl BatchFn<ClientId, LoadedAll<Balance>> for Balances {
    async fn load(&mut self, clients: &[ClientId]) -> HashMap<ClientId, LoadedAll<Balance>> {
        let call = Call::system(&self.app, "balances");
        match self.app.db.in_time(usecase::hour_balance::of_clients(&call, clients)).await {
            Ok(mut found) => {
                clients.iter().map(|client| (*client, Ok(found.remove(client).unwrap_or_default()))).collect()
            }
            Err(error) => to_all(clients, &error),
        }
    }
}

/// Reads what the forecasts of engagements are made from.
pub struct Forecasts {
    app: Arc<App>,
}

impl BatchFn<EngagementId, Loaded<Basis>> for Forecasts {
    async fn load(&mut self, ids: &[EngagementId]) -> HashMap<EngagementId, Loaded<Basis>> {
        let call = Call::system(&self.app, "forecasts");
        match self.app.db.in_time(usecase::forecast::bases(&call, ids)).await {
            Ok(mut found) => ids.iter().map(|id| (*id, Ok(found.remove(id)))).collect(),
            Err(error) => to_all(ids, &error),
        }
    }
}

/// One failure of a batch is everyone's.
fn to_all<K: Copy + Eq + Hash, T>(keys: &[K], error: &Error) -> HashMap<K, Result<T>> {
    keys.iter().map(|key| (*key, Err(error.clone()))).collect()
}

macro_rules! loaders {
    (
        one { $($name:ident: $table:ident $id:ident),+ $(,)? }
        many { $($list:ident: $child:ident $parent:ident),+ $(,)? }
    ) => {
        /// The loaders of one operation.
        pub struct Loaders {
            app: Arc<App>,
            $($name: Lazy<$id, Loaded<$table::Model>, ById<$table::Entity>>,)+
            $($list: Lazy<$parent, LoadedAll<$child::Model>, ByParent<$child::Entity>>,)+
            balances: Lazy<ClientId, LoadedAll<Balance>, Balances>,
            forecasts: Lazy<EngagementId, Loaded<Basis>, Forecasts>,
        }

        impl Loaders {
            /// Fresh loaders.
            pub fn new(app: &Arc<App>) -> Self {
                Self {
                    app: Arc::clone(app),
                    $($name: OnceLock::new(),)+
                    $($list: OnceLock::new(),)+
                    balances: OnceLock::new(),
                    forecasts: OnceLock::new(),
                }
            }

            /// The current balances of a client, read together with others asked for at the same time.
            ///
            /// # Errors
            /// The database's own.
            pub async fn balances(&self, client: ClientId) -> Result<Vec<Balance>> {
                let balances = self.balances.get_or_init(|| loader(Balances { app: Arc::clone(&self.app) }));
                match Box::pin(balances.try_load(client)).await {
                    Ok(loaded) => loaded,
                    Err(error) => Err(Error::Internal(error.to_string())),
                }
            }

            /// What the forecast of an engagement is made from, read together with others asked for at the same time.
            ///
            /// # Errors
            /// The database's own.
            pub async fn forecast(&self, engagement: EngagementId) -> Result<Option<Basis>> {
                let forecasts = self.forecasts.get_or_init(|| loader(Forecasts { app: Arc::clone(&self.app) }));
                match Box::pin(forecasts.try_load(engagement)).await {
                    Ok(loaded) => loaded,
                    Err(error) => Err(Error::Internal(error.to_string())),
                }
            }

            $(
                /// The row of this id, read together with others asked for at the same time.
                ///
                /// # Errors
                /// The database's own.
                pub async fn $name(&self, id: $id) -> Result<Option<$table::Model>> {
                    let rows =
                        self.$name.get_or_init(|| loader(ById { app: Arc::clone(&self.app), table: PhantomData }));
                    match Box::pin(rows.try_load(id)).await {
                        Ok(loaded) => loaded,
                        Err(error) => Err(Error::Internal(error.to_string())),
                    }
                }
            )+

            $(
                /// The rows that hang on this one, read together with others asked for at the same time.
                ///
                /// # Errors
                /// The database's own.
                pub async fn $list(&self, parent: $parent) -> Result<Vec<$child::Model>> {
                    let rows =
                        self.$list.get_or_init(|| loader(ByParent { app: Arc::clone(&self.app), table: PhantomData }));
                    match Box::pin(rows.try_load(parent)).await {
                        Ok(loaded) => loaded,
                        Err(error) => Err(Error::Internal(error.to_string())),
                    }
                }
            )+
        }

    };
}

loaders! {
    one {
        client: client ClientId,
        user: user UserId,
        service: service ServiceId,
        tariff: tariff TariffId,
        tariff_revision: tariff_revision TariffRevisionId,
        engagement: engagement EngagementId,
        period: period PeriodId,
        payment: payment PaymentId,
        plan: plan PlanId,
        block: block BlockId,
        task: task TaskId,
        time_entry: time_entry TimeEntryId,
        meeting: meeting MeetingId,
    }
    many {
        team_of: team_member ClientId,
        ways_in_of: way_in ClientId,
        norms_of: stage_norm ServiceId,
        revisions_of: tariff_revision TariffId,
        reservations_of: reservation EngagementId,
        engagements_of: engagement ClientId,
        terms_of: engagement_tariff EngagementId,
        periods_of: period EngagementId,
        payments_of: payment EngagementId,
        paid_periods_of: payment_period EngagementId,
        plans_of_client: plan ClientId,
        goals_of_plan: goal PlanId,
        blocks_of_plan: block PlanId,
        waits_of_block: block_dependency BlockId,
        tasks_of_block: task BlockId,
        sign_offs_of_plan: sign_off PlanId,
        sign_offs_of_block: sign_off BlockId,
        sign_offs_of_task: sign_off TaskId,
        questions_of: time_entry_question TimeEntryId,
        rhythm_of: meeting_rhythm EngagementId,
        people_of_meeting: meeting_participant MeetingId,
        agenda_of: meeting_item MeetingId,
        instructions_of_block: instruction BlockId,
        instructions_of_task: instruction TaskId,
        trainings_of_block: training BlockId,
        trainings_of_task: training TaskId,
        people_of_training: training_person TrainingId,
    }
}

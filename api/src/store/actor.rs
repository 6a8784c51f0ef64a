//! What a caller's reach is made of, read for many sign-ins at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::calendar::local_day;
use domain::id::{ApiKeyId, ClientId, SignInId, UserId};
use domain::policy::{PartnerActor, UserActor};
use domain::team::Position;
use domain::user::{Role, UserStatus};
use entity::{api_key, api_key_client, client, engagement, sign_in, team_member, user};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect,
    RelationTrait,
};

/// A sign-in that lives, with its person as of now and the version of the session that its tokens must name.
#[derive(Debug, Clone)]
pub struct LiveSignIn {
    pub actor: UserActor,
    pub session_version: i32,
    pub expires_at: DateTime<Utc>,
}

#[derive(Debug, Default)]
struct Places {
    team: BTreeSet<ClientId>,
    reviews: BTreeSet<ClientId>,
}

/// Reads sign-ins that have neither ended nor expired, of people who are active. Three statements, a fourth
/// and fifth where salespeople are among them.
///
/// # Errors
/// The database's own.
pub async fn live_sign_ins(
    db: &impl ConnectionTrait,
    ids: &[SignInId],
    now: DateTime<Utc>,
) -> Result<HashMap<SignInId, LiveSignIn>, DbErr> {
    let sign_ins = sign_in::Entity::find()
        .filter(sign_in::Column::Id.is_in(ids.iter().copied()))
        .filter(sign_in::Column::EndedAt.is_null())
        .filter(sign_in::Column::ExpiresAt.gt(now))
        .all(db)
        .await?;
    let people: BTreeSet<UserId> =
        sign_ins.iter().flat_map(|row| [Some(row.user_id), row.viewed_as_by]).flatten().collect();
    let users: HashMap<UserId, user::Model> = user::Entity::find()
        .filter(user::Column::Id.is_in(people.iter().copied()))
        .filter(user::Column::Status.eq(UserStatus::Active))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let places = places(db, &people, now).await?;
    let brought =
        brought(db, users.values().filter(|user| user.role == Role::Sales).map(|user| user.id)).await?;

    Ok(sign_ins
        .into_iter()
        .filter_map(|row| {
            let user = users.get(&row.user_id)?;
            if let Some(viewer) = row.viewed_as_by {
                may_still_view(users.get(&viewer)?, user, places.get(&viewer)).then_some(())?;
            }
            let place = places.get(&user.id);
            let actor = UserActor {
                id: user.id,
                sign_in: row.id,
                role: user.role,
                company: user.client_id,
                team: place.map(|place| place.team.clone()).unwrap_or_default(),
                reviews: place.map(|place| place.reviews.clone()).unwrap_or_default(),
                brought: brought.get(&user.id).cloned().unwrap_or_default(),
                viewed_by: row.viewed_as_by,
            };
            Some((
                row.id,
                LiveSignIn { actor, session_version: user.session_version, expires_at: row.expires_at },
            ))
        })
        .collect())
}

/// Whoever looks as a contact keeps looking only while they might begin to.
fn may_still_view(viewer: &user::Model, contact: &user::Model, places: Option<&Places>) -> bool {
    match viewer.role {
        Role::Administrator => true,
        Role::ProjectManager => {
            contact.client_id.is_some_and(|client| places.is_some_and(|place| place.team.contains(&client)))
        }
        _ => false,
    }
}

/// The places held at this moment. Each begins and ends with a day of its client's own calendar (T-1, A-5).
async fn places(
    db: &impl ConnectionTrait,
    people: &BTreeSet<UserId>,
    now: DateTime<Utc>,
) -> Result<BTreeMap<UserId, Places>, DbErr> {
    let today = now.date_naive();
    let (yesterday, tomorrow) = (today.pred_opt().unwrap_or(today), today.succ_opt().unwrap_or(today));
    let rows = team_member::Entity::find()
        .filter(team_member::Column::UserId.is_in(people.iter().copied()))
        .filter(team_member::Column::StartsOn.lte(tomorrow))
        .filter(
            Condition::any()
                .add(team_member::Column::EndsOn.is_null())
                .add(team_member::Column::EndsOn.gte(yesterday)),
        )
        .join(JoinType::InnerJoin, team_member::Relation::Client.def())
        .select_only()
        .columns([
            team_member::Column::UserId,
            team_member::Column::ClientId,
            team_member::Column::Position,
            team_member::Column::StartsOn,
            team_member::Column::EndsOn,
        ])
        .column(client::Column::TimeZone)
        .into_tuple::<(UserId, ClientId, Position, NaiveDate, Option<NaiveDate>, String)>()
        .all(db)
        .await?;
    let rows = rows.into_iter().filter_map(|(user, client, position, starts_on, ends_on, zone)| {
        let today = local_day(now, zone.parse().unwrap_or(Tz::UTC));
        (starts_on <= today && ends_on.is_none_or(|ends_on| today < ends_on))
            .then_some((user, client, position))
    });
    let mut places: BTreeMap<UserId, Places> = BTreeMap::new();
    for (user, client, position) in rows {
        let place = places.entry(user).or_default();
        place.team.insert(client);
        if position == Position::Reviewer {
            place.reviews.insert(client);
        }
    }
    Ok(places)
}

async fn brought(
    db: &impl ConnectionTrait,
    sellers: impl Iterator<Item = UserId>,
) -> Result<BTreeMap<UserId, BTreeSet<ClientId>>, DbErr> {
    let sellers: Vec<UserId> = sellers.collect();
    let mut brought: BTreeMap<UserId, BTreeSet<ClientId>> = BTreeMap::new();
    if sellers.is_empty() {
        return Ok(brought);
    }
    let created: Vec<(Option<UserId>, ClientId)> = client::Entity::find()
        .select_only()
        .columns([client::Column::CreatedBy, client::Column::Id])
        .filter(client::Column::CreatedBy.is_in(sellers.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    let sold: Vec<(Option<UserId>, ClientId)> = engagement::Entity::find()
        .select_only()
        .columns([engagement::Column::SellerId, engagement::Column::ClientId])
        .filter(engagement::Column::SellerId.is_in(sellers.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    for (seller, client) in created.into_iter().chain(sold) {
        if let Some(seller) = seller {
            brought.entry(seller).or_default().insert(client);
        }
    }
    Ok(brought)
}

/// A key that is neither revoked nor expired, with the hash of its secret.
#[derive(Debug, Clone)]
pub struct LiveKey {
    pub actor: PartnerActor,
    pub secret_hash: Vec<u8>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Reads keys that live. Two statements.
///
/// # Errors
/// The database's own.
pub async fn live_keys(
    db: &impl ConnectionTrait,
    ids: &[ApiKeyId],
    now: DateTime<Utc>,
) -> Result<HashMap<ApiKeyId, LiveKey>, DbErr> {
    let keys = api_key::Entity::find()
        .filter(api_key::Column::Id.is_in(ids.iter().copied()))
        .filter(api_key::Column::RevokedAt.is_null())
        .filter(
            Condition::any()
                .add(api_key::Column::ExpiresAt.is_null())
                .add(api_key::Column::ExpiresAt.gt(now)),
        )
        .all(db)
        .await?;
    let mut granted: HashMap<ApiKeyId, BTreeSet<ClientId>> = HashMap::new();
    let rows = api_key_client::Entity::find()
        .filter(api_key_client::Column::ApiKeyId.is_in(keys.iter().map(|key| key.id)))
        .all(db)
        .await?;
    for row in rows {
        granted.entry(row.api_key_id).or_default().insert(row.client_id);
    }
    Ok(keys
        .into_iter()
        .map(|key| {
            let actor = PartnerActor { key: key.id, clients: granted.remove(&key.id).unwrap_or_default() };
            (key.id, LiveKey { actor, secret_hash: key.secret_hash, expires_at: key.expires_at })
        })
        .collect())
}

/// Notes that a key was used, at most once a minute.
///
/// # Errors
/// The database's own.
pub async fn key_used(db: &impl ConnectionTrait, key: ApiKeyId, now: DateTime<Utc>) -> Result<(), DbErr> {
    api_key::Entity::update_many()
        .col_expr(api_key::Column::LastUsedAt, sea_orm::sea_query::Expr::value(now))
        .filter(api_key::Column::Id.eq(key))
        .exec(db)
        .await
        .map(|_| ())
}

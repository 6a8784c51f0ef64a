//! The kinds of token and how they differ, so that none passes for another (T27).
//!
//! | kind | looks like | lives | at rest |
//! |---|---|---|---|
//! | access | JWT, EdDSA, `typ: at+jwt` | 10 minutes | nowhere |
//! | refresh | `hbr_` and 256 bits | 30 days, rotating | SHA-256 |
//! | invitation, reset | `hbi_` and 256 bits | a day, an hour | SHA-256 |
//! | partner key | `hbk_`, its id, 256 bits | until revoked | SHA-256 |

use aws_lc_rs::{digest, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use domain::id::{ApiKeyId, SignInId, UserId};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Keys, key};

/// How long an access token lives.
pub const ACCESS_MINUTES: i64 = 10;
/// How long a refresh token lives unused.
pub const REFRESH_DAYS: i64 = 30;
/// For how long a spent refresh token still gives its successor: answers get lost, and tabs refresh side by side.
pub const SUCCESSOR_SECONDS: i64 = 10;
/// How long the link of an invitation works.
pub const INVITATION_HOURS: i64 = 24;
/// How long the link of a password reset works.
pub const RESET_MINUTES: i64 = 60;
const LEEWAY_SECONDS: i64 = 30;
const ISSUER: &str = "hourbank";
const AUDIENCE: &str = "hourbank-api";
const TYPE: &str = "at+jwt";
const KEY_ID: &str = "1";
const SUCCESSOR: &str = "refresh token's successor";

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    /// The session version of the user that it was issued at.
    ver: i32,
    iat: i64,
    exp: i64,
    jti: Uuid,
}

impl Claims {
    /// The sign-in that it belongs to.
    pub fn sign_in(&self) -> SignInId {
        SignInId(self.sid)
    }

    /// The user's session version at its issue.
    pub fn session_version(&self) -> i32 {
        self.ver
    }

    /// Whose it is.
    pub fn user(&self) -> UserId {
        UserId(self.sub)
    }

    /// Whether the token has been issued and has not ended; clocks may differ a little.
    pub fn hold_at(&self, now: DateTime<Utc>) -> bool {
        let seconds = now.timestamp();
        self.exp > seconds - LEEWAY_SECONDS && self.iat <= seconds + LEEWAY_SECONDS
    }

    /// When it ends.
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.exp, 0)
    }
}

/// Issues an access token that lives for `lifetime`.
pub fn issue(
    keys: &Keys,
    user: UserId,
    sign_in: SignInId,
    session_version: i32,
    now: DateTime<Utc>,
    lifetime: Duration,
) -> String {
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: user.0,
        sid: sign_in.0,
        ver: session_version,
        iat: now.timestamp(),
        exp: (now + lifetime).timestamp(),
        jti: Uuid::new_v4(),
    };
    let header =
        Header { typ: Some(TYPE.to_owned()), kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::EdDSA) };
    jsonwebtoken::encode(&header, &claims, &keys.signing).expect("a key that was read as Ed25519 signs")
}

/// Verifies an access token against the clock of the application, not the library's.
pub fn verify(keys: &Keys, token: &str, now: DateTime<Utc>) -> Option<Claims> {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.validate_exp = false;
    let data = jsonwebtoken::decode::<Claims>(token, &keys.verifying, &validation).ok()?;
    let header = &data.header;
    if header.typ.as_deref() != Some(TYPE) || header.kid.as_deref() != Some(KEY_ID) {
        return None;
    }
    if header.jku.is_some() || header.jwk.is_some() || header.x5u.is_some() || header.x5c.is_some() {
        return None;
    }
    Some(data.claims).filter(|claims| claims.hold_at(now))
}

/// Random bytes.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}

/// SHA-256, the form in which secrets of 256 bits are kept.
pub fn hash(secret: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, secret.as_bytes()).as_ref().to_vec()
}

/// A fresh refresh token.
pub fn refresh() -> String {
    format!("hbr_{}", URL_SAFE_NO_PAD.encode(random::<32>()))
}

/// Seals a refresh token's successor so that only whoever holds the spent token can read it.
pub fn seal_successor(spent: &str, successor: &str) -> Vec<u8> {
    key::seal_by(&successor_key(spent), SUCCESSOR, successor.as_bytes())
}

/// Reads what [`seal_successor`] sealed for this spent token.
pub fn open_successor(spent: &str, sealed: &[u8]) -> Option<String> {
    String::from_utf8(key::open_by(&successor_key(spent), SUCCESSOR, sealed)?).ok()
}

/// Another digest than the one that is kept, or whoever reads the table could open it.
fn successor_key(spent: &str) -> [u8; 32] {
    let digest = digest::digest(&digest::SHA256, format!("{SUCCESSOR}:{spent}").as_bytes());
    let mut key = [0; 32];
    key.copy_from_slice(digest.as_ref());
    key
}

/// A fresh secret for the link of an invitation or a reset.
pub fn link() -> String {
    format!("hbi_{}", URL_SAFE_NO_PAD.encode(random::<32>()))
}

/// A fresh secret for a partner's key.
pub fn partner(key: ApiKeyId) -> String {
    format!("hbk_{}{}", URL_SAFE_NO_PAD.encode(key.0.as_bytes()), URL_SAFE_NO_PAD.encode(random::<32>()))
}

/// The id inside a partner's key, if it looks like one.
pub fn partner_id(key: &str) -> Option<ApiKeyId> {
    let rest = key.strip_prefix("hbk_")?;
    let id = URL_SAFE_NO_PAD.decode(rest.get(..22)?).ok()?;
    (rest.len() == 22 + 43).then(|| Uuid::from_slice(&id).ok()).flatten().map(ApiKeyId)
}

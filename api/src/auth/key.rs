//! The two keys of an installation: one signs access tokens (Ed25519), one seals secrets that must be read back.
//!
//! They come from files. On SQLite they are made at the first start, beside the database and readable by its owner
//! alone; on PostgreSQL, where several servers must share them, they have to be given. They never enter the database.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use jsonwebtoken::{DecodingKey, EncodingKey};

use crate::config::Config;

/// The keys in use.
pub struct Keys {
    pub(super) signing: EncodingKey,
    pub(super) verifying: DecodingKey,
    sealing: RandomizedNonceKey,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// Reads the key files; makes them beside an SQLite database that has none yet.
    ///
    /// # Errors
    /// A file cannot be read, made or understood; or PostgreSQL is used without key files.
    pub fn load(config: &Config) -> Result<Self, String> {
        let beside = config.database.strip_prefix("sqlite:").map(|rest| {
            let path = rest.trim_start_matches("//");
            PathBuf::from(path.split('?').next().unwrap_or(path))
        });
        let place = |given: &Option<PathBuf>, ending: &str, setting: &str| match (given, &beside) {
            (Some(file), _) => Ok((file.clone(), false)),
            (None, Some(database)) => Ok((with_ending(database, ending), true)),
            (None, None) => Err(format!(
                "{setting} must name a key file: several servers share one PostgreSQL, and its keys"
            )),
        };
        let (signing, may_make) =
            place(&config.signing_key_file, "signing-key", "HOURBANK_SIGNING_KEY_FILE")?;
        let signing = read_or_make(&signing, may_make, || {
            let pair = Ed25519KeyPair::generate().map_err(|_| "no randomness to be had".to_owned())?;
            Ok(pair
                .to_pkcs8()
                .map_err(|_| "the key pair cannot be written down".to_owned())?
                .as_ref()
                .to_vec())
        })?;
        let (sealing, may_make) =
            place(&config.sealing_key_file, "sealing-key", "HOURBANK_SEALING_KEY_FILE")?;
        let sealing = read_or_make(&sealing, may_make, || Ok(super::token::random::<32>().to_vec()))?;
        Self::from_bytes(&signing, &sealing)
    }

    /// Fresh keys for this process alone, as tests use them.
    ///
    /// # Errors
    /// The machine has no randomness.
    pub fn ephemeral() -> Result<Self, String> {
        let pair = Ed25519KeyPair::generate().map_err(|_| "no randomness to be had".to_owned())?;
        let pkcs8 = pair.to_pkcs8().map_err(|_| "the key pair cannot be written down".to_owned())?;
        Self::from_bytes(pkcs8.as_ref(), &super::token::random::<32>())
    }

    fn from_bytes(signing: &[u8], sealing: &[u8]) -> Result<Self, String> {
        let pair = Ed25519KeyPair::from_pkcs8(signing)
            .map_err(|_| "the signing key is no Ed25519 key in PKCS#8".to_owned())?;
        Ok(Self {
            signing: EncodingKey::from_ed_der(signing),
            verifying: DecodingKey::from_ed_der(pair.public_key().as_ref()),
            sealing: RandomizedNonceKey::new(&AES_256_GCM, sealing)
                .map_err(|_| "the sealing key is not 32 bytes long".to_owned())?,
        })
    }

    /// Seals bytes so that only this installation reads them, bound to what they are for.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Vec<u8> {
        seal_with(&self.sealing, purpose, plain)
    }

    /// Opens what [`Keys::seal`] sealed for the same purpose.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        open_with(&self.sealing, purpose, sealed)
    }
}

/// Seals with a key of the caller's, 32 bytes long.
pub(super) fn seal_by(key: &[u8; 32], purpose: &str, plain: &[u8]) -> Vec<u8> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).expect("32 bytes are an AES-256 key");
    seal_with(&key, purpose, plain)
}

/// Opens what [`seal_by`] sealed.
pub(super) fn open_by(key: &[u8; 32], purpose: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).expect("32 bytes are an AES-256 key");
    open_with(&key, purpose, sealed)
}

fn seal_with(key: &RandomizedNonceKey, purpose: &str, plain: &[u8]) -> Vec<u8> {
    let mut text = plain.to_vec();
    let nonce = key
        .seal_in_place_append_tag(Aad::from(purpose.as_bytes()), &mut text)
        .expect("sealing fails only for texts of many gigabytes");
    [nonce.as_ref().as_slice(), &text].concat()
}

fn open_with(key: &RandomizedNonceKey, purpose: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, text) = sealed.split_at_checked(NONCE_LEN)?;
    let mut text = text.to_vec();
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let plain = key.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut text).ok()?;
    Some(plain.to_vec())
}

fn with_ending(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

fn read_or_make(
    path: &Path,
    may_make: bool,
    make: impl FnOnce() -> Result<Vec<u8>, String>,
) -> Result<Vec<u8>, String> {
    let say = |error: std::io::Error| format!("key file {}: {error}", path.display());
    match fs::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && may_make => {
            let bytes = make()?;
            let mut file =
                fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(say)?;
            file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(say)?;
            Ok(bytes)
        }
        Err(error) => Err(say(error)),
    }
}

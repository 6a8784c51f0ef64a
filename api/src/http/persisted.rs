//! Documents by hash: automatic ones, and the allow-list.
//!
//! A client may send `extensions.persistedQuery {version: 1, sha256Hash}` without a document; if the hash
//! is unknown it sends both, and the document is kept. The store is bounded and forgets the oldest,
//! so a flood of registrations only makes clients send their documents again (T18). Kept documents
//! pass the same guard each time. With an allow-list nothing is registered, and the listed documents
//! are the only ones executed, except for partner keys, whose documents are their own.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::digest;
use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::graphql::error as code;

/// Most documents kept; with 16 KiB a document this bounds the store to 16 MiB.
const MAX_DOCUMENTS: usize = 1_000;

/// The store of documents.
#[derive(Debug, Default)]
pub struct Documents {
    kept: RwLock<Kept>,
    closed: bool,
}

#[derive(Debug, Default)]
struct Kept {
    by_hash: HashMap<String, Arc<str>>,
    oldest_first: VecDeque<String>,
}

/// What a request asks to be executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub text: Arc<str>,
    /// To be kept under this hash once the guard has let it through.
    keep_as: Option<String>,
}

impl Documents {
    /// A store that learns, or with a list the closed one.
    #[must_use]
    pub fn new(list: Option<&[String]>) -> Self {
        let documents = Self { kept: RwLock::default(), closed: list.is_some() };
        for text in list.unwrap_or_default() {
            documents.insert(hash(text), text.as_str().into());
        }
        documents
    }

    /// Finds the document of a request.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for a request without document or with a wrong hash,
    /// `PERSISTED_QUERY_NOT_FOUND` for an unknown hash, `FORBIDDEN` for a document off the list.
    pub fn find(
        &self,
        query: Option<&str>,
        extensions: Option<&Map<String, Value>>,
        listed_only: bool,
    ) -> Result<Asked, Refusal> {
        let asked = match extensions.and_then(|extensions| extensions.get("persistedQuery")) {
            None | Some(Value::Null) => None,
            Some(persisted) => Some(wanted(persisted)?),
        };
        let closed = self.closed && listed_only;
        match (query, asked) {
            (None, None) => Err(Refusal::new(code::BAD_USER_INPUT, "The request has no query.")),
            (None, Some(hash)) => match self.get(&hash) {
                Some(text) => Ok(Asked { text, keep_as: None }),
                None => Err(Refusal::new(code::PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")),
            },
            (Some(text), asked) => {
                if asked.is_some() || closed {
                    let real = hash(text);
                    if asked.as_ref().is_some_and(|asked| *asked != real) {
                        return Err(Refusal::new(code::BAD_USER_INPUT, "The hash is not that of the query."));
                    }
                    if closed && self.get(&real).is_none() {
                        return Err(Refusal::new(
                            code::FORBIDDEN,
                            "Only listed documents are executed here.",
                        ));
                    }
                }
                Ok(Asked { text: text.into(), keep_as: asked.filter(|_| !self.closed) })
            }
        }
    }

    /// Keeps a document that the guard let through.
    pub fn keep(&self, asked: Asked) {
        if let Some(hash) = asked.keep_as {
            self.insert(hash, asked.text);
        }
    }

    fn get(&self, hash: &str) -> Option<Arc<str>> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).by_hash.get(hash).cloned()
    }

    fn insert(&self, hash: String, text: Arc<str>) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.by_hash.insert(hash.clone(), text).is_some() {
            return;
        }
        kept.oldest_first.push_back(hash);
        if !self.closed && kept.oldest_first.len() > MAX_DOCUMENTS {
            let Kept { by_hash, oldest_first } = &mut *kept;
            if let Some(oldest) = oldest_first.pop_front() {
                by_hash.remove(&oldest);
            }
        }
    }
}

fn wanted(persisted: &Value) -> Result<String, Refusal> {
    let version = persisted.get("version").and_then(Value::as_u64);
    match persisted.get("sha256Hash").and_then(Value::as_str) {
        Some(hash) if version == Some(1) && hash.len() == 64 => Ok(hash.to_ascii_lowercase()),
        _ => Err(Refusal::new(
            code::BAD_USER_INPUT,
            "persistedQuery has version 1 and a sha256Hash of 64 hexadecimal digits.",
        )),
    }
}

/// SHA-256 in hexadecimal digits.
fn hash(text: &str) -> String {
    digest::digest(&digest::SHA256, text.as_bytes()).as_ref().iter().fold(
        String::with_capacity(64),
        |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        },
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{Documents, MAX_DOCUMENTS, hash};

    fn by(hash: &str) -> Map<String, Value> {
        Map::from_iter([("persistedQuery".to_owned(), json!({"version": 1, "sha256Hash": hash}))])
    }

    #[test]
    fn t18_a_document_is_kept_by_its_own_hash_only() {
        let documents = Documents::new(None);
        let (a, b) = (hash("{ a }"), hash("{ b }"));
        assert_eq!(
            documents.find(None, Some(&by(&a)), true).expect_err("unknown").code,
            "PERSISTED_QUERY_NOT_FOUND"
        );
        assert_eq!(
            documents.find(Some("{ a }"), Some(&by(&b)), true).expect_err("wrong").code,
            "BAD_USER_INPUT"
        );
        documents.keep(documents.find(Some("{ a }"), Some(&by(&a)), true).expect("right"));
        assert_eq!(&*documents.find(None, Some(&by(&a)), true).expect("known").text, "{ a }");
        assert!(documents.find(None, Some(&by("short")), true).is_err());
        assert!(documents.find(None, None, true).is_err());
    }

    #[test]
    fn t18_a_flood_does_not_grow_the_store() {
        let documents = Documents::new(None);
        for n in 0..MAX_DOCUMENTS + 50 {
            let text = format!("{{ a{n} }}");
            documents.keep(documents.find(Some(&text), Some(&by(&hash(&text))), true).expect("right"));
        }
        assert_eq!(documents.kept.read().expect("not poisoned").by_hash.len(), MAX_DOCUMENTS);
        assert!(documents.find(None, Some(&by(&hash("{ a0 }"))), true).is_err());
    }

    #[test]
    fn t18_the_list_is_closed() {
        let documents = Documents::new(Some(&["{ a }".to_owned()]));
        assert!(documents.find(Some("{ a }"), None, true).is_ok());
        assert!(documents.find(None, Some(&by(&hash("{ a }"))), true).is_ok());
        assert_eq!(documents.find(Some("{ b }"), None, true).expect_err("off the list").code, "FORBIDDEN");
        let registering =
            documents.find(Some("{ b }"), Some(&by(&hash("{ b }"))), false).expect("a partner's own");
        documents.keep(registering);
        assert!(documents.find(None, Some(&by(&hash("{ b }"))), true).is_err());
    }
}

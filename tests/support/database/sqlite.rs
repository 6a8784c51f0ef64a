//! SQLite: a folder for each test, holding a copy of the template's bytes.

use sea_orm::Database;
use std::path::{Path, PathBuf};
use std::{env, fs};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// A temporary folder for a database file and what SQLite and its users put beside it.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let path = env::temp_dir().join(format!("hourbank-test-{}", Uuid::new_v4().simple()));
        fs::create_dir(&path).expect("the temporary folder can be written");
        Self(path)
    }

    pub fn file(&self) -> PathBuf {
        self.0.join("test.db")
    }

    pub fn url(&self) -> String {
        format!("sqlite://{}", self.file().display())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A connection may still hold a file open; Unix lets it be unlinked all the same.
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("{} stays behind: {error}", self.0.display());
        }
    }
}

/// The path in a URL that `Folder::url` made.
pub fn path_of(url: &str) -> &str {
    url.strip_prefix("sqlite://").unwrap_or(url)
}

/// A migrated database as bytes. Held in memory, so that nothing outlives the process.
pub async fn template() -> &'static [u8] {
    static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(async || {
            let folder = Folder::new();
            fs::write(folder.file(), []).expect("the temporary folder takes a file");
            let db = Database::connect(folder.url()).await.expect("an empty file opens");
            migration::up(&db).await.expect("the migrations run on SQLite");
            db.close().await.expect("the template closes");
            assert!(!is_waiting(&folder.file()), "closing folds the write-ahead log into the file");
            fs::read(folder.file()).expect("the template can be read")
        })
        .await
}

/// Whether writes still lie outside the database file.
fn is_waiting(file: &Path) -> bool {
    fs::metadata(file.with_extension("db-wal")).is_ok_and(|log| log.len() > 0)
}

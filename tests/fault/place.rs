//! A folder with all that a fault test starts, and the one way in which all of it goes.
//!
//! A test can be killed like anything else, and then nothing of its own runs any more. So a shell of another process
//! group reads from a pipe of which the test holds the other end: once that closes, however it came, the shell ends
//! what the folder's pid files name, takes its mounts off and removes it. The orderly end is the same with a wait.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use uuid::Uuid;

/// Ends what `*.pid` and a cluster's own pid file name, then unmounts and removes the folder.
const CLEAN_UP: &str = r#"
trap '' INT TERM HUP
cd /
cat >/dev/null
end() {
    [ -e "$2" ] || return
    read -r pid <"$2"
    kill "-$1" "$pid" 2>/dev/null
}
for file in "$1"/*.pid; do end KILL "$file"; done
# A cluster that is told to quit takes its shared memory with it.
end QUIT "$1/pg/data/postmaster.pid"
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
    [ -e "$1/pg/data/postmaster.pid" ] && kill -0 "$pid" 2>/dev/null || break
    sleep 0.2
done
end KILL "$1/pg/data/postmaster.pid"
for try in 1 2 3 4 5 6 7 8 9 10; do
    for mount in "$1"/mount*; do
        [ -d "$mount" ] && umount "$mount" 2>/dev/null
    done
    rm -rf "$1" 2>/dev/null && exit 0
    sleep 0.3
done
echo "$1 stays behind" >&2
exit 1
"#;

/// A folder under the temporary one.
pub struct Place {
    folder: PathBuf,
    keeper: Child,
}

impl Place {
    pub fn new() -> Self {
        // A short path: a socket of PostgreSQL lies below it, and its path may have a hundred bytes.
        let name = format!("hb-fault-{}", &Uuid::new_v4().simple().to_string()[..12]);
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).expect("the temporary folder can be written");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("the folder is ours");
        let keeper = Command::new("sh")
            .args(["-c", CLEAN_UP, "sh"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("a shell starts");
        Self { folder, keeper }
    }

    pub fn path(&self) -> &Path {
        &self.folder
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        match self.keeper.wait() {
            Ok(status) if status.success() => {}
            other => eprintln!("{} stays behind: {other:?}", self.folder.display()),
        }
    }
}

/// Runs a short command to its end; what it printed.
pub fn run(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{command:?}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    if output.status.success() { Ok(out) } else { Err(format!("{command:?}: {} {out} {err}", output.status)) }
}

/// Sends a signal: `KILL`, `STOP`.
pub fn signal(name: &str, pid: &str) {
    // The shell's own `kill`: the program need not be there.
    let line = format!("kill -{name} {pid}");
    run(Command::new("sh").args(["-c", &line])).expect("a signal is sent");
}

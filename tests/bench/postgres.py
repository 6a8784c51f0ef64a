"""A scratch PostgreSQL: a cluster of its own in a folder that goes at the end, as durable as a real one.

Settings are those of Debian's package but for `shared_buffers`, and for `pg_stat_statements`, which counts nothing
until it is told to. It runs on a free port of 127.0.0.1, never as root.
"""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
from pathlib import Path

SETTINGS = {
    "shared_buffers": "1GB",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track": "none",
}


def free_port():
    """A port of loopback that nobody has now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def program(name):
    """The path of one of PostgreSQL's programs, of the newest version there is; none where it is missing."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4].split(".")[0]))
    return str(found[-1]) if found else shutil.which(name)


class Postgres:
    """The cluster; as a context it is stopped whatever happens."""

    def __init__(self, folder):
        self.folder = Path(folder) / "pg"
        self.is_kept = self.folder.exists()
        self.port = free_port()
        self.password = secrets.token_hex(16)
        self.user = "postgres" if _is_user("postgres") else "nobody"

    def __enter__(self):
        if self.is_kept:
            self.password = (self.folder / "password").read_text().strip()
        else:
            self._make()
        try:
            settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.folder}
            options = " ".join(f"-c {name}={value}" for name, value in settings.items())
            self._run("pg_ctl", "start", "-s", "-w", "-D", self._data(), "-l", str(self.folder / "log"), "-o", options)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _make(self):
        self.folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(self.folder, self.user)
        secret = self.folder / "password"
        secret.write_text(self.password + "\n")
        if os.geteuid() == 0:
            shutil.chown(secret, self.user)
        self._run("initdb", "-D", self._data(), "-E", "UTF8", "--locale=C.UTF-8", "-U", "hourbank", "--auth=password",
                  f"--pwfile={secret}")
        # In the file, not on the command line, which nothing could change later.
        with open(self.folder / "data/postgresql.conf", "a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())

    def __exit__(self, *_):
        if (self.folder / "data/postmaster.pid").exists():
            self._run("pg_ctl", "stop", "-s", "-w", "-m", "fast", "-D", self._data())

    def url(self, database):
        """Where a database is, as the server wants it."""
        return f"postgres://hourbank:{self.password}@127.0.0.1:{self.port}/{database}"

    def environment(self, database):
        """The same for PostgreSQL's own programs: TCP, as the server connects."""
        return {**os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "hourbank",
                "PGPASSWORD": self.password, "PGDATABASE": database, "PGOPTIONS": "-c timezone=UTC"}

    def sql(self, database, text):
        """Runs SQL and gives its rows as lists of text."""
        command = [program("psql"), "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-f", "-"]
        done = subprocess.run(command, input=text, env=self.environment(database), text=True, capture_output=True)
        if done.returncode:
            raise SystemExit(f"{done.stderr}\nin: {text[:2000]}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    def postmaster(self):
        """The process that all of PostgreSQL's others are children of."""
        return int((self.folder / "data/postmaster.pid").read_text().split()[0])

    def count_statements(self, is_on):
        """Switches the counting of statements on, from zero, or off."""
        self.sql("postgres", f"alter system set pg_stat_statements.track = '{'top' if is_on else 'none'}'")
        self.sql("postgres", f"alter system set pg_stat_statements.track_planning = {'on' if is_on else 'off'}")
        self.sql("postgres", "create extension if not exists pg_stat_statements; select pg_reload_conf(), pg_sleep(0.2)")
        if is_on:
            self.sql("postgres", "select pg_stat_statements_reset()")

    def statements(self, database):
        """What was counted in a database: (text, calls, milliseconds planned, executed), the most called first."""
        rows = self.sql("postgres", f"""
            select replace(replace(left(query, 300), E'\\n', ' '), E'\\t', ' '), sum(calls), sum(total_plan_time),
                sum(total_exec_time)
            from pg_stat_statements s join pg_database d on d.oid = s.dbid where d.datname = '{database}'
            group by 1 order by 2 desc""")
        return [(text, int(calls), float(planned), float(executed)) for text, calls, planned, executed in rows]

    def _data(self):
        return str(self.folder / "data")

    def _run(self, name, *arguments):
        as_user = ["runuser", "-u", self.user, "--"] if os.geteuid() == 0 else []
        # Output goes to a file: the server inherits a pipe and would keep it open.
        with open(self.folder.parent / f"{name}.log", "w+") as log:
            done = subprocess.run([*as_user, program(name), *arguments], cwd="/", stdout=log, stderr=log)
            if done.returncode:
                log.seek(0)
                raise SystemExit(f"{name} failed:\n{log.read()}")


def _is_user(name):
    try:
        return pwd.getpwnam(name) is not None
    except KeyError:
        return False

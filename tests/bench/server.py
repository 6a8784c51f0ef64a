"""The program under measurement: built for release, its database filled, served with its limits raised."""

import http.client
import json
import os
import signal
import statistics
import subprocess
import time
from pathlib import Path

import meter
from postgres import free_port

ROOT = Path(__file__).resolve().parents[2]
# The private key's fixed beginning (PKCS#8, Ed25519); 32 random bytes follow.
ED25519 = bytes.fromhex("302e020100300506032b657004220420")
# Every limit on what one caller may take is far away; guard, cost and rights stay as they are.
LIMITS = {
    "HOURBANK_IN_FLIGHT": "4096",
    "HOURBANK_SOCKETS_PER_ADDRESS": "20000",
    "HOURBANK_SOCKETS_PER_PRINCIPAL": "20000",
    "HOURBANK_CONNECTIONS": "40000",
    "HOURBANK_CONNECTIONS_PER_ADDRESS": "40000",
    "HOURBANK_POINTS": "1000000000:1000000000",
}


def build(*arguments, environment=None):
    """Builds for release and gives the path of the target that was built."""
    command = ["cargo", "build", "--locked", "--release", "--message-format=json-render-diagnostics", *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})})
    if done.returncode:
        raise SystemExit("the build failed")
    built = [json.loads(line).get("executable") for line in done.stdout.splitlines() if line.startswith("{")]
    return [path for path in built if path][-1]


class Hourbank:
    """One database and, while it is a context, the server on it."""

    def __init__(self, program, postgres, database, folder, settings):
        self.program, self.postgres, self.database = program, postgres, database
        self.folder = Path(folder) / database
        self.folder.mkdir()
        self.process, self.port = None, 0
        (self.folder / "signing.key").write_bytes(ED25519 + os.urandom(32))
        (self.folder / "sealing.key").write_bytes(os.urandom(32))
        own = {name: value for name, value in os.environ.items() if not name.startswith("HOURBANK_")}
        self.environment = {
            **own,
            "HOURBANK_DATABASE": postgres.url(database),
            "HOURBANK_SIGNING_KEY_FILE": str(self.folder / "signing.key"),
            "HOURBANK_SEALING_KEY_FILE": str(self.folder / "sealing.key"),
            "HOURBANK_MAIL_DIR": str(self.folder / "mail"),
            **LIMITS,
            **settings,
        }

    def fill(self, scale):
        """Makes the database from a filled one, which is made where there is none of this scale yet."""
        filled = "filled_" + "_".join(str(count) for count in scale.values())
        seconds = 0
        if not self.postgres.sql("postgres", f"select 1 from pg_database where datname = '{filled}' and datistemplate"):
            self.postgres.sql("postgres", f"drop database if exists {filled}")
            self.postgres.sql("postgres", f"create database {filled}")
            began = time.monotonic()
            text = ",".join(f"{name}={count}" for name, count in scale.items())
            database = {"HOURBANK_DATABASE": self.postgres.url(filled)}
            self.command("seed", "--scale", text, "--random-seed", "1", **database)
            seconds = time.monotonic() - began
            self.postgres.sql(filled, "vacuum analyze")
            self.postgres.sql("postgres", f"alter database {filled} is_template true")
        self.postgres.sql("postgres", f"drop database if exists {self.database}")
        self.postgres.sql("postgres", f"create database {self.database} template {filled} strategy file_copy")
        self.postgres.sql(self.database, "vacuum analyze")
        self.postgres.sql(self.database, "checkpoint")
        return seconds

    def sql(self, text):
        return self.postgres.sql(self.database, text)

    def command(self, *arguments, **settings):
        """Runs one of the program's other commands and gives what it prints."""
        done = subprocess.run([self.program, *arguments], env={**self.environment, **settings}, cwd=self.folder, text=True,
                              capture_output=True)
        if done.returncode:
            raise SystemExit(f"hourbank {arguments[0]} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def tokens(self, emails):
        """An access token for each of these people."""
        return self.command("user", "token", *emails).split()

    def __enter__(self):
        self.port = free_port()
        environment = {**self.environment, "HOURBANK_LISTEN": f"127.0.0.1:{self.port}"}
        with open(self.folder / "server.log", "a") as log:
            began = time.monotonic()
            self.process = subprocess.Popen([self.program, "serve"], env=environment, cwd=self.folder, stdout=log,
                                            stderr=log)
        try:
            while not self._is_ready():
                if self.process.poll() is not None or time.monotonic() > began + 60:
                    raise SystemExit(f"the server does not start:\n{(self.folder / 'server.log').read_text()[-4000:]}")
                time.sleep(0.001)
        except BaseException:
            self.__exit__()
            raise
        self.ready_ms = (time.monotonic() - began) * 1000
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _is_ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/ready")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def ask(self, token, document, variables):
        """One operation's `data`; any error ends the run."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        body = json.dumps({"query": document, "variables": variables})
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        connection.request("POST", "/graphql", body, headers)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        if "errors" in answer:
            raise SystemExit(f"an operation failed: {answer['errors']}\n{document}\n{variables}")
        return answer["data"]


def measure_start(hourbank, times=5):
    """Milliseconds from exec to a good `/ready`, and resident bytes of a server that nobody asks anything."""
    ready, idle = [], []
    for _ in range(times):
        with hourbank:
            ready.append(hourbank.ready_ms)
            time.sleep(2)
            idle.append(meter.memory(hourbank.process.pid)[0])
    return {"ready_ms": statistics.median(ready), "idle_bytes": statistics.median(idle)}

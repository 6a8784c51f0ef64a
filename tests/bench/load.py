"""Closed-loop load: wrk on the server, pgbench on PostgreSQL, both with as many connections and random choices."""

import json
import re
import subprocess
from pathlib import Path

import meter
from postgres import program


class Requests:
    """A workload's requests as files for wrk and pgbench."""

    def __init__(self, workload, tokens, folder):
        self.workload, self.tokens = workload, tokens
        folder = Path(folder) / workload.name.replace(" ", "-")
        folder.mkdir()
        self.files = [folder / name for name in ("requests", "tokens", "document")]
        lines = [f"{token}\t{json.dumps(variables)}\n" for token, variables in workload.requests]
        self.files[0].write_text("".join(lines))
        self.files[1].write_text("".join(token + "\n" for token in tokens))
        self.files[2].write_text(workload.document)
        self.script = folder / "limit.sql"
        self.script.write_text(f"\\set n random(1, {len(workload.requests)})\n{workload.limit};\n")


def ours(server, requests, connections, seconds, seed):
    """Loads the server for some seconds; what came of it."""
    meter.forget_peak(server.process.pid)
    before = _cpu(server)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s",
               str(Path(__file__).with_name("load.lua")), f"http://127.0.0.1:{server.port}", "--",
               *map(str, requests.files), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True)
    after = _cpu(server)
    line = re.search(r"^RESULT (.*)$", done.stdout, re.M)
    if not line:
        raise SystemExit(f"wrk failed:\n{done.stdout}{done.stderr}")
    result = json.loads(line[1])
    if result["failed"] or result["faulty"] or not result["requests"]:
        raise SystemExit(f"{requests.workload.name}: answers failed: {result}")
    count = result["requests"]
    return {
        "requests": count,
        "per_second": count / (result["micros"] / 1e6),
        **{name: result[name] for name in ("mean_ms", "p50_ms", "p99_ms", "max_ms")},
        "bytes": result["bytes"] / count,
        "server_cpu_ms": (after[0] - before[0]) / count,
        "postgres_cpu_ms": (after[1] - before[1]) / count,
        "peak_bytes": meter.memory(server.process.pid)[1],
    }


def limit(server, requests, connections, seconds, seed):
    """Runs the statement for some seconds; what came of it."""
    before = _cpu(server)
    command = [program("pgbench"), "-n", "-M", "prepared", "-c", str(connections), "-j", "2", "-T", str(seconds),
               f"--random-seed={seed}", "-f", str(requests.script)]
    environment = server.postgres.environment(server.database)
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    after = _cpu(server)
    count = re.search(r"transactions actually processed: (\d+)", done.stdout)
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    failed = re.search(r"number of failed transactions: (\d+)", done.stdout)
    if done.returncode or not count or (failed and int(failed[1])):
        raise SystemExit(f"pgbench failed:\n{done.stdout}{done.stderr}")
    return {"requests": int(count[1]), "per_second": float(rate[1]),
            "mean_ms": 1000 * connections / float(rate[1]),
            "postgres_cpu_ms": (after[1] - before[1]) / int(count[1])}


def _cpu(server):
    return meter.cpu_ms(server.process.pid), meter.family_cpu_ms(server.postgres.postmaster())

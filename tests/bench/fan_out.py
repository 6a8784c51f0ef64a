"""Thousands who watch while entries are logged: how long a push takes, what a subscriber costs, what is lost.

The load is a program of its own (`fan_out/main.rs`); this side fills in who watches what, and reads the server's
memory where the program says it stands: idle before, with idle subscribers, and after the entries.
"""

import json
import resource
import subprocess

import meter
import report
import server
import workload

CLIENTS = 100


def run(bench):
    """The figures of one run."""
    options = bench.options
    seconds = options.seconds or 60
    _raise_descriptors(options.subscribers + 1000)
    load = server.build("-p", "hourbank-fan-out")
    hourbank = bench.database("hourbank", options.scale)
    plan = {"subscribers": options.subscribers, "stalled": options.stalled, "rate": options.rate, "seconds": seconds}
    plan.update(_people(hourbank, options.people))
    with hourbank:
        plan["port"] = hourbank.port
        file = hourbank.folder / "plan.json"
        file.write_text(json.dumps(plan))
        figures = _steps(hourbank, [load, str(file)])
    report_lines(figures, options)
    if figures["figures"]["faults"] or figures["lost"] or figures["figures"]["fallen_versions"]:
        raise SystemExit(f"lost: {figures['lost']}, fallen: {figures['figures']['fallen_versions']}, "
                         f"faults: {figures['figures']['faults']}")
    return figures


def _raise_descriptors(wanted):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise SystemExit(f"{wanted} file descriptors are needed, {hard} are allowed (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _people(hourbank, people):
    """The clients that most is logged for, who may watch each of them, and what is logged."""
    made = workload.log_time(hourbank, people)
    rows = hourbank.sql(f"""
        create table bench.watched as select client_id as id from bench.log_time
            group by client_id order by count(*) desc, client_id limit {CLIENTS};
        select w.id, string_agg(u.email, ' ' order by u.email) from bench.watched w join "user" u on u.status = 'ACTIVE'
            and (u.client_id = w.id or u.id in (select user_id from team_member t
                where t.client_id = w.id and t.ends_on is null and t.starts_on < current_date))
        group by w.id""")
    emails = sorted({email for _, found in rows for email in found.split()} | set(made.people))
    token = dict(zip(emails, hourbank.tokens(emails)))
    inside = hourbank.sql("select n from bench.log_time where client_id in (select id from bench.watched) order by n")
    entries = []
    for (n,) in inside:
        at, variables = made.requests[int(n) - 1]
        entry = {name: value for name, value in variables["input"].items() if name != "idempotencyKey"}
        entries.append({"token": token[made.people[at - 1]], "input": entry})
    clients = [{"id": workload.global_id(workload.CLIENT, client), "tokens": [token[email] for email in found.split()]}
               for client, found in rows]
    return {"clients": clients, "entries": entries}


def _steps(hourbank, command):
    """Runs the load; at each of its places the server's memory is read, then it goes on."""
    figures, pid = {}, hourbank.process.pid
    load = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        for line in load.stdout:
            step = json.loads(line)
            figures[f"rss_{step['place']}"] = meter.memory(pid)[0]
            figures[f"cpu_{step['place']}"] = meter.cpu_ms(pid)
            figures.update(step["with"])
            load.stdin.write("\n")
            load.stdin.flush()
        if load.wait() or "figures" not in figures:
            raise SystemExit(f"the load failed after {sorted(figures)}")
    finally:
        load.kill()
    figures["rss_peak"] = meter.memory(pid)[1]
    return figures


def report_lines(figures, options):
    """What is worth knowing, in words."""
    mib = 2**20
    idle = (figures["rss_subscribed"] - figures["rss_idle"]) / options.subscribers
    figures["bytes_a_subscriber"] = idle
    found = figures["figures"]
    print(f"{options.subscribers} subscribers over {CLIENTS} clients, {options.rate} entries a second, "
          f"{found['entries']} entries, {found['pushes']} pushes, {found['skipped_for_newer']} skipped for a newer one")
    spread = lambda name: [f"{found[name][key]:.2f}" for key in ("p50", "p99", "max")]
    print(report.table(["milliseconds", "p50", "p99", "max"], [
        ["entry sent to push", *spread("write_to_push_ms")],
        ["entry answered to push", *spread("answer_to_push_ms")],
        ["entry sent to answered", *spread("write_ms")],
    ]))
    cpu = figures["cpu_written"] - figures["cpu_subscribed"]
    print(f"memory: {figures['rss_idle'] / mib:.1f} MiB before, {figures['rss_subscribed'] / mib:.1f} with all of them idle "
          f"({idle / 1024:.1f} KiB each), {figures['rss_written'] / mib:.1f} after the entries, {figures['rss_peak'] / mib:.1f} "
          f"at the most; all had arrived after {figures['seconds']:.1f} s; {cpu / found['entries']:.2f} ms of CPU an entry")
    print(f"lost: {figures['lost']}; versions that fell: {found['fallen_versions']}; stalled: {json.dumps(figures['stalled'])}")

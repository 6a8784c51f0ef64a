"""Whether the API and the statement beside it say the same, for a sample of requests: each field, row and number."""

import json
import random
import re
from datetime import datetime

MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


def check(server, requests, sample=20):
    """Ends the run at the first difference."""
    workload = requests.workload
    picked = random.Random(1).sample(range(len(workload.requests)), min(sample, len(workload.requests)))
    for at in picked:
        token, variables = workload.requests[at]
        if workload.writes:
            _check_written(server, requests.tokens[token - 1], workload, at)
            continue
        answer = server.ask(requests.tokens[token - 1], workload.document, variables)
        [[text]] = server.sql(workload.limit.replace(":n", str(at + 1)))
        differs = _difference(answer, json.loads(text))
        if differs:
            raise SystemExit(f"{workload.name} {at + 1}: the API and the statement disagree at {differs}")


def _difference(one, other, path=""):
    if isinstance(one, dict) and isinstance(other, dict):
        pairs = ((_difference(one.get(key), other.get(key), f"{path}.{key}")) for key in {**one, **other})
        return next(filter(None, pairs), None)
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return f"{path}: {len(one)} and {len(other)} rows"
        return next(filter(None, (_difference(a, b, f"{path}[{at}]") for at, (a, b) in enumerate(zip(one, other)))), None)
    return None if _plain(one) == _plain(other) else f"{path}: {one!r} and {other!r}"


def _plain(value):
    """A moment is a moment however it is written."""
    if isinstance(value, str) and MOMENT.match(value):
        return int(datetime.fromisoformat(value).timestamp() * 1000)
    return value


def _check_written(server, token, workload, at):
    """What was logged stands in the tables as the answer says it."""
    variables = json.loads(json.dumps(workload.requests[at][1]).replace("@key@", _uuid()))
    answer = server.ask(token, workload.document, variables)["timeEntryCreate"]
    if answer["errors"]:
        raise SystemExit(f"{workload.name} {at + 1}: {answer['errors']}")
    [[used, version, spent]] = server.sql(f"""
        select p.used_minutes, h.version, t.spent_minutes from bench.log_time x join period p on p.id = x.period_id
        join ledger_head h on h.engagement_id = x.engagement_id join task t on t.id = x.task_id where x.n = {at + 1}""")
    said = [answer["hourBalance"]["usedMinutes"], answer["hourBalance"]["version"], answer["task"]["spentMinutes"]]
    if said != [int(used), int(version), int(spent)]:
        raise SystemExit(f"{workload.name} {at + 1}: {said} was answered, {[used, version, spent]} stands")


def _uuid():
    import uuid
    return str(uuid.uuid4())


class Written:
    """Counts what the server wrote, by the ledger's own numbers, which the statement beside it leaves alone."""

    def __init__(self, server):
        self.server = server
        self.before = self._count()

    def check(self, acknowledged, connections_cut):
        """All that was acknowledged stands; what was under way when a run ended may stand beside it."""
        written = self._count() - self.before
        if not acknowledged <= written <= acknowledged + connections_cut:
            raise SystemExit(f"{acknowledged} entries were acknowledged, {written} stand in the ledger")

    def _count(self):
        return int(self.server.sql("select coalesce(sum(version), 0) from ledger_head")[0][0])

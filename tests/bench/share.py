"""One share of the processors for everything that is measured.

Linux gives each session a share of its own where `sched_autogroup_enabled` is on, and each of PostgreSQL's processes is
a session: beside any other work on the machine thirty backends would get thirty shares and the server one. In a
control group all of them are equals; its weight makes other work step back while the benchmark runs.
"""

import contextlib
import os
import sys
from pathlib import Path

# The group's parent, the file of its weight, and a weight much above what everybody has.
KINDS = [("/sys/fs/cgroup/cpu", "cpu.shares", "20480"), ("/sys/fs/cgroup", "cpu.weight", "2000")]


@contextlib.contextmanager
def one():
    """Puts this process and all that it will start into one group, where that can be done."""
    group = next(filter(None, (_make(*kind) for kind in KINDS)), None)
    if group is None:
        _warn()
        yield
        return
    procs = Path("cgroup.procs")
    home = _home(group)
    (group / procs).write_text(str(os.getpid()))
    try:
        yield
    finally:
        (home / procs).write_text(str(os.getpid()))
        with contextlib.suppress(OSError):
            group.rmdir()


def _make(parent, name, weight):
    group = Path(parent) / f"hourbank-bench.{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        return None
    try:
        (group / name).write_text(weight)
        return group
    except OSError:
        group.rmdir()
        return None


def _home(group):
    """The group that this process is in now."""
    is_first = group.parent.name == "cpu"
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, kinds, path = line.split(":", 2)
        if ("cpu" in kinds.split(",")) if is_first else kinds == "":
            return group.parent / path.lstrip("/")
    return group.parent


def _warn():
    file = Path("/proc/sys/kernel/sched_autogroup_enabled")
    if file.exists() and file.read_text().strip() == "1" and os.getloadavg()[0] > 0.5:
        print("the machine has other work and no control group can be made: ratios lean towards PostgreSQL",
              file=sys.stderr)

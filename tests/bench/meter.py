"""What processes take: CPU time and memory, read from /proc."""

import os
from pathlib import Path

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def _stat(pid):
    # The name in brackets may hold anything, so the fields are counted from behind it.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu_ms(pid):
    """CPU milliseconds of a process since its start, in user and kernel mode."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) * TICK_MS


def family_cpu_ms(pid):
    """The same of a process, of its children, and of those of them that have ended."""
    fields = _stat(pid)
    total = sum(map(int, fields[11:15])) * TICK_MS
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                if int(_stat(entry.name)[1]) == pid:
                    total += cpu_ms(entry.name)
            except (FileNotFoundError, ProcessLookupError):
                pass
    return total


def memory(pid):
    """Resident bytes of a process: now, and the most since `forget_peak`."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return tuple(int(lines[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))


def forget_peak(pid):
    """Lets the peak of memory begin anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")

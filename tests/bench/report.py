"""Numbers for people: the tables, and two runs beside each other."""

import json
import statistics
from pathlib import Path

COLUMNS = [
    # Title, key of a result, digits.
    ("req/s", "per_second", 0), ("p50 ms", "p50_ms", 1), ("p99 ms", "p99_ms", 1), ("alone ms", "alone_ms", 2),
    ("cpu ms", "server_cpu_ms", 3), ("pg cpu ms", "postgres_cpu_ms", 3), ("peak MiB", "peak_mib", 0),
    ("stmts", "statements", 1), ("bytes", "bytes", 0), ("limit/s", "limit_per_second", 0),
    ("pg cpu ms", "limit_postgres_cpu_ms", 3), ("ratio", "ratio", 2), ("spread", "spread", 2),
]


def summarise(ours, limit, alone):
    """One workload's figures: medians over the rounds, and the ratio of each round to the statement beside it."""
    middle = lambda rows, key: statistics.median(row[key] for row in rows)
    ratios = [mine["per_second"] / theirs["per_second"] for mine, theirs in zip(ours, limit)]
    figures = {key: middle(ours, key) for key in
               ("per_second", "p50_ms", "p99_ms", "server_cpu_ms", "postgres_cpu_ms", "bytes")}
    return {
        **figures,
        "peak_mib": max(row["peak_bytes"] for row in ours) / 2**20,
        "alone_ms": alone["p50_ms"],
        "statements": alone["statements"],
        "limit_per_second": middle(limit, "per_second"),
        "limit_postgres_cpu_ms": middle(limit, "postgres_cpu_ms"),
        "ratio": statistics.median(ratios),
        "spread": max(ratios) - min(ratios),
    }


def table(titles, rows):
    """Columns as wide as they must be; the first to the left, the others to the right."""
    cells = [titles, *rows]
    widths = [max(len(row[at]) for row in cells) for at in range(len(titles))]
    return "\n".join("  ".join(cell.ljust(width) if at == 0 else cell.rjust(width)
                               for at, (cell, width) in enumerate(zip(row, widths))) for row in cells)


def workloads(summaries):
    """The table of the workloads."""
    rows = [[name, *(f"{figures[key]:.{digits}f}" for _, key, digits in COLUMNS)] for name, figures in summaries.items()]
    return table(["workload", *(title for title, _, _ in COLUMNS)], rows)


def growth(small, full):
    """The same with a tenth of the entries: how much of the speed is left on the full database."""
    rows = [[name, f"{small[name]['per_second']:.0f}", f"{full[name]['per_second']:.0f}",
             f"{full[name]['per_second'] / small[name]['per_second']:.2f}"] for name in small]
    return table(["workload", "a tenth, req/s", "full, req/s", "quotient"], rows)


def compare(before, after):
    """What a change brought, from the files of two runs."""
    before, after = (json.loads(Path(path).read_text())["workloads"] for path in (before, after))
    rows = []
    for name in before:
        if name in after:
            pairs = [(before[name][key], after[name][key], digits) for _, key, digits in COLUMNS]
            rows.append([name, *(f"{old:.{digits}f} → {new:.{digits}f}" for old, new, digits in pairs)])
    return table(["workload", *(title for title, _, _ in COLUMNS)], rows)

"""Where the server's CPU goes, by `perf`: self time of functions and of the crates that they come from."""

import re
import subprocess
from collections import Counter

TOP = 25
# Bodies that the compiler writes as `<Type as Trait>::f`: the type's crate is the one that counts.
PATH = re.compile(r"(?:^|[<&(\s])((?:[a-z_][a-z0-9_]*))::")


class Profile:
    """Samples a process while it is a context."""

    def __init__(self, pid, file):
        self.pid, self.file = pid, str(file)

    def __enter__(self):
        command = ["perf", "record", "-q", "-F", "499", "-e", "cpu-clock", "-p", str(self.pid), "-o", self.file]
        self.perf = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.perf.send_signal(2)
        self.perf.wait()

    def lines(self):
        """The functions that take the most, then the crates."""
        command = ["perf", "report", "-i", self.file, "--stdio", "--no-children", "-g", "none", "-F", "overhead,dso,sym",
                   "--percent-limit", "0.01"]
        text = subprocess.run(command, capture_output=True, text=True).stdout
        functions, crates = [], Counter()
        for line in text.splitlines():
            match = re.match(r"\s*([\d.]+)%\s+(\S+)\s+\[(.)\]\s+(.*)$", line)
            if match:
                share, symbol = float(match[1]), match[4].strip()
                crate = "kernel" if match[3] == "k" else _crate(symbol, match[2])
                functions.append((share, crate, symbol))
                crates[crate] += share
        yield f"  {'self %':>7}  {'crate':22} function"
        for share, crate, symbol in sorted(functions, reverse=True)[:TOP]:
            yield f"  {share:7.2f}  {crate:22} {symbol[:110]}"
        yield f"  {'self %':>7}  by crate"
        for crate, share in crates.most_common(TOP):
            yield f"  {share:7.2f}  {crate}"


def _crate(symbol, dso):
    found = PATH.search(symbol)
    if found:
        return found[1]
    if symbol.startswith(("mi_", "_mi_")):
        return "mimalloc"
    return "libc" if dso.startswith(("libc", "ld-")) else "other"

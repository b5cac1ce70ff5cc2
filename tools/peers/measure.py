"""Commands timed side by side, and the table of what came of it. Linux only; nothing but the standard library.

A child's peak memory, as the kernel counts it, is never below what its parent had when it started it: whatever imports
this stays small, and leaves NumPy and ONNX Runtime to its children.
"""

import importlib.util
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass


class CouldNotRun(Exception):
    """What a measurement needs is not there, or failed."""


@dataclass
class Run:
    """A finished command: wall time, peak resident memory, what it printed."""

    seconds: float
    mib: float
    out: str


def run(*command):
    """Runs a command to its end; one that fails is an error with its last words."""
    command = [str(part) for part in command]
    environment = dict(os.environ, ORT_DYLIB_PATH=str(onnxruntime_library()))
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        try:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment)
        except OSError as error:
            raise CouldNotRun(str(error)) from error
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            child.kill()
            child.wait()
            raise
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if child.returncode != 0:
            words = [line for line in err.read().decode(errors="replace").splitlines() if line.strip()]
            called = [pathlib.Path(part).name for part in command]
            raise CouldNotRun(f"{' '.join(called)[:200]}: exit code {child.returncode}: {' / '.join(words[-3:])}")
        return Run(seconds, usage.ru_maxrss / 1024, out.read().decode())


def onnxruntime_library():
    """The library that `import onnxruntime` loads."""
    package = importlib.util.find_spec("onnxruntime")
    folders = package.submodule_search_locations if package else []
    for folder in folders:
        for library in sorted(pathlib.Path(folder).glob("capi/libonnxruntime.so.*")):
            return library
    raise CouldNotRun("this Python has no onnxruntime: pip install -r tools/peers/requirements.txt")


@contextmanager
def on_cores(count):
    """Keeps this process, and the children that it starts meanwhile, on `count` of the cores it may use."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(allowed)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


class Others:
    """What share of the machine's cores other programs take, from the making of this on."""

    def __init__(self):
        self.started, self.taken = time.perf_counter(), self._taken()

    @staticmethod
    def _taken():
        """Processor seconds of everything but this program and its ended children."""
        with open("/proc/stat") as file:
            user, nice, system, _idle, _waiting, irq, softirq, steal, *_ = map(int, file.readline().split()[1:])
        busy = (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
        return busy - sum(os.times()[:4])

    def share(self):
        elapsed = (time.perf_counter() - self.started) * os.cpu_count()
        return max(0.0, (self._taken() - self.taken) / elapsed)


def turns(round_number, sides):
    """The sides in the order of this round: there and back, so that neither always goes first."""
    return list(reversed(sides)) if round_number % 2 else list(sides)


def say(line):
    print(line, file=sys.stderr, flush=True)


class Table:
    """Rows of what was measured, printed as they come; `rows` holds them for JSON."""

    def __init__(self):
        self.rows = []
        self.failed = False
        print("| what | ours | theirs | ratio (least to greatest) | target | |")
        print("|---|---|---|---|---|---|", flush=True)

    def ratio(self, what, unit, ours, theirs, target=None):
        """Ours to theirs, round by round: the median of the ratios counts."""
        ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
        a, b, ratio = map(statistics.median, (ours, theirs, ratios))
        self._add(
            {"what": what, "unit": unit, "ours": a, "theirs": b, "ratio": ratio, "least": min(ratios),
             "greatest": max(ratios), "rounds": len(ratios), "target": target,
             "ok": None if target is None else ratio <= target},
            f"{a:.4g} {unit}", f"{b:.4g} {unit}", f"{ratio:.3f} ({min(ratios):.3f} to {max(ratios):.3f})",
            "" if target is None else f"at most {target:g}",
        )

    def difference(self, what, ours, theirs, target, unit=""):
        """Memory in MiB may be `target` above theirs; a number without a unit that far from it."""
        apart = ours - theirs
        cells = [f"{value:.1f} {unit}" if unit else f"{value:.6f}" for value in (ours, theirs)]
        self._add(
            {"what": what, "unit": unit, "ours": ours, "theirs": theirs, "difference": apart, "target": target,
             "ok": (apart if unit else abs(apart)) <= target},
            *cells, f"difference {apart:+.1f} {unit}" if unit else f"difference {apart:+.1e}",
            f"at most {target:g} {unit} above" if unit else f"at most {target:g} apart",
        )

    def not_measured(self, what, why):
        self._add({"what": what, "not_measured": why, "ok": None}, "", "", f"not measured: {why}", "")

    def could_not_run(self, what, why):
        self.failed = True
        self._add({"what": what, "could_not_run": str(why), "ok": None}, "", "", f"could not run: {why}", "")

    def _add(self, row, *cells):
        self.rows.append(row)
        verdict = {True: "ok", False: "MISSED", None: ""}[row["ok"]]
        cells = [str(cell).replace("|", "\\|") for cell in (row["what"], *cells, verdict)]
        print(f"| {' | '.join(cells)} |", flush=True)

#!/usr/bin/env python3
"""How fast `oasis` runs its bundle, as ratios to Python's ONNX Runtime, in one run on one machine.

    python3 -m venv peers && peers/bin/pip install -r tools/peers/requirements.txt
    cargo build --release
    peers/bin/python tools/peers/engines.py --oasis target/release/oasis --data SLICES [--json FILE]

Ours and theirs take turns, round after round; a ratio is the median over the rounds of ours divided by theirs in the
same round, with its least and greatest. A measurement on T threads has T cores to itself. The ONNX Runtime that
`oasis` loads is the one that Python imports.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
SHAPES = {"encoder": (1, 256, 256), "quantizer": (64, 32, 32), "decoder": (32, 32)}


def library():
    return next(Path(onnxruntime.__file__).parent.glob("capi/libonnxruntime.*"))


class Run:
    """A finished command: its wall time in seconds, its peak resident memory in MiB, its standard output."""

    def __init__(self, command, cores):
        environment = dict(os.environ, ORT_DYLIB_PATH=str(library()))
        with tempfile.TemporaryFile() as out:
            started = time.perf_counter()
            child = subprocess.Popen(
                [str(part) for part in command],
                stdout=out,
                stderr=subprocess.DEVNULL,
                env=environment,
                preexec_fn=lambda: os.sched_setaffinity(0, cores),
            )
            _, status, usage = os.wait4(child.pid, 0)
            self.seconds = time.perf_counter() - started
            child.returncode = os.waitstatus_to_exitcode(status)
            self.mib = usage.ru_maxrss / 1024
            out.seek(0)
            self.out = out.read().decode()
        if child.returncode != 0:
            sys.exit(f"{command} ended with {child.returncode}")


class Table:
    """Rows of ratios and what they should be."""

    def __init__(self):
        self.rows = []
        print("| what | ours | theirs | ratio (least, greatest) | target | |")
        print("|---|---|---|---|---|---|")

    def ratio(self, what, unit, ours, theirs, target):
        ratios = [a / b for a, b in zip(ours, theirs)]
        row = {
            "what": what,
            "unit": unit,
            "ours": statistics.median(ours),
            "theirs": statistics.median(theirs),
            "ratio": statistics.median(ratios),
            "least": min(ratios),
            "greatest": max(ratios),
            "target": target,
        }
        row["ok"] = row["ratio"] <= target
        self.rows.append(row)
        print(
            "| {what} | {ours:.4g} {unit} | {theirs:.4g} {unit} | {ratio:.3f} ({least:.3f}, {greatest:.3f}) "
            "| at most {target:g} | {verdict} |".format(**row, verdict="ok" if row["ok"] else "MISSED"),
            flush=True,
        )

    def difference(self, what, ours, base, target):
        row = {"what": what, "unit": "MiB", "ours": ours, "theirs": base, "difference": ours - base, "target": target}
        row["ok"] = row["difference"] <= target
        self.rows.append(row)
        verdict = "ok" if row["ok"] else "MISSED"
        print(f"| {what} | {ours:.0f} MiB | {base:.0f} MiB | {ours - base:+.0f} MiB | at most +{target} MiB | {verdict} |")


def stages(table, oasis, bundle, rounds):
    """Encoder, quantizer and decoder: the same files, threads and batches."""
    random = np.random.default_rng(1)
    cores = sorted(os.sched_getaffinity(0))
    for threads in (1, 2):
        if threads > len(cores):
            print(f"not measured on {threads} threads: there is one core", file=sys.stderr)
            continue
        mine = set(cores[:threads])
        os.sched_setaffinity(0, mine)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        times = {}
        sessions = {
            role: onnxruntime.InferenceSession(
                str(bundle / f"{role}.onnx"), options, providers=["CPUExecutionProvider"]
            )
            for role in SHAPES
        }
        for _ in range(rounds):
            for role, session in sessions.items():
                for batch in (1, 8):
                    shape = (batch, *SHAPES[role])
                    value = random.integers(0, 512, shape) if role == "decoder" else random.random(shape, np.float32)
                    feed = {session.get_inputs()[0].name: value}
                    runs = []
                    for _ in range(12):
                        started = time.perf_counter()
                        session.run(None, feed)
                        runs.append(time.perf_counter() - started)
                    times.setdefault(("python", role, batch), []).append(statistics.median(runs[2:]) * 1e3 / batch)
            for backend in ("ort", "tract"):
                for batch in (1, 8):
                    command = [oasis, "bench", "--backend", backend, "--threads", threads, "--batch", batch]
                    command += ["--rounds", 10, "--stages", ",".join(SHAPES), "--json", "--bundle", bundle]
                    report = json.loads(Run(command, mine).out)
                    for role in SHAPES:
                        times.setdefault((backend, role, batch), []).append(
                            report["stages"][role]["ms_median"] / batch
                        )
        os.sched_setaffinity(0, set(cores))
        label = f"{threads} thread{'s' if threads > 1 else ''}"
        for role in SHAPES:
            for batch in (1, 8):
                theirs = times["python", role, batch]
                table.ratio(f"ort, {role}, batch {batch}, {label}", "ms/image", times["ort", role, batch], theirs, 1.05)
        for role in SHAPES:
            best = min((1, 8), key=lambda batch: statistics.median(times["tract", role, batch]))
            ours = times["tract", role, best]
            table.ratio(f"tract, {role}, batch {best}, {label}", "ms/image", ours, times["python", role, 1], 1.8)


def pipeline(table, oasis, bundle, data, rounds):
    """A whole evaluation, and the cold start on one slice, beside python_eval.py."""
    files = sorted((data / "keras_png_slices_test").iterdir())
    cores = os.sched_getaffinity(0)
    python = [sys.executable, HERE / "python_eval.py", bundle]
    theirs, ours = [], {"tract": [], "ort": []}
    for _ in range(rounds):
        run = Run([*python, *files], cores)
        theirs.append(run.seconds)
        expected = json.loads(run.out)["ssim_mean"]
        for backend, seconds in ours.items():
            command = [oasis, "eval", "--data", data, "--split", "test", "--backend", backend, "--json", "-q"]
            run = Run([*command, "--bundle", bundle], cores)
            seconds.append(run.seconds)
            found = json.loads(run.out)["ssim"]["mean"]
            if abs(found - expected) > 1e-4:
                sys.exit(f"mean SSIM {found} with {backend}, {expected} in Python")
    for backend, seconds in ours.items():
        table.ratio(f"eval of {len(files)} slices, {backend}", "s", seconds, theirs, 0.5)

    with tempfile.TemporaryDirectory() as folder:
        cold, warm = [], []
        for _ in range(2 * rounds + 1):
            warm.append(Run([*python, files[0], "--out", folder], cores))
            cold.append(Run([oasis, "infer", files[0], "--out", folder, "--bundle", bundle, "-q"], cores))
        seconds = ([run.seconds for run in runs] for runs in (cold, warm))
        table.ratio("cold start on one slice, tract", "s", *seconds, 0.1)
        memory = ([run.mib for run in runs] for runs in (cold, warm))
        table.ratio("peak memory on one slice, tract", "MiB", *memory, 0.25)


def memory(table, oasis, bundle, data, many):
    """Peak memory over many images against that over 100: the test slices again and again, under other names."""
    files = sorted((data / "keras_png_slices_test").iterdir())
    with tempfile.TemporaryDirectory() as folder:
        peaks = {}
        for count in (100, many):
            root = Path(folder) / str(count)
            split = root / "keras_png_slices_test"
            split.mkdir(parents=True)
            for index in range(count):
                file = files[index % len(files)]
                link = split / f"case_{index // 32 + 1:04}_slice_{index % 32}{file.suffix}"
                link.symlink_to(file.resolve())
            for backend in ("tract", "ort"):
                command = [oasis, "eval", "--data", root, "--split", "test", "--backend", backend, "-q"]
                peaks[backend, count] = Run([*command, "--bundle", bundle], os.sched_getaffinity(0)).mib
        for backend in ("tract", "ort"):
            what = f"peak memory of eval over {many} images against 100, {backend}"
            table.difference(what, peaks[backend, many], peaks[backend, 100], 32)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--oasis", type=Path, required=True, help="the release binary")
    parser.add_argument("--bundle", type=Path, default=REPOSITORY / "onnx")
    parser.add_argument("--data", type=Path, help="slices; without them, only the stages are measured")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory-images", type=int, default=11000, help="0 leaves the memory out")
    parser.add_argument("--json", type=Path, help="also write the rows here")
    arguments = parser.parse_args()
    oasis = arguments.oasis.resolve()
    table = Table()
    stages(table, oasis, arguments.bundle, arguments.rounds)
    if arguments.data:
        pipeline(table, oasis, arguments.bundle, arguments.data, max(1, arguments.rounds // 2))
        if arguments.memory_images:
            memory(table, oasis, arguments.bundle, arguments.data, arguments.memory_images)
    else:
        print("not measured without --data: eval, cold start, memory", file=sys.stderr)
    if arguments.json:
        arguments.json.write_text(json.dumps(table.rows, indent=1) + "\n")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""What `oasis` takes to run its bundle, beside Python with the same ONNX Runtime, in one run on one machine.

    python3 -m venv peers && peers/bin/pip install -r tools/peers/requirements.txt
    cargo build --release
    peers/bin/python tools/peers/engines.py --oasis target/release/oasis --data SLICES [--out FILE.json]

Prints a table; exits with 0 whether or not targets are met, with 2 where something could not run.

Ours and theirs take turns, round after round. A ratio is that of ours to theirs in one round; the table has its median
over the rounds, its least and its greatest. Both sides run the files of --bundle. `ort` loads the library that Python
imports. A measurement on T threads has T cores for itself and shares them with nothing of this program. Linux only.
"""

import argparse
import json
import os
import pathlib
import platform
import signal
import sys
import tempfile
from importlib import metadata

import parts
from measure import CouldNotRun, Others, Table, run
from slices import phantoms, test_slices

PARTS = {
    "stages": parts.stages,
    "eval": parts.evaluation,
    "cold": parts.cold_start,
    "memory": parts.memory,
}
PACKAGES = ("onnxruntime", "numpy", "pillow", "scikit-image")
# Made-up subjects where there is no --data, 32 slices each.
SUBJECTS = 18


def arguments():
    bundle = pathlib.Path(__file__).resolve().parents[2] / "onnx"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--oasis", type=pathlib.Path, required=True, help="the release binary")
    parser.add_argument("--bundle", type=pathlib.Path, default=bundle, help="its files run on both sides [onnx/]")
    parser.add_argument("--data", type=pathlib.Path, help="folder with keras_png_slices_test [phantoms]")
    parser.add_argument("--threads", type=counts, default=[1, 2], help="for the stages [1,2]")
    parser.add_argument("--rounds", type=count, default=7, help="of the stages and the cold start [7]")
    parser.add_argument("--runs", type=count, default=10, help="of a stage in a round, timed [10]")
    parser.add_argument("--eval-rounds", type=count, default=3, help="of the evaluation [3]")
    parser.add_argument("--memory-images", type=count, default=11000, help="[11000]")
    parser.add_argument("--skip", action="append", choices=PARTS, default=[], help="a part to leave out; repeatable")
    parser.add_argument("--out", type=writable, help="also write the rows to this JSON file")
    given = parser.parse_args()
    if given.memory_images == 100:
        parser.error("--memory-images: 100 is what they are compared with")
    given.oasis, given.bundle = given.oasis.resolve(), given.bundle.resolve()
    given.cores = len(os.sched_getaffinity(0))
    return given


def count(text):
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def counts(text):
    return [count(part) for part in text.split(",")]


def writable(path):
    try:
        return open(path, "w")
    except OSError as error:
        raise argparse.ArgumentTypeError(error) from error


def machine(given):
    """What the figures are of."""
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        cpu = platform.machine()
    versions = {name: metadata.version(name) for name in PACKAGES}
    versions["python"] = platform.python_version()
    versions["oasis"] = run(given.oasis, "--version").out.split()[-1]
    return {"cpu": cpu, "cores": given.cores, "versions": versions}


def main():
    given = arguments()
    # A plain end, so that temporary folders go.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory() as scratch:
        try:
            report = {"machine": machine(given)}
            of = "--data"
            if given.data is None:
                given.data = phantoms(given.oasis, pathlib.Path(scratch), SUBJECTS)
                of = "phantoms"
            report["slices"] = f"{len(test_slices(given.data))} slices of {of}"
        except (CouldNotRun, metadata.PackageNotFoundError) as error:
            print(f"error: could not run: {error}", file=sys.stderr)
            return 2
        host = report["machine"]
        versions = ", ".join(map(" ".join, host["versions"].items()))
        print(f"{host['cpu']}, {host['cores']} cores. {report['slices']}. {versions}.\n")
        table, disturbance = Table(), {}
        for name, measure in PARTS.items():
            if name in given.skip:
                table.not_measured(name, f"--skip {name}")
                continue
            others = Others()
            try:
                measure(table, given)
            except (CouldNotRun, KeyError, ValueError) as error:
                table.could_not_run(name, error)
            disturbance[name] = others.share()
    shares = ", ".join(f"{name} {share:.0%}" for name, share in disturbance.items())
    print(f"\nOf the cores, other programs took meanwhile: {shares or 'nothing was measured'}.")
    if given.out:
        json.dump({**report, "other_programs": disturbance, "rows": table.rows}, given.out, indent=1)
        given.out.write("\n")
        given.out.close()
    return 2 if table.failed else 0


if __name__ == "__main__":
    sys.exit(main())

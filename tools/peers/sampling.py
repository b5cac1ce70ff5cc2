#!/usr/bin/env python3
"""What drawing a grid of codes takes: `oasis bench sample`, beside PyTorch sampling the same prior on the same cores.

    peers/bin/pip install -r tools/peers/requirements.txt torch==2.15.0
    cargo build --release --features train
    peers/bin/python tools/peers/sampling.py --oasis target/release/oasis [--bundle BUNDLE] [--skip grids]

Three parts, each with its rows of the table:
- `pass`: a pass of the prior by our `ort` and by Python's ONNX Runtime, since passes are the unit of the others;
- `torch`: 1 and 16 grids by our engines, by PyTorch with the obvious cache, and by PyTorch's naive loop, of which a few
  steps are timed and multiplied;
- `grids`: priors over 16x16, 32x32 and 64x64 codes, each trained for a moment on phantoms, and seconds a code.

A ratio is that of ours to theirs within a round; the sides take turns. Exits with 2 where something could not run.
"""

import argparse
import json
import pathlib
import sys
import tempfile

from measure import CouldNotRun, Others, Table, on_cores, run, say, turns

HERE = pathlib.Path(__file__).resolve().parent
BATCHES = (1, 16)
ENGINES = ("tract", "ort")
# Grid: the preset, and settings that give it. The codebook and the net of the prior are the same.
GRIDS = {
    16: ("oasis", ["vqvae.window=[96,80]"]),
    32: ("oasis", []),
    64: ("oasis-hd", []),
}


def sampled(given, engine, batch, bundle):
    command = (given.oasis, "bench", "sample", "--batch", batch, "--backend", engine, "--threads", given.threads)
    report = json.loads(run(*command, "--bundle", bundle, "--json", "-q").out)
    if report["engine"] != engine or report["threads"] != given.threads or report["sample"]["batch"] != batch:
        raise CouldNotRun(f"oasis bench measured something else than {engine}, {given.threads} threads, batch {batch}")
    return report["sample"]


def in_torch(given, batch):
    command = (sys.executable, HERE / "torch_sample.py", given.bundle, "--threads", given.threads, "--batch", batch)
    return json.loads(run(*command).out)


def passes(table, given):
    """A pass of the prior: the same file, threads and batch."""
    ours, theirs = {}, {}
    for number in range(given.rounds):
        say(f"pass, round {number + 1} of {given.rounds}")
        for batch in BATCHES:
            for side in turns(number, ["ort", "python"]):
                if side == "ort":
                    command = (given.oasis, "bench", "--backend", "ort", "--stages", "prior", "--bundle", given.bundle)
                    found = run(*command, "--threads", given.threads, "--batch", batch, "--rounds", 10, "--json", "-q")
                    ours.setdefault(batch, []).append(json.loads(found.out)["stages"]["prior"]["ms_median"])
                else:
                    script = (sys.executable, HERE / "python_bench.py", given.bundle, "prior")
                    found = run(*script, "--threads", given.threads, "--batch", batch, "--runs", 10)
                    theirs.setdefault(batch, []).append(json.loads(found.out)["ms_median"])
    for batch in BATCHES:
        table.ratio(f"a pass, batch {batch}, ort to Python's", "ms", ours[batch], theirs[batch], 1.05)


def torch(table, given):
    """Whole grids, ours and PyTorch's."""
    for batch in BATCHES:
        ours, theirs = {engine: [] for engine in ENGINES}, []
        for number in range(given.rounds):
            say(f"torch, batch {batch}, round {number + 1} of {given.rounds}")
            for side in turns(number, [*ENGINES, "torch"]):
                if side == "torch":
                    theirs.append(in_torch(given, batch))
                else:
                    ours[side].append(sampled(given, side, batch, given.bundle))
        for engine in ENGINES:
            seconds = [sample["seconds"] for sample in ours[engine]]
            unit = [sample["pass_seconds"] for sample in ours[engine]]
            target = 4 if batch == 16 else 20
            table.ratio(f"{batch} grids, {engine}, in passes of its own", "s", seconds, unit, target)
            for way in ("cached", "naive"):
                other = [found[f"{way}_seconds"] for found in theirs]
                table.ratio(f"{batch} grids, {engine} to PyTorch {way}", "s", seconds, other, 1)


def grids(table, given):
    """Seconds a code over grids of different sizes."""
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        data = root / "phantoms"
        run(given.oasis, "data", "phantom", "--subjects", 3, "--out", data, "-q")
        bundles = {}
        for size, (preset, settings) in GRIDS.items():
            say(f"grids: a prior over {size}x{size} codes")
            common = ["--data", data, "--preset", preset, "--epochs", 1, "-q"]
            common += [part for setting in settings for part in ("--set", setting)]
            vqvae, prior, bundles[size] = root / f"vqvae{size}", root / f"prior{size}", root / f"bundle{size}"
            run(given.oasis, "train", "vqvae", "--out", vqvae, *common)
            run(given.oasis, "train", "prior", "--vqvae", vqvae, "--out", prior, "--data", data, "--epochs", 1, "-q")
            run(given.oasis, "export", "--vqvae", vqvae, "--prior", prior, "--out", bundles[size], "-q")
        for engine in ENGINES:
            for batch in BATCHES:
                rates = {size: [] for size in GRIDS}
                for number in range(given.rounds):
                    say(f"grids, {engine}, batch {batch}, round {number + 1} of {given.rounds}")
                    for size in turns(number, list(GRIDS)):
                        found = sampled(given, engine, batch, bundles[size])
                        rates[size].append(1e6 * found["seconds"] / (batch * size * size))
                for size in (16, 64):
                    what = f"{size}x{size} to 32x32, {engine}, {batch} grids"
                    table.ratio(what, "us/code", rates[size], rates[32])


PARTS = {"pass": passes, "torch": torch, "grids": grids}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--oasis", type=pathlib.Path, required=True, help="a release binary; with `train` for `grids`")
    parser.add_argument("--bundle", type=pathlib.Path, default=HERE.parent.parent / "onnx")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--skip", action="append", default=[], choices=PARTS)
    parser.add_argument("--out", type=pathlib.Path, help="the rows as JSON")
    given = parser.parse_args()
    given.oasis = given.oasis.resolve()
    table, shares = Table(), {}
    with on_cores(given.threads):
        for name, part in PARTS.items():
            if name in given.skip:
                table.not_measured(name, "skipped")
                continue
            others = Others()
            try:
                part(table, given)
            except CouldNotRun as why:
                table.could_not_run(name, why)
            shares[name] = others.share()
    print("\nother programs took " + ", ".join(f"{100 * share:.0f}% ({name})" for name, share in shares.items()))
    if given.out:
        given.out.write_text(json.dumps({"rows": table.rows, "others": shares}, indent=1) + "\n")
    sys.exit(2 if table.failed else 0)


if __name__ == "__main__":
    main()

"""The parts of engines.py: each measures one thing, and adds its rows to the table."""

import json
import pathlib
import statistics
import sys
import tempfile

from measure import CouldNotRun, on_cores, run, say, turns
from slices import TEST, many, test_slices

HERE = pathlib.Path(__file__).resolve().parent
STAGES = ("encoder", "quantizer", "decoder", "prior")
BATCHES = (1, 8)


def stages(table, given):
    """Each stage: the same file, threads and batch, in a process of its own on either side."""
    for threads in given.threads:
        count = f"{threads} thread{'s' if threads > 1 else ''}"
        if threads > given.cores:
            table.not_measured(f"stages, {count}", f"this machine lends {given.cores} cores")
            continue
        times = {}
        with on_cores(threads):
            for number in range(given.rounds):
                say(f"stages, {count}, round {number + 1} of {given.rounds}")
                for stage in STAGES:
                    for side in turns(number, ["python", "ort", "tract"]):
                        for batch in BATCHES:
                            taken = one_stage(given, side, stage, threads, batch)
                            times.setdefault((side, stage, batch), []).append(taken / batch)
        for stage in STAGES:
            for batch in BATCHES:
                ours, theirs = times["ort", stage, batch], times["python", stage, batch]
                what = f"{stage}, batch {batch}, {count}, ort"
                table.ratio(what, "ms/image", ours, theirs, 1.05)
        for stage in STAGES:
            best = min(BATCHES, key=lambda batch: statistics.median(times["tract", stage, batch]))
            target = 1.8 if stage in ("encoder", "decoder") else None
            what = f"{stage}, {count}, tract at batch {best} (Python at 1)"
            table.ratio(what, "ms/image", times["tract", stage, best], times["python", stage, 1], target)


def one_stage(given, side, stage, threads, batch):
    """The median milliseconds of a batch."""
    if side == "python":
        script = (sys.executable, HERE / "python_bench.py", given.bundle, stage)
        found = run(*script, "--threads", threads, "--batch", batch, "--runs", given.runs)
        return json.loads(found.out)["ms_median"]
    command = (given.oasis, "bench", "--backend", side, "--bundle", given.bundle, "--stages", stage)
    found = run(*command, "--threads", threads, "--batch", batch, "--rounds", given.runs, "--json")
    report = json.loads(found.out)
    timing = report["stages"][stage]
    if report["engine"] != side or report["threads"] != threads or timing["batch"] != batch:
        raise CouldNotRun(f"oasis bench measured something else than {side}, {threads} threads, batch {batch}")
    return timing["ms_median"]


def evaluation(table, given):
    """A whole evaluation of the test split, on all cores."""
    files = test_slices(given.data)
    seconds = {"python": [], "tract": [], "ort": []}
    ssim = {}
    for number in range(given.eval_rounds):
        say(f"eval, round {number + 1} of {given.eval_rounds}")
        for side in turns(number, list(seconds)):
            if side == "python":
                done = run(sys.executable, HERE / "python_eval.py", given.bundle, given.data / TEST)
                report = json.loads(done.out)
                ssim[side] = report["ssim_mean"]
            else:
                command = (given.oasis, "eval", "--data", given.data, "--split", "test", "--backend", side)
                done = run(*command, "--bundle", given.bundle, "--json", "-q")
                report = json.loads(done.out)
                ssim[side] = report["ssim"]["mean"]
            if report["images"] != len(files):
                raise CouldNotRun(f"{side} scored {report['images']} of {len(files)} slices")
            seconds[side].append(done.seconds)
    for side in ("tract", "ort"):
        table.ratio(f"eval of {len(files)} slices, {side}", "s", seconds[side], seconds["python"], 0.5)
    for side in ("tract", "ort"):
        table.difference(f"mean SSIM of eval, {side}", ssim[side], ssim["python"], 1e-4)


def cold_start(table, given):
    """One slice from a process's start to its end; its files are in the system's cache."""
    file = test_slices(given.data)[0]
    name = f"{file.name.split('.')[0]}.recon.png"
    runs = {"python": [], "tract": []}
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(given.rounds):
            say(f"cold start, round {number + 1} of {given.rounds}")
            for side in turns(number, list(runs)):
                out = pathlib.Path(scratch) / f"{side}{number}"
                if side == "python":
                    done = run(sys.executable, HERE / "python_eval.py", given.bundle, file, "--out", out)
                else:
                    command = (given.oasis, "infer", file, "--out", out, "--backend", side)
                    done = run(*command, "--bundle", given.bundle, "-q")
                if not (out / name).is_file():
                    raise CouldNotRun(f"{side} wrote no {name}")
                runs[side].append(done)
    for what, field, unit, target in (("wall time", "seconds", "s", 0.1), ("peak memory", "mib", "MiB", 0.25)):
        ours, theirs = ([getattr(done, field) for done in runs[side]] for side in ("tract", "python"))
        table.ratio(f"one slice from a cold start, tract, {what}", unit, ours, theirs, target)


def memory(table, given):
    """Peak memory over many images, once, against the median of three runs over few."""
    files = test_slices(given.data)
    few, lots = 100, given.memory_images
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        data = {count: many(files, scratch / f"data{count}", count) for count in {few, lots}}
        for what, backend in (("eval", "tract"), ("eval", "ort"), ("infer", "tract")):
            say(f"memory of {what}, {backend}, over {lots} images and over {few}")
            peaks = {few: [], lots: []}
            for count in (few, lots, few, few):
                with tempfile.TemporaryDirectory(dir=scratch) as out:
                    if what == "eval":
                        where = ("--data", data[count], "--split", "test")
                    else:
                        where = (data[count] / TEST, "--out", out)
                    command = (given.oasis, what, *where, "--backend", backend, "--bundle", given.bundle, "-q")
                    peaks[count].append(run(*command).mib)
            label = f"peak memory of {what} over {lots} images (theirs: over {few}), {backend}"
            table.difference(label, peaks[lots][0], statistics.median(peaks[few]), 32, "MiB")

#!/usr/bin/env python3
"""One stage of a bundle in Python's ONNX Runtime: what `oasis bench --backend ort` does, and as often.

usage: python_bench.py BUNDLE STAGE [--threads N] [--batch N] [--runs N]

Prints `{"ms_median", "onnxruntime"}` as JSON: milliseconds for the whole batch, the median of the runs after three that
are not timed.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np
import onnxruntime

WARM_UP = 3


def inputs(session, batch, manifest):
    """Random values in the range of each input: floats in 0..1, codes below K, conditions that mean anything."""
    random = np.random.default_rng(1)
    feed = {}
    for port in session.get_inputs():
        shape = (batch, *port.shape[1:])
        if port.name == "condition":
            words = manifest["condition"]
            feed[port.name] = np.tile(np.array([words["slice_any"], words["class_any"]]), (batch, 1))
        elif port.type == "tensor(int64)":
            feed[port.name] = random.integers(0, manifest["codebook_size"], shape)
        else:
            feed[port.name] = random.random(shape, dtype=np.float32)
    return feed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("stage")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--runs", type=int, default=10)
    arguments = parser.parse_args()
    manifest = json.loads((arguments.bundle / "bundle.json").read_text())
    path = arguments.bundle / manifest["files"][arguments.stage]["file"]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = arguments.threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed = inputs(session, arguments.batch, manifest)
    seconds = []
    for _ in range(WARM_UP + arguments.runs):
        started = time.perf_counter()
        session.run(None, feed)
        seconds.append(time.perf_counter() - started)
    median = 1e3 * statistics.median(seconds[WARM_UP:])
    print(json.dumps({"ms_median": median, "onnxruntime": onnxruntime.__version__}))


if __name__ == "__main__":
    main()

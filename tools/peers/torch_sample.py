#!/usr/bin/env python3
"""Grids of codes from a PyTorch PixelCNN with the sizes of a bundle's prior; its weights are random.

usage: torch_sample.py BUNDLE [--threads N] [--batch N] [--steps N]

Prints `{"cached_seconds", "naive_seconds", "naive_step_seconds", "torch"}` as JSON. The cache is timed whole, after a
whole grid that is not; of the naive loop `steps` steps are, after three that are not, and multiplied. That the two give
the same logits is checked first.
"""

import argparse
import json
import pathlib
import statistics
import time

import onnx
import torch

from pixelcnn import GatedPixelCnn, cached, naive_steps


def sizes(bundle):
    """Codebook, grid, channels and layers, from the manifest and the shape of a step's state."""
    manifest = json.loads((bundle / "bundle.json").read_text())
    step = onnx.load(bundle / manifest["files"]["prior_step_code"]["file"])
    (left,) = [port for port in step.graph.input if port.name == "left"]
    _, layers, _, channels = [dim.dim_value for dim in left.type.tensor_type.shape.dim]
    return manifest["codebook_size"], tuple(manifest["grid"]), channels, layers


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--steps", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    codebook, grid, channels, layers = sizes(arguments.bundle)
    net = GatedPixelCnn(codebook, grid, channels, layers).eval()
    condition = torch.tensor([[32, 3]] * arguments.batch)

    codes = torch.randint(0, codebook, (1, *grid))
    with torch.inference_mode():
        apart = (cached(net, condition[:1], codes) - net(codes, condition[:1])).abs().max().item()
    assert apart < 1e-4, f"the cache gives logits {apart} from those of a pass"
    cached(net, condition)
    started = time.perf_counter()
    cached(net, condition)
    seconds = time.perf_counter() - started

    codes = torch.zeros(arguments.batch, *grid, dtype=torch.long)
    naive_steps(net, condition, codes, 3)
    steps = []
    for _ in range(arguments.steps):
        started = time.perf_counter()
        naive_steps(net, condition, codes, 1)
        steps.append(time.perf_counter() - started)
    step = statistics.median(steps)
    naive = step * grid[0] * grid[1]
    found = {"cached_seconds": seconds, "naive_seconds": naive, "naive_step_seconds": step, "torch": torch.__version__}
    print(json.dumps(found))


if __name__ == "__main__":
    main()

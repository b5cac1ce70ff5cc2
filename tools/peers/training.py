#!/usr/bin/env python3
"""How fast `oasis train vqvae` goes, beside PyTorch with the same net, loss, batch and threads, in turns.

    peers/bin/pip install torch==2.15.0
    cargo build --release --features train
    peers/bin/python tools/peers/training.py --oasis target/release/oasis [--data SLICES] [--device vulkan]

Prints a row a round and the median ratio of PyTorch's images a second to ours (below 1 where ours is faster). Ours is
timed between the lines that a training prints within an epoch: reading the data, the first tenth, validations and
checkpoints are left out. Without `--data` it draws phantoms. Exits with 2 where something could not run.
"""

import argparse
import json
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
PRESETS = HERE.parent.parent / "src/model/presets"
STEP = re.compile(r"epoch (\d+)/\d+ (\d+)/\d+ loss")
PYTORCH_DEVICE = {"cpu": "cpu", "vulkan": "cuda", "cuda": "cuda"}


class CouldNotRun(Exception):
    """What a measurement needs is not there, or failed."""


def ours(arguments, data, out):
    """Images a second between the lines that a training prints, over so many seconds."""
    command = [arguments.oasis, "train", "vqvae", "--data", data, "--out", out, "--preset", arguments.preset]
    command += ["--device", arguments.device, "--threads", str(arguments.threads), "--epochs", "1000"]
    if arguments.batch:
        command += ["--set", f"vqvae_training.batch={arguments.batch}"]
    words, before, images, seconds = [], None, 0, 0.0
    child = subprocess.Popen([str(part) for part in command], stderr=subprocess.PIPE, text=True)
    begun = time.perf_counter()
    for line in child.stderr:
        words.append(line.strip())
        if match := STEP.search(line):
            now = (int(match[1]), int(match[2]), time.perf_counter())
            # Between two epochs lie a validation and a checkpoint, which do not count.
            if before and before[0] == now[0]:
                images += now[1] - before[1]
                seconds += now[2] - before[2]
            before = now
        if seconds > arguments.seconds or time.perf_counter() - begun > 10 * arguments.seconds:
            child.send_signal(signal.SIGINT)
            break
    child.communicate()
    if images == 0:
        raise CouldNotRun(f"oasis train: exit code {child.returncode}: {' / '.join(words[-2:])}")
    return images / seconds


def theirs(arguments):
    command = [sys.executable, HERE / "torch_train.py", PRESETS / f"{arguments.preset}.toml"]
    command += ["--threads", str(arguments.threads), "--seconds", str(arguments.seconds)]
    command += ["--device", PYTORCH_DEVICE[arguments.device]]
    if arguments.batch:
        command += ["--batch", str(arguments.batch)]
    ran = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if ran.returncode != 0:
        raise CouldNotRun(f"torch_train.py: {ran.stderr.strip().splitlines()[-1:]}")
    return json.loads(ran.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--oasis", type=pathlib.Path, required=True, help="a release binary with `train`")
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--preset", default="oasis")
    parser.add_argument("--device", default="cpu", choices=PYTORCH_DEVICE)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    ratios = []
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        data = arguments.data
        if data is None:
            data = root / "phantoms"
            subprocess.run([arguments.oasis, "data", "phantom", "--subjects", "60", "--out", data, "-q"], check=True)
        for index in range(arguments.rounds):
            us = ours(arguments, data, root / f"run{index}")
            them = theirs(arguments)
            ratios.append(them["images_per_second"] / us)
            print(
                f"oasis {us:.1f} images/s, PyTorch {them['torch']} on {them['device']} "
                f"{them['images_per_second']:.1f} images/s, ratio {ratios[-1]:.2f}",
                flush=True,
            )
    low, high = min(ratios), max(ratios)
    print(f"PyTorch's rate is {statistics.median(ratios):.2f} times ours ({low:.2f} to {high:.2f})")


if __name__ == "__main__":
    try:
        main()
    except (CouldNotRun, OSError, subprocess.CalledProcessError) as why:
        print(f"could not run: {why}", file=sys.stderr)
        sys.exit(2)

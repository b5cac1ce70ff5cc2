#!/usr/bin/env python3
"""The tables of what tools/gpu/ort_cuda measured: python3 summary.py summary.json"""

import json
import sys


def verdict(step):
    result, code = step["result"], step["exit"]
    if code != 0 and not (step["name"] == "parity" and result):
        return f"exit {code}"
    if step["name"] == "parity":
        pair = result["pairs"][0]
        worst = ", ".join(f"{stage} {found['max_abs']:.2g}" for stage, found in pair["stages"].items())
        codes, ssim = pair["codes"], pair["ssim"]
        return (
            f"{'pass' if result['pass'] else 'FAIL'}: {pair['images']} images, SSIM {ssim['max_abs_diff']:.2g} apart, "
            f"{codes['flips']} codes flipped ({codes['unexcused_flips']} unexcused); greatest difference: {worst}"
        )
    if step["name"].startswith("eval"):
        return f"{result['images']} images, mean SSIM {result['ssim']['mean']:.6f}, {result['seconds']:.2f} s"
    if step["name"] == "doctor":
        found = [engine for engine in result["engines"] if engine["name"] == "ort-cuda"]
        return "; ".join(f"{one['info']['library']} {one['info']['version']}" for one in found if one["info"])
    return "done"


def benches(steps):
    """Milliseconds a batch: a row a stage and batch, a column an engine."""
    times = {}
    for step in steps:
        if step["name"].startswith("bench-") and step["exit"] == 0:
            for stage, timing in step["result"]["stages"].items():
                times.setdefault((stage, timing["batch"]), {})[step["result"]["engine"]] = timing
    if times:
        print("\n| stage | batch | ort-cuda, ms (images/s) | ort, ms (images/s) |\n|---|---|---|---|")
    for (stage, batch), by in times.items():
        cells = [
            f"{by[engine]['ms_median']:.3f} ({by[engine]['images_per_second']:.0f})" if engine in by else ""
            for engine in ("ort-cuda", "ort")
        ]
        print(f"| {stage} | {batch} | {' | '.join(cells)} |")


def main():
    with open(sys.argv[1]) as file:
        summary = json.load(file)
    if not summary["ran"]:
        print("ort-cuda could not run there.\n")
    print(f"GPU: {summary['gpu'] or 'none found'}\n\n| step | seconds | |\n|---|---|---|")
    for step in summary["steps"]:
        print(f"| {step['name']} | {step['seconds']} | {verdict(step)} |")
    benches(summary["steps"])


if __name__ == "__main__":
    main()

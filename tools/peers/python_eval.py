#!/usr/bin/env python3
"""The straightforward Python way through a bundle: Pillow, ONNX Runtime, scikit-image, one image at a time.

usage: python_eval.py BUNDLE FILE... [--out DIR]

Prints `{"images", "ssim_mean"}` as JSON; with --out, also writes each reconstruction as a PNG.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image
from skimage.metrics import structural_similarity


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    stages = [
        onnxruntime.InferenceSession(str(arguments.bundle / f"{role}.onnx"), providers=["CPUExecutionProvider"])
        for role in ("encoder", "quantizer", "decoder")
    ]
    scores = []
    for path in arguments.files:
        image = np.asarray(Image.open(path).convert("L"), dtype=np.float32)[None, None] / np.float32(255)
        value = image
        for stage in stages:
            (value,) = stage.run(None, {stage.get_inputs()[0].name: value})
        scores.append(
            structural_similarity(
                image[0, 0],
                value[0, 0],
                gaussian_weights=True,
                sigma=1.5,
                use_sample_covariance=False,
                data_range=1,
            )
        )
        if arguments.out:
            arguments.out.mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray(np.rint(value[0, 0] * 255).astype(np.uint8))
            picture.save(arguments.out / f"{path.stem}.recon.png")
    print(json.dumps({"images": len(scores), "ssim_mean": float(np.mean(scores))}))


if __name__ == "__main__":
    main()

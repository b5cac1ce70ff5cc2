#!/usr/bin/env python3
"""The straightforward Python way through a bundle: Pillow, ONNX Runtime, scikit-image, one image at a time.

usage: python_eval.py BUNDLE INPUT... [--out DIR]

INPUT is an image or a folder of images. Prints `{"images", "ssim_mean"}` as JSON. With --out, also writes each
reconstruction as NAME.recon.png, as large as its input.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image
from skimage.metrics import structural_similarity

SIDE = 256


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("inputs", type=Path, nargs="+")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    stages = [
        onnxruntime.InferenceSession(arguments.bundle / f"{role}.onnx", providers=["CPUExecutionProvider"])
        for role in ("encoder", "quantizer", "decoder")
    ]
    files = [file for path in arguments.inputs for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
    scores = []
    for path in files:
        slice_ = np.asarray(Image.open(path).convert("L"), dtype=np.float32) / np.float32(255)
        height, width = slice_.shape
        top, left = (SIDE - height) // 2, (SIDE - width) // 2
        inside = np.s_[top : top + height, left : left + width]
        image = np.zeros((SIDE, SIDE), np.float32)
        image[inside] = slice_
        value = image[None, None]
        for stage in stages:
            (value,) = stage.run(None, {stage.get_inputs()[0].name: value})
        reconstruction = value[0, 0]
        score = structural_similarity(
            image, reconstruction, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1
        )
        scores.append(score)
        if arguments.out:
            picture = Image.fromarray(np.rint(reconstruction[inside] * 255).astype(np.uint8))
            picture.save(arguments.out / f"{path.name.split('.')[0]}.recon.png")
    print(json.dumps({"images": len(scores), "ssim_mean": float(np.mean(scores))}))


if __name__ == "__main__":
    main()

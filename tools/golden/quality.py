"""Golden values of MS-SSIM and of the distances between sets of features, from pytorch-msssim and SciPy.

    python3 -m venv /tmp/golden
    /tmp/golden/bin/pip install -r tools/golden/requirements.txt
    /tmp/golden/bin/python tools/golden/quality.py > tests/data/quality_golden.json

Images and sets come from integer formulas that tests/data/ssim.rs and tests/data/quality.rs compute too.
"""

import json
import sys

import numpy as np
import pytorch_msssim
import scipy
import torch
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist, pdist

from ssim import noise, pair


def features(count, width, seed, shift, scale):
    """Vectors whose entries hang together: neighbouring columns share a part."""
    y, x = np.mgrid[0:count, 0:width].astype(np.uint64)
    return shift + scale * (noise(x, y, seed) + 0.5 * noise(x >> np.uint64(1), y, seed + 1))


def frechet(a, b):
    covariances = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    apart = ((a.mean(0) - b.mean(0)) ** 2).sum()
    return float(apart + np.trace(covariances[0] + covariances[1] - 2 * sqrtm(covariances[0] @ covariances[1]).real))


def mmd(a, b, width):
    kernel = lambda x, y: np.exp(-cdist(x, y, "sqeuclidean") / (2 * width**2)).mean()
    return float(kernel(a, a) + kernel(b, b) - 2 * kernel(a, b))


def precision(samples, real, k):
    radii = np.sort(cdist(real, real), axis=1)[:, k]
    return float((cdist(samples, real) <= radii).any(axis=1).mean())


def of_sets(count_a, count_b, width, seed, shift, scale):
    a, b = features(count_a, width, seed, shift, scale), features(count_b, width, seed + 10, 0.0, 1.0)
    median = float(np.sort(pdist(b))[len(pdist(b)) // 2])
    return {
        "counts": [count_a, count_b], "width": width, "seed": seed, "shift": shift, "scale": scale,
        "frechet": frechet(a, b), "median": median, "mmd": mmd(a, b, median),
        "precision": precision(a, b, 3), "recall": precision(b, a, 3),
    }


def window():
    """pytorch-msssim's window, whose own has taps in f32, which do not sum to 1."""
    taps = torch.exp(-((torch.arange(11, dtype=torch.float64) - 5) ** 2) / (2 * 1.5**2))
    return (taps / taps.sum())[None, None, None]


def of_images(kind, height, width, seed):
    a, b = (torch.from_numpy(image.astype(np.float64))[None, None] for image in pair(kind, height, width, seed))
    found = pytorch_msssim.ms_ssim(a, b, data_range=1.0, win=window()).item()
    return {"kind": kind, "height": height, "width": width, "seed": seed, "ms_ssim": found}


if __name__ == "__main__":
    golden = {
        "scipy": scipy.__version__,
        "images": [of_images(*case) for case in (("blocks", 256, 256, 2), ("border", 256, 256, 4), ("noise", 192, 208, 1))],
        "sets": [of_sets(*case) for case in ((40, 60, 5, 1, 0.0, 1.0), (80, 80, 12, 2, 0.2, 0.9), (30, 90, 3, 3, 0.1, 1.3))],
    }
    json.dump(golden, sys.stdout, indent=2)
    print()

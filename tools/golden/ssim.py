"""Golden values of SSIM, brain SSIM and PSNR, from scikit-image.

    python3 -m venv /tmp/golden
    /tmp/golden/bin/pip install -r tools/golden/requirements.txt
    /tmp/golden/bin/python tools/golden/ssim.py > tests/data/ssim_golden.json

The images come from integer formulas that tests/data/ssim.rs computes too, so no pixel is stored. tf.image.ssim
(max_val=1, filter_size=11, filter_sigma=1.5, k1=0.01, k2=0.03) has the same definition: a Gaussian window normalised to
1, VALID padding, moments without the sample correction, and the mean over the map.
"""

import json
import sys

import numpy as np
import skimage
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

PAD = 5
BRAIN = np.float32(0.02)


def noise(x, y, seed):
    """Uniform in 0..1 from 16 bits of a hash of 32."""
    mask = np.uint64(0xFFFFFFFF)
    h = (x * np.uint64(73856093)) ^ (y * np.uint64(19349663)) ^ np.uint64(seed * 83492791)
    h &= mask
    h = ((h ^ (h >> np.uint64(13))) * np.uint64(1274126177)) & mask
    h ^= h >> np.uint64(16)
    return (h & np.uint64(0xFFFF)).astype(np.float64) / 65535.0


def pair(kind, height, width, seed):
    y, x = np.mgrid[0:height, 0:width].astype(np.uint64)
    fine, other = noise(x, y, seed), noise(x, y, seed + 1)
    blocks = noise(x >> np.uint64(3), y >> np.uint64(3), seed + 2)
    if kind == "noise":
        a, b = fine, other
    elif kind == "blocks":
        a = blocks
        b = 0.9 * blocks + 0.1 * fine
    elif kind == "shift":
        a = blocks
        b = noise((x + np.uint64(1)) >> np.uint64(3), y >> np.uint64(3), seed + 2)
    elif kind == "border":
        dx = 2 * x.astype(np.int64) - width
        dy = 2 * y.astype(np.int64) - height
        inside = (4 * dx * dx + 3 * dy * dy < height * height * 2).astype(np.float64)
        a = inside * (0.25 + 0.5 * blocks + 0.25 * fine)
        b = inside * (0.25 + 0.5 * blocks + 0.25 * other)
    elif kind == "flat":
        a, b = 0.5 + 0.0 * fine, 0.25 + 0.0 * fine
    elif kind == "negative":
        a, b = fine, 1.0 - fine
    else:
        raise ValueError(kind)
    return a.astype(np.float32), b.astype(np.float32)


def measure(kind, height, width, seed):
    a, b = pair(kind, height, width, seed)
    wide_a, wide_b = a.astype(np.float64), b.astype(np.float64)
    mean, full = structural_similarity(
        wide_a,
        wide_b,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=1.0,
        full=True,
    )
    inner = np.s_[PAD:-PAD, PAD:-PAD]
    return {
        "kind": kind,
        "height": height,
        "width": width,
        "seed": seed,
        "ssim": mean,
        "ssim_brain": full[inner][a[inner] > BRAIN].mean(),
        "corner": full[PAD, PAD],
        "psnr": peak_signal_noise_ratio(wide_a, wide_b, data_range=1.0),
    }


CASES = [
    ("noise", 256, 256, 1),
    ("blocks", 256, 256, 2),
    ("shift", 256, 256, 3),
    ("border", 256, 256, 4),
    ("border", 208, 176, 5),
    ("flat", 32, 32, 6),
    ("negative", 40, 23, 7),
    ("noise", 11, 11, 8),
    ("blocks", 11, 64, 9),
]

if __name__ == "__main__":
    json.dump(
        {"scikit-image": skimage.__version__, "cases": [measure(*case) for case in CASES]},
        sys.stdout,
        indent=2,
    )
    print()

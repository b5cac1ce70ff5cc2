"""Writes volumes in every format, type of number and order of axes, and beside each what nibabel reads from it.

Usage: volumes.py FOLDER. Each volume NAME gets NAME.expected: the axial slices as float64, from the lowest, the foremost row
and the leftmost column first; `volumes.txt` has a line each: file, slices, rows, columns, kept (1 where the axes of the file
are taken as they are).
"""

import itertools
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
from nibabel.orientations import axcodes2ornt, inv_ornt_aff, ornt_transform

folder = Path(sys.argv[1])
random = np.random.default_rng(7)
lines = []


def smooth(shape, dtype):
    """Values that change slowly, as in a scan, over much of the range of the type."""
    grid = np.meshgrid(*[np.linspace(0, 3, size) for size in shape], indexing="ij")
    wave = np.sin(grid[0]) + np.cos(1.3 * grid[1]) + np.sin(0.7 * grid[2] + 1) + 0.01 * random.random(shape)
    wave = (wave - wave.min()) / (wave.max() - wave.min())
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return (wave * 3.7e3).astype(dtype)
    most = min(np.iinfo(dtype).max, 2**62)
    return (wave * 0.9 * most).astype(dtype)


def add(image, path, slices):
    image.to_filename(path)
    kept = isinstance(image, nib.AnalyzeImage) and not isinstance(image, nib.nifti1.Nifti1Pair)
    read = nib.load(path)
    if kept:
        values = np.asarray(read.get_fdata(), dtype=np.float64)
        values = values.transpose(2, 1, 0)
    else:
        values = nib.as_closest_canonical(read).get_fdata()[:, ::-1, :].transpose(2, 1, 0)
    path.with_name(path.name + ".expected").write_bytes(np.ascontiguousarray(values, dtype="<f8").tobytes())
    lines.append(f"{path.name} {values.shape[0]} {values.shape[1]} {values.shape[2]} {int(kept)}")


types = ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]
base = np.array([[1.01, 0.02, -0.03, -20], [-0.02, 0.98, 0.04, -30], [0.03, -0.04, 1.02, -10], [0, 0, 0, 1]])
orders = [
    "".join(codes)
    for axes in itertools.permutations(["RL", "AP", "SI"])
    for codes in itertools.product(*axes)
]
kinds = [(nib.Nifti1Image, ".nii"), (nib.Nifti1Image, ".nii.gz"), (nib.Nifti1Pair, ".hdr"), (nib.Nifti2Image, ".nii"), (nib.Nifti2Image, ".nii.gz"), (nib.Nifti2Pair, ".hdr")]

# All 48 orders of the axes, with formats, types, orders of bytes and scalings in turn.
for index, order in enumerate(orders):
    kind, end = kinds[index % len(kinds)]
    dtype = np.dtype(types[index % len(types)]).newbyteorder("<>"[index // 3 % 2])
    canonical = smooth((11, 13, 7), dtype)
    turn = ornt_transform(axcodes2ornt("RAS"), axcodes2ornt(order))
    data = nib.apply_orientation(canonical, turn)
    affine = base @ inv_ornt_aff(turn, canonical.shape)
    header = kind.header_class(endianness="<>"[index // 3 % 2])
    header.set_data_dtype(dtype)
    image = kind(data.astype(dtype), None, header)
    image.header.set_data_dtype(dtype)
    if index % 2:
        image.set_sform(affine, code=[1, 2, 3, 4][index % 4])
        image.set_qform(np.eye(4), code=0)
    else:
        image.set_sform(None, code=0)
        image.set_qform(affine, code=[1, 2, 3, 4][index % 4])
    if index % 3 == 1:
        image.header.set_slope_inter(0.37, -12.5 if index % 2 else 0)
        image.header["scl_slope"], image.header["scl_inter"] = 0.37, (-12.5 if index % 2 else 0)
    assert "".join(nib.aff2axcodes(affine)) == order
    add(image, folder / f"order_{index:02}_{order}{end}", 7)

# Every type of number in both orders of bytes and every format, a fourth axis of one volume, and Analyze.
for number, (shift, dtype, big) in enumerate(itertools.product([0, 3], types, [False, True])):
    dtype = np.dtype(dtype).newbyteorder(">" if big else "<")
    kind, end = kinds[(number + shift) % len(kinds)]
    shape = (9, 8, 5) + ((1,) if number % 4 == 0 else ())
    data = smooth(shape[:3], dtype).reshape(shape)
    header = kind.header_class(endianness=">" if big else "<")
    header.set_data_dtype(dtype)
    image = kind(data, np.diag([1, 1, 1, 1]), header)
    image.header.set_data_dtype(dtype)
    image.to_filename(folder / f"type_{number:02}{end}")
    path = folder / f"type_{number:02}{end}"
    read = nib.load(path)
    values = np.squeeze(nib.as_closest_canonical(read).get_fdata().reshape(shape[:3]))[:, ::-1, :].transpose(2, 1, 0)
    path.with_name(path.name + ".expected").write_bytes(np.ascontiguousarray(values, dtype="<f8").tobytes())
    lines.append(f"{path.name} {values.shape[0]} {values.shape[1]} {values.shape[2]} 0")

for number, (dtype, big) in enumerate(itertools.product(["u1", "i2", "i4", "f4", "f8"], [False, True])):
    dtype = np.dtype(dtype).newbyteorder(">" if big else "<")
    for kind in (nib.AnalyzeImage, nib.Spm99AnalyzeImage):
        data = smooth((9, 8, 5), dtype)
        header = kind.header_class(endianness=">" if big else "<")
        header.set_data_dtype(dtype)
        image = kind(data, None, header)
        image.header.set_data_dtype(dtype)
        add(image, folder / f"analyze_{number}_{kind.__name__}.hdr", 5)

# As on the discs of OASIS-1, and without any orientation.
header = nib.AnalyzeHeader(endianness=">")
header.set_data_dtype(">i2")
scan = smooth((176, 208, 176), ">i2") // 8
image = nib.AnalyzeImage(scan[..., None].astype(">i2"), None, header)
image.header.set_data_dtype(">i2")
image.to_filename(folder / "disc.hdr")
(folder / "disc.hdr.expected").write_bytes(np.ascontiguousarray(scan.transpose(2, 1, 0), dtype="<f8").tobytes())
lines.append("disc.hdr 176 208 176 1")

(folder / "volumes.txt").write_text("\n".join(lines) + "\n")
print(len(lines))

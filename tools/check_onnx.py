"""Checks a bundle's ONNX files with onnx.checker and runs them with Python's onnxruntime.

usage: python tools/check_onnx.py BUNDLE [BUNDLE...]

Every file must pass onnx.checker with full_check and strict shape inference, run on Python's ONNX
Runtime for batches of 1 and 3, and, where the `oasis` binary is given in OASIS_BIN, agree with what
`oasis encode` and `oasis decode` give on the same image. Exits 1 where anything fails.
"""

import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

import numpy as np
import onnx
import onnxruntime


def load(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    domains = {node.domain for node in model.graph.node}
    assert domains <= {""}, f"operators outside the standard domain: {domains}"
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def check(folder):
    manifest = json.loads((folder / "bundle.json").read_text())
    sessions = {role: load(folder / entry["file"]) for role, entry in manifest["files"].items()}
    height, width = manifest["grid"]
    size = manifest["codebook_size"]
    rng = np.random.default_rng(1)
    for batch in (1, 3):
        image = rng.random((batch, 1, 256, 256), dtype=np.float32)
        (latents,) = sessions["encoder"].run(["latents"], {"image": image})
        assert latents.shape == (batch, manifest["latent_dim"], height, width), latents.shape
        (codes,) = sessions["quantizer"].run(["codes"], {"latents": latents})
        assert codes.dtype == np.int64 and codes.shape == (batch, height, width), codes.shape
        assert 0 <= codes.min() and codes.max() < size
        (again,) = sessions["decoder"].run(["reconstruction"], {"codes": codes})
        assert again.shape == image.shape and 0 <= again.min() and again.max() <= 1
        if "prior" in sessions:
            condition = np.array([[32, 3]] * batch, dtype=np.int64)
            (logits,) = sessions["prior"].run(["logits"], {"codes": codes, "condition": condition})
            assert logits.shape == (batch, size, height, width), logits.shape
            assert causal(sessions["prior"], codes, condition, logits, rng, size)
    return sessions


def causal(prior, codes, condition, logits, rng, size):
    """Whether logits up to a position stay the same when the codes from there on change."""
    height, width = codes.shape[1:]
    row, column = height // 2, width // 3
    changed = codes.reshape(len(codes), -1).copy()
    start = row * width + column
    changed[:, start:] = rng.integers(0, size, changed[:, start:].shape)
    (other,) = prior.run(["logits"], {"codes": changed.reshape(codes.shape), "condition": condition})
    before = slice(0, start + 1)
    a, b = (x.reshape(*x.shape[:2], -1)[..., before] for x in (logits, other))
    return np.allclose(a, b, rtol=0, atol=1e-5)


def agree(folder, sessions, binary):
    """Holds `oasis encode` and `decode` (tract) against Python's onnxruntime on one image."""
    grey = (np.indices((256, 256)).sum(axis=0) // 2).astype(np.uint8)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        (scratch / "ramp.png").write_bytes(png(grey))
        for command in (["encode", scratch / "ramp.png"], ["decode", scratch / "ramp.npy"]):
            subprocess.run([binary, *map(str, command), "--bundle", folder, "--out", scratch, "-q"], check=True,
                           stdout=subprocess.DEVNULL)
        codes = np.load(scratch / "ramp.npy")
    image = (grey.astype(np.float32) / np.float32(255))[None, None]
    (latents,) = sessions["encoder"].run(["latents"], {"image": image})
    (expected,) = sessions["quantizer"].run(["codes"], {"latents": latents})
    share = float((expected[0] == codes).mean())
    assert share >= 0.999, f"only {share:.4%} of the codes agree"
    return share


def png(grey):
    """An 8-bit grey PNG."""
    def chunk(kind, body):
        crc = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)

    rows = b"".join(b"\0" + row.tobytes() for row in grey)
    header = struct.pack(">IIBBBBB", grey.shape[1], grey.shape[0], 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def main():
    folders = [pathlib.Path(argument) for argument in sys.argv[1:]]
    if not folders:
        sys.exit(__doc__)
    for folder in folders:
        sessions = check(folder)
        line = f"{folder}: {', '.join(sessions)} pass onnx.checker {onnx.__version__} and onnxruntime {onnxruntime.__version__}"
        if binary := os.environ.get("OASIS_BIN"):
            line += f"; {agree(folder, sessions, binary):.2%} of the codes of oasis agree"
        print(line)


if __name__ == "__main__":
    main()

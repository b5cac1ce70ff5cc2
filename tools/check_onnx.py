"""Checks a bundle's ONNX files with onnx.checker and runs them with Python's onnxruntime.

usage: python tools/check_onnx.py BUNDLE [BUNDLE...]

Every file must pass onnx.checker with full_check and strict shape inference, and run on Python's ONNX
Runtime for batches of 1 and 3. The prior must be causal, and its steps must give the logits of its pass.
Where the `oasis` binary is given in OASIS_BIN, `oasis encode` and `oasis decode` must give the same on
an image. Exits 1 where anything fails.
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

from check_models import fault


def load(path):
    why = fault(path)
    assert why is None, f"{path}: {why}"
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
            if "prior_step_row" in sessions:
                apart = np.abs(stepped(sessions, codes, condition, size) - logits).max()
                assert apart < 1e-4, f"the prior's steps are {apart} from its pass"
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


def stepped(sessions, codes, condition, size):
    """The prior's logits for codes, by its steps."""
    row, code = sessions["prior_step_row"], sessions["prior_step_code"]
    batch, height, width = codes.shape

    def state(session, name):
        (shape,) = [port.shape for port in session.get_inputs() if port.name == name]
        return np.zeros([batch, *shape[1:]], np.float32)

    (mirrored,) = [port.shape[1] for port in code.get_inputs() if port.name == "mirrored"]
    logits = np.zeros((batch, size, height, width), np.float32)
    above, over = state(row, "above"), np.full((batch, width), size)
    for y in range(height):
        inputs = {"codes": over, "row": np.full(batch, y), "condition": condition, "above": above}
        contexts, above = row.run(["contexts", "next"], inputs)
        over, left, beside = codes[:, y], state(code, "left"), np.full(batch, size)
        for x in range(width):
            around = np.full((batch, mirrored), size)
            for at in range(mirrored if x >= width - width // 2 else 0):
                source = width - 1 - x + mirrored // 2 - at
                if 0 <= source < width // 2:
                    around[:, at] = codes[:, y, source]
            inputs = {"code": beside, "mirrored": around, "context": contexts[:, x], "left": left}
            logits[:, :, y, x], left = code.run(["logits", "next"], inputs)
            beside = codes[:, y, x]
    return logits


def agree(folder, sessions, binary):
    """Holds `oasis encode` and `decode` (tract) against Python's onnxruntime on one image."""
    grey = (np.indices((256, 256)).sum(axis=0) // 2).astype(np.uint8)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        (scratch / "ramp.png").write_bytes(png(grey))
        images = scratch / "images"
        for command, given, out in (("encode", scratch / "ramp.png", scratch), ("decode", scratch / "ramp.npy", images)):
            subprocess.run([binary, command, given, "--bundle", folder, "--out", out, "-q"], check=True,
                           stdout=subprocess.DEVNULL)
        codes = np.load(scratch / "ramp.npy")
        decoded = grey_pixels((images / "ramp.png").read_bytes())
    image = (grey.astype(np.float32) / np.float32(255))[None, None]
    (latents,) = sessions["encoder"].run(["latents"], {"image": image})
    (expected,) = sessions["quantizer"].run(["codes"], {"latents": latents})
    share = float((expected[0] == codes).mean())
    assert share >= 0.999, f"only {share:.4%} of the codes agree"
    (image,) = sessions["decoder"].run(["reconstruction"], {"codes": codes[None]})
    levels = np.abs(np.rint(image[0, 0] * 255) - decoded).max()
    assert levels <= 1, f"decoded images are {levels} grey levels apart"
    return share


def grey_pixels(data):
    """The pixels of an 8-bit grey PNG without interlacing."""
    at, body = 8, b""
    while at < len(data):
        (size,), kind = struct.unpack(">I", data[at:at + 4]), data[at + 4:at + 8]
        content = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", content)
            assert (depth, colour, interlace) == (8, 0, 0)
        body += content if kind == b"IDAT" else b""
        at += 12 + size
    raw = np.frombuffer(zlib.decompress(body), np.uint8).reshape(height, width + 1)
    rows = np.zeros((height + 1, width + 1), np.int64)
    for y in range(height):
        for x in range(width):
            left, above, corner = rows[y + 1, x], rows[y, x + 1], rows[y, x]
            guess = left + above - corner
            paeth = min((left, above, corner), key=lambda value: abs(guess - value))
            rows[y + 1, x + 1] = (raw[y, x + 1] + (0, left, above, (left + above) // 2, paeth)[raw[y, 0]]) % 256
    return rows[1:, 1:]


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

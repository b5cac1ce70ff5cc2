"""The networks of tests/export/networks in PyTorch, and how many ONNX nodes its two exporters make of them.

Layer for layer what the Rust files build, at the same sizes and in eval mode, with a dynamic batch and opset 18.

    python tools/peers/networks.py [--json counts.json] [--keep folder] [--only name ...]

Needs torch, onnx and onnxscript. "nodes" counts the nodes of the graph with those of its subgraphs, and a call of a
model-local function as the nodes of its body; "constants" says how many of them are Constant.
"""

import argparse
import io
import json
import math
import pathlib
import platform
import sys
import warnings
from collections import Counter

import onnx
import torch
import torch.nn.functional as F
from torch import nn

from pixelcnn import GatedPixelCnn
from vqvae import Vqvae

OPSET = 18


def conv_norm(channels_in, channels_out, kernel, stride=1, groups=1):
    """A square convolution without bias, padded by half its kernel, and batch normalisation."""
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(channels_out),
    )


class BasicBlock(nn.Module):
    def __init__(self, channels_in, channels_out, stride):
        super().__init__()
        self.enter = conv_norm(channels_in, channels_out, 3, stride)
        self.leave = conv_norm(channels_out, channels_out, 3)
        changes = stride != 1 or channels_in != channels_out
        self.shortcut = conv_norm(channels_in, channels_out, 1, stride) if changes else nn.Identity()

    def forward(self, x):
        return F.relu(self.leave(F.relu(self.enter(x))) + self.shortcut(x))


class ResNet18(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.stem = conv_norm(3, 64, 7, 2)
        self.pool = nn.MaxPool2d(3, 2, 1)
        blocks, channels = [], 64
        for stage, width in enumerate([64, 128, 256, 512]):
            blocks += [BasicBlock(channels, width, 1 if stage == 0 else 2), BasicBlock(width, width, 1)]
            channels = width
        self.blocks = nn.Sequential(*blocks)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(channels, classes)

    def forward(self, image):
        x = self.blocks(self.pool(F.relu(self.stem(image))))
        return self.head(self.average(x).flatten(1))


class DoubleConv(nn.Module):
    def __init__(self, channels_in, channels_out):
        super().__init__()
        self.first = conv_norm(channels_in, channels_out, 3)
        self.second = conv_norm(channels_out, channels_out, 3)

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x))))


class UpLevel(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.widen = nn.ConvTranspose2d(2 * width, width, 2, 2)
        self.merge = DoubleConv(2 * width, width)

    def forward(self, x, skip):
        return self.merge(torch.cat([skip, self.widen(x)], 1))


class UNet(nn.Module):
    def __init__(self, channels, classes, widths):
        super().__init__()
        self.down = nn.ModuleList(DoubleConv(a, b) for a, b in zip([channels, *widths], widths))
        self.pool = nn.MaxPool2d(2)
        self.bottom = DoubleConv(widths[-1], 2 * widths[-1])
        self.up = nn.ModuleList(UpLevel(width) for width in reversed(widths))
        self.head = nn.Conv2d(widths[0], classes, 1)

    def forward(self, image):
        x, skips = image, []
        for level in self.down:
            x = level(x)
            skips.append(x)
            x = self.pool(x)
        x = self.bottom(x)
        for level in self.up:
            x = level(x, skips.pop())
        return self.head(x)


class InvertedResidual(nn.Module):
    def __init__(self, channels_in, channels_out, stride, expansion):
        super().__init__()
        hidden = channels_in * expansion
        self.expand = conv_norm(channels_in, hidden, 1) if expansion != 1 else None
        self.depthwise = conv_norm(hidden, hidden, 3, stride, hidden)
        self.project = conv_norm(hidden, channels_out, 1)
        self.residual = stride == 1 and channels_in == channels_out

    def forward(self, x):
        y = x if self.expand is None else self.expand(x).clamp(0, 6)
        y = self.project(self.depthwise(y).clamp(0, 6))
        return x + y if self.residual else y


class MobileNet(nn.Module):
    STAGES = [(1, 8, 1, 1), (6, 12, 2, 2), (6, 16, 3, 2), (6, 24, 2, 1), (6, 40, 1, 2)]

    def __init__(self, classes):
        super().__init__()
        self.stem = conv_norm(3, 16, 3, 2)
        blocks, channels = [], 16
        for expansion, width, repeats, stride in self.STAGES:
            for index in range(repeats):
                blocks.append(InvertedResidual(channels, width, stride if index == 0 else 1, expansion))
                channels = width
        self.blocks = nn.Sequential(*blocks)
        self.last = conv_norm(channels, 128, 1)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(128, classes)

    def forward(self, image):
        x = self.blocks(self.stem(image).clamp(0, 6))
        return self.head(self.average(self.last(x).clamp(0, 6)).flatten(1))


class LstmClassifier(nn.Module):
    def __init__(self, features, hidden, classes):
        super().__init__()
        self.lstm = nn.LSTM(features, hidden, batch_first=True)
        self.head = nn.Linear(hidden, classes)

    def forward(self, sequence):
        _, (hidden, _) = self.lstm(sequence)
        return self.head(hidden[0])


class GruClassifier(nn.Module):
    def __init__(self, features, hidden, classes):
        super().__init__()
        self.gru = nn.GRU(features, hidden, batch_first=True)
        self.head = nn.Linear(hidden, classes)

    def forward(self, sequence):
        states, _ = self.gru(sequence)
        return self.head(states[:, -1])


class TextClassifier(nn.Module):
    def __init__(self, vocabulary, longest, width, heads, layers, classes):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.places = nn.Embedding(longest, width)
        layer = nn.TransformerEncoderLayer(width, heads, 2 * width, activation="gelu", batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.head = nn.Linear(width, classes)

    def forward(self, tokens, padding):
        places = torch.arange(tokens.shape[1], device=tokens.device)
        x = self.tokens(tokens) + self.places(places)
        return self.head(self.encoder(x, src_key_padding_mask=padding)[:, 0])


class VitBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm_attention = nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.norm_mlp = nn.LayerNorm(width)
        self.widen = nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)

    def forward(self, x):
        y = self.norm_attention(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        return x + self.narrow(F.gelu(self.widen(self.norm_mlp(x))))


class Vit(nn.Module):
    def __init__(self, size, patch, width, heads, blocks, classes):
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.class_token = nn.Parameter(0.02 * torch.randn(1, 1, width))
        self.places = nn.Parameter(0.02 * torch.randn(1, (size // patch) ** 2 + 1, width))
        self.blocks = nn.Sequential(*(VitBlock(width, heads) for _ in range(blocks)))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)

    def forward(self, image):
        x = self.patches(image).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_token.expand(x.shape[0], -1, -1), x], 1) + self.places
        return self.head(self.norm(self.blocks(x))[:, 0])


class SmallVqvae(Vqvae):
    """Image to codes and reconstruction, in one graph."""

    FRAME = 256
    CONFIG = {
        "window": (60, 60), "patch": (3, 5), "stride": (2, 1), "channels": (16, 32), "blocks": 2, "latent_dim": 8,
        "codebook_size": 32,
    }

    def __init__(self):
        super().__init__(self.CONFIG)
        self.codebook = nn.Parameter(torch.rand(self.CONFIG["codebook_size"], self.CONFIG["latent_dim"]) - 0.5)

    def forward(self, image):
        latents = self.encode(image)
        batch, dim, height, width = latents.shape
        codes = self.nearest(latents.permute(0, 2, 3, 1).reshape(-1, dim)).reshape(batch, height, width)
        window = self.decode(F.embedding(codes, self.codebook).permute(0, 3, 1, 2)).clamp(0, 1)
        rows, columns = self.window
        top, left = (self.FRAME - rows) // 2, (self.FRAME - columns) // 2
        return codes, F.pad(window, (left, self.FRAME - columns - left, top, self.FRAME - rows - top))


def images(channels, size):
    return {"image": torch.rand(2, channels, size, size)}


def text():
    padding = torch.arange(9).repeat(2, 1) >= torch.tensor([[9], [6]])
    return {"tokens": torch.randint(0, 50, (2, 9)), "padding": padding}


def sequence():
    return {"sequence": torch.randn(2, 12, 8)}


def pixelcnn_inputs():
    return {"codes": torch.randint(0, 32, (2, 10, 12)), "condition": torch.randint(0, 4, (2, 2))}


def transformer():
    return TextClassifier(vocabulary=50, longest=64, width=32, heads=4, layers=2, classes=5)


# Name: how to make the net, its sample inputs, axes besides the batch that are dynamic.
NETWORKS = {
    "resnet18": (lambda: ResNet18(1000), lambda: images(3, 64), {}),
    "unet": (lambda: UNet(1, 2, [8, 16, 32]), lambda: images(1, 32), {}),
    "mobilenet": (lambda: MobileNet(10), lambda: images(3, 64), {}),
    "lstm": (lambda: LstmClassifier(8, 16, 5), sequence, {}),
    "gru": (lambda: GruClassifier(8, 16, 5), sequence, {}),
    "transformer": (transformer, text, {}),
    "transformer_time": (transformer, text, {1: "time"}),
    "vit": (lambda: Vit(32, 8, 48, 4, 3, 10), lambda: images(3, 32), {}),
    "vqvae": (SmallVqvae, lambda: images(1, 64), {}),
    "pixelcnn": (lambda: GatedPixelCnn(32, (10, 12), 16, 3), pixelcnn_inputs, {}),
}


@torch.no_grad()
def seed(net):
    """Weights and statistics as tests/export/networks/seeded.rs spreads them (other numbers, same sizes)."""
    for module in net.modules():
        for name, tensor in [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]:
            if not tensor.is_floating_point():
                continue
            centre, spread = 0.0, 0.5
            if "bias" in name:
                spread = 0.1
            elif name == "running_mean":
                spread = 0.2
            elif name == "running_var":
                centre, spread = 1.0, 0.5
            elif isinstance(module, (nn.BatchNorm2d, nn.LayerNorm)):
                centre, spread = 1.0, 0.25
            elif isinstance(module, nn.Embedding):
                spread = 1.0
            elif isinstance(module, nn.ConvTranspose2d):
                spread = math.sqrt(3 / tensor.shape[0])
            elif isinstance(module, nn.Conv2d):
                spread = math.sqrt(3.6 / tensor[0].numel())
            elif "weight" in name:
                spread = math.sqrt(3 / tensor.shape[1])
            tensor.uniform_(centre - spread, centre + spread)


def count(nodes, functions, found):
    """Adds the operators of nodes to found, those of subgraphs and of called functions too."""
    for node in nodes:
        body = functions.get((node.domain, node.op_type))
        if body is not None:
            count(body.node, functions, found)
            continue
        found[node.op_type] += 1
        for attribute in node.attribute:
            for graph in [attribute.g, *attribute.graphs]:
                count(graph.node, functions, found)


def operators(model):
    found = Counter()
    count(model.graph.node, {(f.domain, f.name): f for f in model.functions}, found)
    return found


def export(net, inputs, extra, dynamo):
    """The ONNX model that torch makes of a net."""
    names = list(inputs)
    axes = {0: "batch", **extra}
    where = {name: dict(axes) for name in names}
    file = io.BytesIO()
    if dynamo:
        program = torch.onnx.export(
            net, tuple(inputs.values()), input_names=names, opset_version=OPSET, dynamo=True, optimize=True,
            dynamic_shapes=tuple(where.values()), verbose=False,
        )
        return program.model_proto
    torch.onnx.export(
        net, tuple(inputs.values()), file, input_names=names, opset_version=OPSET, dynamo=False, dynamic_axes=where
    )
    return onnx.load_from_string(file.getvalue())


def measure(name, keep):
    make, sample, extra = NETWORKS[name]
    torch.manual_seed(0)
    net = make().eval()
    seed(net)
    inputs = sample()
    with torch.no_grad():
        results = net(*inputs.values())
    results = results if isinstance(results, tuple) else (results,)
    row = {
        "parameters": sum(tensor.numel() for tensor in net.parameters()),
        "outputs": [
            {"shape": list(r.shape), "least": float(r.min()), "greatest": float(r.max())} for r in results
        ],
    }
    for key, dynamo in [("dynamo", True), ("torchscript", False)]:
        try:
            model = export(net, inputs, extra, dynamo)
        except Exception as error:  # whatever an exporter raises is the result
            row[key] = {"error": f"{type(error).__name__}: {error}".splitlines()[0][:300]}
            continue
        if keep:
            onnx.save(model, keep / f"{name}.{key}.onnx")
        found = operators(model)
        opsets = {entry.domain: entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")}
        row[key] = {
            "nodes": sum(found.values()),
            "constants": found["Constant"],
            "functions": len(model.functions),
            "opset": next(iter(opsets.values()), None),
            "operators": dict(sorted(found.items())),
        }
    return row


def cell(result):
    return "failed" if "error" in result else f"{result['nodes']} ({result['constants']})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=pathlib.Path, help="write everything that was counted here")
    parser.add_argument("--keep", type=pathlib.Path, help="write the models into this folder")
    parser.add_argument("--only", nargs="+", choices=list(NETWORKS), default=list(NETWORKS))
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.backends.mha.set_fastpath_enabled(False)
    warnings.filterwarnings("ignore")
    if args.keep:
        args.keep.mkdir(parents=True, exist_ok=True)
    rows = {}
    print("| network | dynamo, nodes (Constant) | TorchScript, nodes (Constant) |\n| --- | ---: | ---: |", flush=True)
    for name in args.only:
        rows[name] = measure(name, args.keep)
        print(f"| {name} | {cell(rows[name]['dynamo'])} | {cell(rows[name]['torchscript'])} |", flush=True)
    versions = {"python": platform.python_version(), "torch": torch.__version__, "onnx": onnx.__version__}
    try:
        import onnxscript

        versions["onnxscript"] = onnxscript.__version__
    except ImportError:
        pass
    if args.json:
        args.json.write_text(json.dumps({"opset": OPSET, "versions": versions, "networks": rows}, indent=1) + "\n")
    print(versions, file=sys.stderr)


if __name__ == "__main__":
    main()

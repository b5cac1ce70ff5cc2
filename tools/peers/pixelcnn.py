"""The gated PixelCNN of src/model/gated.rs in PyTorch, and two ways of sampling it: naively, a pass of the whole net a
code, and with the obvious cache, in which every layer keeps what later rows and columns need of its inputs."""

import torch
import torch.nn.functional as F
from torch import nn

DILATIONS = [1, 2, 4, 8]
MIRRORED = 5


def gate(x):
    a, b = x.chunk(2, 1)
    return torch.tanh(a) * torch.sigmoid(b)


class GatedLayer(nn.Module):
    def __init__(self, channels, dilation):
        super().__init__()
        self.dilation = dilation
        self.vertical = nn.Conv2d(channels, 2 * channels, (2, 3), dilation=dilation)
        self.vertical_out = nn.Conv2d(channels, channels, 1)
        self.across = nn.Conv2d(2 * channels, 2 * channels, 1)
        self.horizontal = nn.Conv2d(channels, 2 * channels, (1, 2), dilation=dilation)
        self.horizontal_out = nn.Conv2d(channels, channels, 1)
        self.steer = nn.Linear(channels, 4 * channels, bias=False)

    def steers(self, steer):
        return self.steer(steer)[:, :, None, None].chunk(2, 1)

    def forward(self, vertical, horizontal, steer):
        d = self.dilation
        for_vertical, for_horizontal = self.steers(steer)
        above = self.vertical(F.pad(vertical, (d, d, d, 0)))
        beside = self.horizontal(F.pad(horizontal, (d, 0, 0, 0))) + self.across(above)
        above, beside = gate(above + for_vertical), gate(beside + for_horizontal)
        return vertical + self.vertical_out(above), horizontal + self.horizontal_out(beside)


class GatedPixelCnn(nn.Module):
    def __init__(self, codebook, grid, channels, layers):
        super().__init__()
        self.grid = grid
        self.codes = nn.Embedding(codebook, channels)
        self.place = nn.Parameter(0.1 * torch.randn(1, channels, *grid))
        self.position = nn.Embedding(33, channels)
        self.kind = nn.Embedding(4, channels)
        mirror = {"kernel_size": (1, MIRRORED), "padding": (0, MIRRORED // 2), "bias": False}
        self.mirror_above = nn.Conv2d(channels, channels, **mirror)
        self.mirror_left = nn.Conv2d(channels, channels, **mirror)
        self.layers = nn.ModuleList(GatedLayer(channels, DILATIONS[i % 4]) for i in range(layers))
        self.head = nn.Conv2d(channels, 2 * channels, 1)
        self.logits = nn.Conv2d(2 * channels, codebook, 1)

    def steers(self, condition):
        return self.position(condition[:, 0]) + self.kind(condition[:, 1])

    def forward(self, codes, condition):
        _, rows, columns = codes.shape
        x = self.codes(codes).permute(0, 3, 1, 2)
        steer = self.steers(condition)
        above = F.pad(x, (0, 0, 1, 0))[:, :, :rows]
        beside = F.pad(x, (1, 0, 0, 0))[:, :, :, :columns]
        mirrored = self.mirror_left(x[:, :, :, : columns // 2].flip(3))
        mirrored = F.pad(mirrored, (columns - columns // 2, 0, 0, 0))
        vertical = self.mirror_above(above.flip(3)) + above + self.place
        horizontal = mirrored + beside + self.place
        for layer in self.layers:
            vertical, horizontal = layer(vertical, horizontal, steer)
        return self.logits(F.relu(self.head(F.relu(horizontal + self.place))))


def draw(logits):
    """A code for each row of logits."""
    return torch.multinomial(logits.softmax(1), 1)[:, 0]


@torch.inference_mode()
def naive_steps(net, condition, codes, steps):
    """The first `steps` codes of every grid of `codes`, each from a pass of the whole net."""
    columns = codes.shape[2]
    for at in range(steps):
        row, column = divmod(at, columns)
        codes[:, row, column] = draw(net(codes, condition)[:, :, row, column])
    return codes


@torch.inference_mode()
def cached(net, condition, codes=None):
    """New grids, a row of the vertical stack and a code of the horizontal stack at a time.

    Where `codes` are given nothing is drawn, and the logits of these codes come back instead.
    """
    batch, (rows, columns) = len(condition), net.grid
    channels = net.place.shape[1]
    steers = [layer.steers(net.steers(condition)) for layer in net.layers]
    drawn = torch.zeros(batch, rows, columns, dtype=torch.long) if codes is None else codes
    told = []
    above = [torch.zeros(batch, channels, layer.dilation, columns) for layer in net.layers]
    for row in range(rows):
        over = net.codes(drawn[:, row - 1 : row]).permute(0, 3, 1, 2) if row else torch.zeros(batch, channels, 1, columns)
        place = net.place[:, :, row : row + 1]
        vertical, contexts = net.mirror_above(over.flip(3)) + over + place, []
        for index, layer in enumerate(net.layers):
            d = layer.dilation
            window = torch.cat([above[index], vertical], 2)
            above[index] = window[:, :, 1:]
            seen = layer.vertical(F.pad(window, (d, d)))
            contexts.append(layer.across(seen) + steers[index][1])
            vertical = vertical + layer.vertical_out(gate(seen + steers[index][0]))
        left = [torch.zeros(batch, channels, 1, layer.dilation) for layer in net.layers]
        mirrored = torch.zeros(batch, channels, 1, columns)
        half = columns // 2
        for column in range(columns):
            if column == columns - half:
                known = net.codes(drawn[:, row : row + 1, :half]).permute(0, 3, 1, 2)
                mirrored[:, :, :, column:] = net.mirror_left(known.flip(3))
            horizontal = mirrored[:, :, :, column : column + 1] + place[:, :, :, column : column + 1]
            if column:
                horizontal = horizontal + net.codes(drawn[:, row, column - 1])[:, :, None, None]
            for index, layer in enumerate(net.layers):
                window = torch.cat([left[index], horizontal], 3)
                left[index] = window[:, :, :, 1:]
                beside = layer.horizontal(window) + contexts[index][:, :, :, column : column + 1]
                horizontal = horizontal + layer.horizontal_out(gate(beside))
            head = net.head(F.relu(horizontal + place[:, :, :, column : column + 1]))
            logits = net.logits(F.relu(head))[:, :, 0, 0]
            if codes is None:
                drawn[:, row, column] = draw(logits)
            else:
                told.append(logits)
    return drawn if codes is None else torch.stack(told, 2).reshape(batch, -1, rows, columns)

"""The VQ-VAE of src/model/{encoder,quantizer,decoder}.rs in PyTorch, for net `oasis`; needs torch alone."""

import torch
import torch.nn.functional as F
from torch import nn


class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.wide = nn.Conv2d(channels, channels // 2, 3, padding=1)
        self.narrow = nn.Conv2d(channels // 2, channels, 1)

    def forward(self, x):
        return x + self.narrow(F.relu(self.wide(F.relu(x))))


def spread(x, rows, columns):
    """Depth to space with blocks that need not be square."""
    batch, depth, height, width = x.shape
    channels = depth // (rows * columns)
    x = x.reshape(batch, channels, rows, columns, height, width).permute(0, 1, 4, 2, 5, 3)
    return x.reshape(batch, channels, height * rows, width * columns)


class Vqvae(nn.Module):
    """A `[vqvae]` section of a preset; the codebook `[K, D]` is for the subclass to hold."""

    def __init__(self, config):
        super().__init__()
        outer, inner = config["channels"]
        (rows, columns), (tall, wide) = config["patch"], config["stride"]
        latent, blocks = config["latent_dim"], config["blocks"]
        self.window, self.patch, self.stride = config["window"], (rows, columns), (tall, wide)
        self.down = nn.ModuleList(
            [
                nn.Conv2d(1, outer, self.patch, self.patch),
                nn.Conv2d(outer, inner, (tall + 2, wide + 2), self.stride, 1),
            ]
        )
        self.encoder = nn.Sequential(*(ResidualBlock(inner) for _ in range(blocks)))
        self.project = nn.Conv2d(inner, latent, 1)
        self.enter = nn.Conv2d(latent, inner, 3, padding=1)
        self.decoder = nn.Sequential(*(ResidualBlock(inner) for _ in range(blocks)))
        self.widen = nn.Conv2d(inner, outer * tall * wide, 3, padding=1)
        self.paint = nn.Conv2d(outer, rows * columns, 3, padding=1)

    def encode(self, image):
        """Images to latents; of an image larger than the window, its centre."""
        _, _, height, width = image.shape
        rows, columns = self.window
        top, left = (height - rows) // 2, (width - columns) // 2
        x = image[:, :, top : top + rows, left : left + columns]
        for conv in self.down:
            x = F.relu(conv(x))
        latents = self.project(self.encoder(x))
        return latents / (latents.pow(2).mean(1, keepdim=True) + 1e-6).sqrt()

    def nearest(self, flat):
        """Latents `[n, D]` to codes `[n]`."""
        return (flat @ (self.codebook * -2.0).T + self.codebook.pow(2).sum(1)).argmin(1)

    def decode(self, latents):
        """Quantized latents to the window, not clipped."""
        x = self.decoder(self.enter(latents))
        x = F.relu(spread(self.widen(F.relu(x)), *self.stride))
        return spread(self.paint(x), *self.patch)

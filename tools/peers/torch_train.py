#!/usr/bin/env python3
"""The VQ-VAE of a preset in PyTorch, trained for a while: the same layers, loss, codebook and optimiser as `oasis train`.

usage: torch_train.py PRESET.toml [--threads N] [--device cpu|cuda] [--seconds S] [--batch N]

Trains on random images, since the work does not depend on what they show, for S seconds after ten steps that are not
timed. Prints `{"images_per_second", "torch", "device"}` as JSON.
"""

import argparse
import json
import time
import tomllib

import torch
import torch.nn.functional as F

from vqvae import Vqvae

WARM_UP = 10
DEAD_BELOW, REVIVED_AT = 1 / 32, 1 / 8


class Trained(Vqvae):
    """With the codebook's moving averages, and the forward pass of a training step."""

    def __init__(self, config):
        super().__init__(config)
        dim, size = config["latent_dim"], config["codebook_size"]
        self.config = config
        self.register_buffer("codebook", torch.rand(size, dim) * 0.1 - 0.05)
        self.register_buffer("counts", torch.zeros(size))
        self.register_buffer("sums", torch.zeros(size, dim))

    def forward(self, images):
        latents = self.encode(images)
        batch, dim, height, width = latents.shape
        flat = latents.detach().permute(0, 2, 3, 1).reshape(-1, dim)
        codes = self.nearest(flat)
        quantized = self.codebook[codes].reshape(batch, height, width, dim).permute(0, 3, 1, 2)
        painted = self.decode(latents + (quantized - latents).detach())
        return painted, F.mse_loss(latents, quantized) * self.config["commitment"], flat, codes

    @torch.no_grad()
    def average(self, flat, codes, step):
        size, decay = len(self.counts), self.config["decay"]
        uses = torch.zeros(size, device=flat.device).index_add_(0, codes, torch.ones_like(codes, dtype=flat.dtype))
        totals = torch.zeros_like(self.sums).index_add_(0, codes, flat)
        self.counts.mul_(decay).add_(uses, alpha=1 - decay)
        self.sums.mul_(decay).add_(totals, alpha=1 - decay)
        fresh = self.sums / self.counts.clamp_min(1e-5)[:, None]
        self.codebook.copy_(torch.where(self.counts[:, None] < 1e-5, self.codebook, fresh))
        if step % self.config["revive_every"] == 0:
            mean = len(flat) / size
            dead = self.counts < DEAD_BELOW * mean
            picks = flat[torch.randint(len(flat), (size,), device=flat.device)]
            self.codebook.copy_(torch.where(dead[:, None], picks, self.codebook))
            self.sums.copy_(torch.where(dead[:, None], picks * REVIVED_AT * mean, self.sums))
            self.counts.copy_(self.counts.masked_fill(dead, REVIVED_AT * mean))


def ssim(a, b, window):
    """Mean SSIM (Wang et al. 2004) over valid windows."""

    def blur(x):
        return F.conv2d(F.conv2d(x, window.reshape(1, 1, -1, 1)), window.reshape(1, 1, 1, -1))

    mean_a, mean_b = blur(a), blur(b)
    variances = blur(a * a + b * b) - mean_a * mean_a - mean_b * mean_b
    covariance = blur(a * b) - mean_a * mean_b
    top = (2 * mean_a * mean_b + 1e-4) * (2 * covariance + 9e-4)
    return (top / ((mean_a * mean_a + mean_b * mean_b + 1e-4) * (variances + 9e-4))).mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preset", type=argparse.FileType("rb"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--batch", type=int)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    preset = tomllib.load(arguments.preset)
    training = preset["vqvae_training"]
    device = torch.device(arguments.device)
    torch.manual_seed(1)
    model = Trained(preset["vqvae"]).to(device)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=training["learning_rate"], weight_decay=training["weight_decay"]
    )
    taps = torch.exp(-((torch.arange(11, dtype=torch.float32) - 5) ** 2) / (2 * 1.5**2))
    window = (taps / taps.sum()).to(device)
    batch = arguments.batch or training["batch"]
    images = torch.rand(batch, 1, *preset["vqvae"]["window"], device=device)
    step, started = 0, 0.0
    while True:
        if step == WARM_UP:
            if device.type == "cuda":
                torch.cuda.synchronize()
            started = time.perf_counter()
        painted, commitment, flat, codes = model(images)
        similarity = ssim(painted, images, window)
        loss = (painted - images).abs().mean() + training["ssim_weight"] * (1 - similarity) + commitment
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        model.average(flat, codes, step)
        step += 1
        if step > WARM_UP and step % 8 == 0:
            loss.item()
            seconds = time.perf_counter() - started
            if seconds > arguments.seconds:
                break
    rate = batch * (step - WARM_UP) / seconds
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    print(json.dumps({"images_per_second": rate, "torch": torch.__version__, "device": name}))


if __name__ == "__main__":
    main()

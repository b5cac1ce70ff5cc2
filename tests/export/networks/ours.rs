//! This project's own nets, small: the VQ-VAE (van den Oord et al. 2017, <https://arxiv.org/abs/1711.00937>) and the
//! gated PixelCNN (van den Oord et al. 2016, <https://arxiv.org/abs/1606.05328>).

use burn::tensor::{Device, Int, Tensor};
use oasis::export::Exported;
use oasis::model::condition::CLASSES;
use oasis::model::{Preset, Prior, Vqvae};

use super::batched;
use super::seeded::seeded;

/// The preset `oasis` with few channels, codewords and layers.
fn preset() -> Preset {
    let small = [
        "vqvae.window=[60, 60]",
        "vqvae.channels=[16, 32]",
        "vqvae.latent_dim=8",
        "vqvae.codebook_size=32",
        "prior.channels=16",
        "prior.layers=3",
    ];
    Preset::named("oasis", &small.map(str::to_owned)).expect("a small preset")
}

/// Encoder, quantizer and decoder in one graph: an image of 64x64 pixels to its codes and its reconstruction.
pub fn export_vqvae() -> Exported {
    let device = Device::flex();
    let net = seeded(Vqvae::new(&preset().vqvae, &device));
    batched("vqvae", &["image"], &["codes", "reconstruction"])
        .export(&net, Tensor::<4>::zeros([1, 1, 64, 64], &device), |net, image| {
            let codes = net.encode(image);
            (codes.clone(), net.decode(codes))
        })
        .expect("a VQ-VAE")
}

/// The prior over a full grid of codes.
pub fn export_pixelcnn() -> Exported {
    let device = Device::flex();
    let preset = preset();
    let net = seeded(Prior::new(&preset.prior, &preset.vqvae, &device));
    let [height, width] = preset.vqvae.grid();
    let codes = Tensor::<3, Int>::zeros([1, height, width], &device);
    let condition = Tensor::<2, Int>::zeros([1, 2], &device);
    batched("pixelcnn", &["codes", "condition"], &["logits"])
        .int_range("codes", 0..preset.vqvae.codebook_size as i64)
        .int_range("condition", 0..CLASSES as i64)
        .export(&net, (codes, condition), |net, (codes, condition)| net.forward(codes, condition))
        .expect("a PixelCNN")
}

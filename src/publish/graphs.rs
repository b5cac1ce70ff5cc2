//! The graphs of a bundle, each from its part of the trained models.

use burn::tensor::{Device, Int, Tensor as BurnTensor};

use crate::Result;
use crate::bundle::{Role, Sizes, keys};
use crate::data::FRAME;
use crate::export::{Exported, Exporter};
use crate::model::{GatedPixelCnn, MIRRORED, Prior, Vqvae};

/// What all files of a bundle have in common.
pub(super) struct Base {
    pub(super) run: String,
    pub(super) sizes: Sizes,
    pub(super) opset: i64,
    pub(super) half_weights: bool,
}

impl Base {
    fn exporter(&self, role: &Role) -> Exporter {
        let Sizes { grid: [height, width], codebook_size, latent_dim } = self.sizes;
        Exporter::new()
            .name(role.as_str())
            .opset(self.opset)
            .half_weights(self.half_weights)
            .metadata(keys::ROLE, role.as_str())
            .metadata(keys::RUN, &self.run)
            .metadata(keys::PREPROCESSING, keys::PREPROCESSING_TEXT)
            .metadata(keys::CODEBOOK_SIZE, codebook_size.to_string())
            .metadata(keys::LATENT_DIM, latent_dim.to_string())
            .metadata(keys::GRID, format!("{height}x{width}"))
    }

    /// The exporter of a part of the VQ-VAE.
    fn vqvae(&self, role: &Role) -> Exporter {
        self.exporter(role).full_precision("codebook")
    }

    fn codes(&self, device: &Device) -> BurnTensor<3, Int> {
        let [height, width] = self.sizes.grid;
        BurnTensor::zeros([1, height, width], device)
    }
}

/// Image to latents.
pub(super) fn encoder(base: &Base, model: &Vqvae, device: &Device) -> Result<Exported> {
    base.vqvae(&Role::Encoder)
        .input("image")
        .output("latents")
        .dynamic_axis("image", 0, "batch")
        .float_range("image", 0.0..1.0)
        .export(model, BurnTensor::<4>::zeros([1, 1, FRAME, FRAME], device), |model, image| {
            model.encoder.forward(image)
        })
}

/// Latents to codes.
pub(super) fn quantizer(base: &Base, model: &Vqvae, device: &Device) -> Result<Exported> {
    let Sizes { grid: [height, width], latent_dim, .. } = base.sizes;
    base.vqvae(&Role::Quantizer)
        .input("latents")
        .output("codes")
        .dynamic_axis("latents", 0, "batch")
        .float_range("latents", -1.0..1.0)
        .export(model, BurnTensor::<4>::zeros([1, latent_dim, height, width], device), |model, latents| {
            model.quantizer.codes(latents)
        })
}

/// Codes to image.
pub(super) fn decoder(base: &Base, model: &Vqvae, device: &Device) -> Result<Exported> {
    base.vqvae(&Role::Decoder)
        .int_range("codes", 0..base.sizes.codebook_size as i64)
        .metadata(keys::CODEBOOK, "quantizer.codebook")
        .input("codes")
        .output("reconstruction")
        .dynamic_axis("codes", 0, "batch")
        .export(model, base.codes(device), |model, codes| model.decode(codes))
}

/// Codes and condition to logits.
pub(super) fn prior(base: &Base, model: &Prior, device: &Device) -> Result<Exported> {
    let condition = BurnTensor::<2, Int>::zeros([1, 2], device);
    base.exporter(&Role::Prior)
        .int_range("codes", 0..base.sizes.codebook_size as i64)
        .input("codes")
        .input("condition")
        .output("logits")
        .dynamic_axis("codes", 0, "batch")
        .dynamic_axis("condition", 0, "batch")
        .int_range("condition", 0..crate::model::condition::CLASSES as i64)
        .export(model, (base.codes(device), condition), |model, (codes, condition)| model.forward(codes, condition))
}

/// The prior's steps, each with the SHA-256 of the prior's file in its metadata.
pub(super) fn prior_steps(
    base: &Base,
    net: &GatedPixelCnn,
    prior_sha256: &str,
    device: &Device,
) -> Result<Vec<(Role, Exported)>> {
    let Sizes { grid: [height, width], codebook_size, .. } = base.sizes;
    let [layers, reach, channels, _] = net.above_size();
    let codes = 0..codebook_size as i64 + 1;
    let [row, code] = Role::STEPS;
    let ints = |shape: &[usize]| BurnTensor::<1, Int>::zeros(shape, device);
    let exporter = |role: &Role| base.exporter(role).metadata(keys::PRIOR, prior_sha256);
    let rows = exporter(&row)
        .input("codes")
        .input("row")
        .input("condition")
        .output("contexts")
        .dynamic_axis("codes", 0, "batch")
        .dynamic_axis("row", 0, "batch")
        .dynamic_axis("condition", 0, "batch")
        .dynamic_axis("above", 0, "batch")
        .int_range("codes", codes.clone())
        .float_range("above", 0.0..1.0)
        .int_range("row", 0..height as i64)
        .int_range("condition", 0..crate::model::condition::CLASSES as i64)
        .state("above", BurnTensor::<5>::zeros([1, layers, reach, channels, width], device))
        .named([("above", "next")])
        .export(
            net,
            (BurnTensor::<2, Int>::zeros([1, width], device), ints(&[1]), BurnTensor::<2, Int>::zeros([1, 2], device)),
            |net, (codes, row, condition), above| net.row_step(codes, row, condition, above),
        )?;
    let step = exporter(&code)
        .input("code")
        .input("mirrored")
        .input("context")
        .output("logits")
        .dynamic_axis("code", 0, "batch")
        .dynamic_axis("mirrored", 0, "batch")
        .dynamic_axis("context", 0, "batch")
        .dynamic_axis("left", 0, "batch")
        .int_range("code", codes.clone())
        .int_range("mirrored", codes)
        .float_range("context", 0.0..1.0)
        .float_range("left", 0.0..1.0)
        .state("left", BurnTensor::<4>::zeros([1, layers, reach, channels], device))
        .named([("left", "next")])
        .export(
            net,
            (
                ints(&[1]),
                BurnTensor::<2, Int>::zeros([1, MIRRORED], device),
                BurnTensor::<2>::zeros([1, net.context_size()], device),
            ),
            |net, (code, mirrored, context), left| net.code_step(code, mirrored, context, left),
        )?;
    Ok(vec![(row, rows), (code, step)])
}

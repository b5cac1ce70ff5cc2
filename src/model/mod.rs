//! The models in Burn: VQ-VAE and PixelCNN prior, and the presets that size them.

pub mod condition;
mod decoder;
mod encoder;
mod gated;
mod keras_prior;
pub(crate) mod layers;
pub mod preset;
mod prior;
mod quantizer;
mod step;
mod vqvae;

pub use encoder::Encoder;
pub use gated::{GatedPixelCnn, MIRRORED};
pub use keras_prior::KerasPixelCnn;
pub use preset::Preset;
pub use prior::Prior;
pub use quantizer::Quantizer;
pub use vqvae::Vqvae;

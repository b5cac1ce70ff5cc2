//! The metadata keys that every ONNX file of a bundle carries in its `metadata_props`.
//!
//! The exporter writes them, the bundle's validation reads them.

/// The file's role: `encoder`, `quantizer`, `decoder`, `prior` or `prior_step...`. Required.
pub const ROLE: &str = "oasis.role";
/// The id of the VQ-VAE training run that the codes belong to. Required; the same in all files of a bundle, the
/// prior's included (the run whose codes it was trained on).
pub const RUN: &str = "oasis.run";
/// The id of the prior's own training run. Optional.
pub const PRIOR_RUN: &str = "oasis.prior_run";
/// The SHA-256 of the prior's file that a step has the weights of. Required in the steps of a prior.
pub const PRIOR: &str = "oasis.prior";
/// How an image file becomes the encoder's input, in words. Required; the same in all files.
pub const PREPROCESSING: &str = "oasis.preprocessing";
/// The number of codewords K, decimal. Optional; checked where present.
pub const CODEBOOK_SIZE: &str = "oasis.codebook_size";
/// The length of a codeword D, decimal. Optional; checked where present.
pub const LATENT_DIM: &str = "oasis.latent_dim";
/// The grid of codes, `HxW`. Optional; checked where present.
pub const GRID: &str = "oasis.grid";
/// The name of the initializer that holds the codebook, f32 `[K, D]`. Optional, in `quantizer` or `decoder`.
pub const CODEBOOK: &str = "oasis.codebook";

/// The value of [`PREPROCESSING`] that this version writes and expects.
pub const PREPROCESSING_TEXT: &str = "one grey channel scaled to 0..1, centred on a black 256x256 frame";

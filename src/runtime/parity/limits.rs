//! How much two engines may differ.

/// How much two engines may differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limits {
    /// The SSIM of one image.
    pub(super) ssim: f64,
    /// Latents, squared distances and pixels.
    pub(super) values: Bound,
    /// The prior's logits.
    pub(super) logits: Bound,
}

/// Every value must hold `|a - b| <= atol + rtol |b|`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bound {
    pub(super) atol: f64,
    pub(super) rtol: f64,
}

impl Limits {
    /// Two engines on a CPU.
    pub(crate) const CPU: Self =
        Self { ssim: 1e-4, values: Bound { atol: 1e-5, rtol: 1e-4 }, logits: Bound { atol: 1e-4, rtol: 1e-4 } };
    /// Two engines of which at least one runs on CUDA, with TF32 off.
    pub(super) const CUDA: Self =
        Self { ssim: 1e-3, values: Bound { atol: 1e-4, rtol: 1e-3 }, logits: Bound { atol: 1e-4, rtol: 1e-3 } };

    /// The limits of two engines by their names.
    pub(super) fn of(a: &str, b: &str) -> Self {
        if [a, b].iter().any(|name| name.ends_with("cuda")) { Self::CUDA } else { Self::CPU }
    }
}

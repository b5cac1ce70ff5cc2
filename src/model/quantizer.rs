//! Latents to codes and back: the vector quantizer (van den Oord et al. 2017).

use burn::module::{Initializer, Module, Param};
use burn::tensor::{Device, Distribution, IndexingUpdateOp, Int, Tensor, module};

use super::preset::{QuantizerKind, VqvaeConfig};

/// A code is dead if the moving average of its uses a step is below this share of the mean over all codes.
const DEAD_BELOW: f64 = 1.0 / 32.0;
/// The moving average of its uses that a revived code starts with, as a share of the mean over all codes.
const REVIVED_AT: f64 = 1.0 / 8.0;

/// The codebook, and the moving averages that it is computed from.
///
/// With [`QuantizerKind::Ema`] `codebook = sums / counts`, and none of the three has a gradient. A code that was never
/// used has a count of 0 and keeps its first codeword.
#[derive(Module, Debug)]
pub struct Quantizer {
    /// The codewords `[K, D]`.
    pub codebook: Param<Tensor<2>>,
    counts: Param<Tensor<1>>,
    sums: Param<Tensor<2>>,
}

impl Quantizer {
    /// A codebook that is not trained yet: uniform in -0.05..0.05, as in Keras's example.
    pub(super) fn new(config: &VqvaeConfig, device: &Device) -> Self {
        let shape = [config.codebook_size, config.latent_dim];
        let codebook: Param<Tensor<2>> = Initializer::Uniform { min: -0.05, max: 0.05 }.init(shape, device);
        let learns = config.quantizer == QuantizerKind::Gradient;
        Self {
            codebook: codebook.set_require_grad(learns),
            counts: Initializer::Zeros.init::<1, _>([config.codebook_size], device).set_require_grad(false),
            sums: Initializer::Zeros.init::<2, _>(shape, device).set_require_grad(false),
        }
    }

    /// The nearest codeword of every latent: `[batch, D, h, w]` to codes `[batch, h, w]` in 0..K.
    ///
    /// Compares `|e|^2 - 2 z.e`, which is `|z - e|^2` less a term that is the same for every codeword `e`. One matrix
    /// product gives it, a row a latent, so that the search for the least reads memory in order.
    pub fn codes(&self, latents: Tensor<4>) -> Tensor<3, Int> {
        let codebook = self.codebook.val();
        let [batch, dim, height, width] = latents.dims();
        let norms = codebook.clone().powf_scalar(2.0).sum_dim(1).transpose();
        let weight = codebook.mul_scalar(-2.0).transpose();
        let flat = latents.permute([0, 2, 3, 1]).reshape([batch * height * width, dim]);
        (flat.matmul(weight) + norms).argmin(1).reshape([batch, height, width])
    }

    /// The codewords of `codes` `[batch, h, w]`, as latents `[batch, D, h, w]`.
    pub fn lookup(&self, codes: Tensor<3, Int>) -> Tensor<4> {
        let [batch, height, width] = codes.dims();
        let codebook = self.codebook.val();
        let dim = codebook.dims()[1];
        module::embedding(codebook, codes.reshape([batch, height * width]))
            .reshape([batch, height, width, dim])
            .permute([0, 3, 1, 2])
    }

    /// The quantizer after one step of the moving averages (van den Oord et al. 2017, appendix A.1), over `latents`
    /// `[batch, D, h, w]` and their `codes` `[batch, h, w]`, neither with a gradient. With `revive`, dead codes start
    /// again at latents drawn from this batch.
    pub fn averaged(mut self, latents: Tensor<4>, codes: Tensor<3, Int>, decay: f64, revive: bool) -> Self {
        let [batch, dim, height, width] = latents.dims();
        let rows = batch * height * width;
        let device = latents.device();
        let flat = latents.permute([0, 2, 3, 1]).reshape([rows, dim]);
        let codes = codes.reshape([rows]);
        let (codebook, counts, sums) = (plain(&self.codebook), plain(&self.counts), plain(&self.sums));
        let size = counts.dims()[0];

        let uses = Tensor::<1>::zeros([size], &device).select_assign(
            0,
            codes.clone(),
            Tensor::ones([rows], &device),
            IndexingUpdateOp::Add,
        );
        let totals =
            Tensor::<2>::zeros([size, dim], &device).select_assign(0, codes, flat.clone(), IndexingUpdateOp::Add);
        let mut counts = counts.mul_scalar(decay) + uses.mul_scalar(1.0 - decay);
        let mut sums = sums.mul_scalar(decay) + totals.mul_scalar(1.0 - decay);
        let mut next = sums.clone() / counts.clone().clamp_min(1e-5).reshape([size, 1]);
        // Where hardly a use is left in the averages, both are nearly 0 and their ratio means nothing: the codeword
        // stays.
        let unused = counts.clone().lower_elem(1e-5).reshape([size, 1]).expand([size, dim]);
        next = next.mask_where(unused, codebook);

        if revive {
            let picks = Tensor::<1>::random([size], Distribution::Uniform(0.0, rows as f64), &device)
                .int()
                .clamp(0, rows as i64 - 1);
            let candidates = flat.select(0, picks);
            let mean = rows as f64 / size as f64;
            let dead = counts.clone().lower_elem(DEAD_BELOW * mean);
            let dead_rows = dead.clone().reshape([size, 1]).expand([size, dim]);
            next = next.mask_where(dead_rows.clone(), candidates.clone());
            sums = sums.mask_where(dead_rows, candidates.mul_scalar(REVIVED_AT * mean));
            counts = counts.mask_fill(dead, REVIVED_AT * mean);
        }
        self.codebook = replaced(self.codebook, next);
        self.counts = replaced(self.counts, counts);
        self.sums = replaced(self.sums, sums);
        self
    }
}

/// A parameter's value, outside of the autodiff graph.
fn plain<const D: usize>(param: &Param<Tensor<D>>) -> Tensor<D> {
    param.val().without_autodiff()
}

/// The parameter with another value, under the same id and without a gradient.
fn replaced<const D: usize>(param: Param<Tensor<D>>, value: Tensor<D>) -> Param<Tensor<D>> {
    let tracked = param.val().is_autodiff();
    param.map(|_| if tracked { value.autodiff() } else { value }).set_require_grad(false)
}

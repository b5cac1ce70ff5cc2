//! How alike two images are, and how a codebook is used.
//!
//! Images are (rows, columns) with values in 0..1; every measure takes floats, before any rounding to 8 bits.

mod psnr;
mod ssim;

pub use psnr::psnr;
pub use ssim::{BRAIN_THRESHOLD, SSIM_WINDOW, ssim, ssim_brain, ssim_map};
#[allow(missing_docs)]
pub struct CodeUsage { counts: Vec<u64> }
#[allow(missing_docs)]
impl CodeUsage {
    pub fn new(k: usize) -> Self { Self { counts: vec![0; k] } }
    pub fn add(&mut self, codes: impl IntoIterator<Item = i64>) { for c in codes { self.counts[c as usize] += 1; } }
    pub fn used(&self) -> usize { self.counts.iter().filter(|c| **c > 0).count() }
    pub fn perplexity(&self) -> f64 {
        let n: u64 = self.counts.iter().sum();
        self.counts.iter().filter(|c| **c > 0).map(|&c| { let p = c as f64 / n as f64; -p * p.ln() }).sum::<f64>().exp()
    }
}

//! How similar images are, how a codebook is used, and how far a mean can be trusted.
//!
//! Images are (rows, columns) with values in 0..1; every measure takes floats, before any rounding to 8 bits.

mod codes;
#[cfg(feature = "train")]
mod distance;
mod histograms;
mod interval;
mod msssim;
mod psnr;
mod ssim;
mod summary;

pub use codes::CodeUsage;
#[cfg(feature = "train")]
pub use distance::{frechet, median_distance, mmd, precision};
pub use histograms::CodeHistograms;
pub use interval::{interval_by_group, jackknife_by_group};
pub use msssim::ms_ssim;
pub use psnr::psnr;
#[cfg(feature = "train")]
pub(crate) use ssim::BRAIN_THRESHOLD;
pub use ssim::{ssim, ssim_both, ssim_brain, ssim_map};
pub use summary::{Summary, percentile};

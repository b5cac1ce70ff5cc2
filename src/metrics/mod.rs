//! How alike images are, and how a codebook is used.
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
pub use distance::{frechet, median_distance, mmd, precision, squared_distances};
pub use histograms::CodeHistograms;
pub use interval::{interval_by_group, jackknife_by_group};
pub use msssim::ms_ssim;
pub use psnr::psnr;
pub use ssim::{BRAIN_THRESHOLD, SSIM_WINDOW, ssim, ssim_both, ssim_brain, ssim_map};
pub use summary::{Summary, percentile};

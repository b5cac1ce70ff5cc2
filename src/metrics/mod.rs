//! How alike two images are, and how a codebook is used.
//!
//! Images are (rows, columns) with values in 0..1; every measure takes floats, before any rounding to 8 bits.

mod psnr;
mod ssim;

pub use psnr::psnr;
pub use ssim::{BRAIN_THRESHOLD, SSIM_WINDOW, ssim, ssim_brain, ssim_map};

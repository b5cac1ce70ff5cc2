//! Made-up brain slices: enough like the real ones to test and to try everything without data.
//!
//! A subject is a seeded set of shapes: an outline, a folded cortex around white matter, the fissure between the
//! hemispheres, deep grey nuclei, butterfly-shaped ventricles, a bias field and noise; a slice is a cut through it at a
//! position from 0 (bottom) to 31 (top). Shapes change smoothly from slice to slice, and the two sides nearly mirror each
//! other. They mean nothing medically.
//!
//! Only additions, multiplications, divisions and square roots of `f64` and integer hashing are used, all exactly
//! defined, so that a seed gives the same bytes on every platform.

mod anatomy;
mod cortex;
mod noise;
mod paint;
mod write;

pub use paint::draw;
pub use write::{Phantoms, write_dataset};

/// Clinical dementia rating of a made-up subject: 0 (half of them), 0.5, 1 or 2; a higher one has larger ventricles and
/// wider sulci.
pub fn cdr(seed: u64, subject: u32) -> f32 {
    anatomy::Anatomy::new(seed, subject).cdr
}

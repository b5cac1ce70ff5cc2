//! Made-up brain slices: enough like the real ones to test and to try everything without data.
//!
//! A subject is a seeded set of shapes: an outline, a folded cortex around white matter, the fissure between the
//! hemispheres, deep grey nuclei, butterfly-shaped ventricles, a bias field and noise; a slice is a cut through it at a
//! position from 0 (bottom) to 31 (top). Shapes change smoothly from slice to slice, and the two sides nearly mirror each
//! other. They have no medical meaning.
//!
//! Only additions, multiplications, divisions and square roots of `f64` and hashes of integers are used. Their results
//! are exactly defined, so that a seed gives the same bytes on every platform.

mod anatomy;
mod cortex;
mod noise;
mod paint;
mod volume;
mod write;

pub use anatomy::cdr;
pub use paint::draw;
pub use volume::{Form, PhantomVolumes, write_volumes};
pub use write::{Phantoms, write_dataset};

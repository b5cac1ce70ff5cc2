//! How real a bundle's samples are, in numbers that need no pretrained network.
//!
//! One sample is drawn under the condition of each held-out real slice, so that both sets show the same slice
//! positions. Samples are compared with reconstructions of the real slices, so that all images have passed the same
//! decoder: the prior is judged, and not what the decoder loses. Only [`TwoSample::raw_accuracy`] takes the real slices
//! as they are.

mod anatomy;
mod classify;
mod diversity;
mod features;
mod likelihood;
mod memory;
mod pictures;
mod report;
mod request;
mod run;
mod sets;
mod space;
mod two_sample;
mod watch;

pub use anatomy::{Anatomy, Apart};
pub use diversity::MsSsim;
pub use likelihood::BitsPerCode;
pub use memory::Memorised;
pub use pictures::Pictures;
pub use report::JudgeReport;
pub use request::JudgeRequest;
pub use run::judge;
pub use space::{Frechet, Manifolds};
pub use two_sample::{Taught, TwoSample};
pub use watch::Watch;

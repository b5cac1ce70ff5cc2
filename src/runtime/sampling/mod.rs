//! New grids of codes from the prior, as if drawn code by code in raster order.
//!
//! Each code is drawn with random numbers that are a function of the seed, the sample's number, the row and the column
//! alone. So a sample does not depend on which others are drawn with it, on threads, or on the order of work. Nor does it
//! depend on the engine, as long as float errors of the logits are at most 5e-5: a draw that such errors could change is
//! decided by one engine for all.

mod choice;
mod draw;
mod draws;
mod field;
mod noise;
mod passes;
mod referee;
mod request;
mod sampler;
mod steps;
mod workers;

pub use self::choice::Choice;
#[cfg(feature = "data")]
pub(crate) use self::noise::Noise;
pub use self::request::{Condition, Given, Progress, SampleRequest};
pub use self::sampler::Sampler;

//! Finding, decoding, centring and splitting slices; made-up slices for tests.
//!
//! A slice becomes a [`Frame`]: 256x256 values in 0..1, whatever its file was ([`Frame::decode`] has the rules). A
//! [`Dataset`] is a folder with one folder a split; only names and paths are held, pixels are read when asked for.

mod budget;
mod check;
mod dataset;
mod decode;
mod find;
mod format;
mod frame;
mod grey;
pub mod import;
mod jpeg;
mod left_out;
mod mark;
pub mod phantom;
mod png;
mod resize;
mod save;
mod slice;
mod source;
mod subjects;
mod values;
mod volume;

pub use check::{CheckReport, Finding, FindingKind, SplitCount};
pub use dataset::Dataset;
pub(crate) use dataset::order;
pub use find::{Found, find};
pub use frame::{FRAME, Fit, Frame, Placement, grey_image};
pub use left_out::LeftOut;
pub(crate) use mark::{is_marked, made_from_others};
pub use save::save_png;
pub(crate) use save::{save_inside, save_made, save_rgb_made};
pub use slice::{SLICES, SliceFile, Split};
pub use subjects::dementia_class;
pub use volume::{Axes, GreySlices, ReadFile, Scale, Slices, Values, Volume, is_volume_name};
pub(crate) use volume::{is_voxels_name, volume_stem};

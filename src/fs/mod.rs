//! Files and folders: written wholly or not at all, read up to a limit.

#[cfg(any(feature = "data", feature = "export"))]
mod draft;
#[cfg(feature = "runtime")]
mod folder;
mod leftovers;
mod place;
mod read;
#[cfg(feature = "data")]
mod same;
#[cfg(any(feature = "data", feature = "export"))]
mod straight;

#[cfg(feature = "data")]
pub(crate) use draft::Draft;
#[cfg(any(feature = "data", feature = "export"))]
pub(crate) use draft::write_atomic;
#[cfg(feature = "data")]
pub(crate) use draft::write_inside;
#[cfg(feature = "runtime")]
pub(crate) use folder::{Staging, check_free, holds_something, write_folder, write_synced};
#[cfg(feature = "data")]
pub use leftovers::discard_unfinished;
#[cfg(feature = "runtime")]
pub(crate) use place::sync_folder;
#[cfg(feature = "data")]
pub(crate) use place::{create_folder, create_folder_inside};
#[cfg(any(feature = "data", feature = "ort"))]
pub(crate) use read::open;
#[cfg(feature = "runtime")]
pub(crate) use read::read;
#[cfg(feature = "data")]
pub(crate) use read::read_opened;
#[cfg(feature = "train")]
pub(crate) use read::read_text;
#[cfg(feature = "data")]
pub(crate) use same::{Identity, identity, is_one_of};

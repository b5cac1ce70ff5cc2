//! Files and folders that are either wholly there or not there at all.

#[cfg(any(feature = "data", feature = "export"))]
mod draft;
#[cfg(feature = "runtime")]
mod folder;
mod place;

#[cfg(feature = "data")]
pub(crate) use draft::Draft;
#[cfg(any(feature = "data", feature = "export"))]
pub(crate) use draft::write_atomic;
#[cfg(feature = "runtime")]
pub(crate) use folder::{check_free, write_folder};
#[cfg(feature = "data")]
pub(crate) use place::create_folder;
#[cfg(feature = "train")]
pub(crate) use place::is_part;

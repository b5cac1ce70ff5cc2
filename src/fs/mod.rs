//! Files and folders: written wholly or not at all, read up to a limit.

#[cfg(any(feature = "data", feature = "export"))]
mod draft;
#[cfg(feature = "runtime")]
mod folder;
mod place;
mod read;
#[cfg(any(feature = "data", feature = "export"))]
mod straight;

#[cfg(feature = "data")]
pub(crate) use draft::Draft;
#[cfg(any(feature = "data", feature = "export"))]
pub(crate) use draft::write_atomic;
#[cfg(feature = "data")]
pub(crate) use draft::write_inside;
#[cfg(feature = "runtime")]
pub(crate) use folder::{check_free, write_folder};
#[cfg(feature = "train")]
pub(crate) use place::is_part;
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

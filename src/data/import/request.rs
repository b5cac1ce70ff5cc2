//! What to import, and how.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::slab::Slab;
use super::split::Held;
use crate::data::volume::{Axes, Scale};

/// What to import, and how.
#[derive(Debug, Clone, Copy)]
pub struct ImportRequest<'a> {
    /// The folder that holds what was downloaded and unpacked.
    pub tree: &'a Path,
    /// The dataset's folder, which is made.
    pub out: &'a Path,
    /// Where the slab begins; `None` for where the atlas has it.
    pub slab: Option<Slab>,
    /// What white is.
    pub scale: Scale,
    /// Bits of a pixel: 8 or 16.
    pub bits: u8,
    /// Which way the axes of all files run; `None` for what their headers say.
    pub axes: Option<Axes>,
    /// Whether all volumes lie in MNI's or Talairach's space, whatever their headers say.
    pub registered: bool,
    /// Subjects of the split `validate`.
    pub validate: Held,
    /// Subjects of the split `test`.
    pub test: Held,
    /// Decides which subjects are held out.
    pub seed: u64,
    /// Once it is set, no further volume is begun.
    pub stop: &'a AtomicBool,
}

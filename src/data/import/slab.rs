//! Which 32 axial slices of a volume are positions 0 to 31.

use std::fmt;
use std::str::FromStr;

use super::scan::Atlas;
use crate::data::slice::SLICES;
use crate::data::volume::Volume;

/// Where the slab begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Slab {
    /// At a slice, counted from the lowest, which is 0.
    Slice(usize),
    /// At the slice nearest to a height in millimetres, by the header's orientation.
    Height(f64),
}

/// Position 0 in the volumes of OASIS-1's discs (T88, 176x208x176).
pub const T88_FIRST: Slab = Slab::Slice(79);
/// Position 0 in volumes in MNI's space.
pub const MNI_FIRST: Slab = Slab::Height(-3.0);

/// The axial slices of the discs' volumes.
const T88_SLICES: usize = 176;

impl FromStr for Slab {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let height = text.strip_suffix("mm").map(|text| text.trim().parse::<f64>().ok().filter(|z| z.is_finite()));
        let slab = match height {
            Some(height) => height.map(Self::Height),
            None => text.parse().ok().map(Self::Slice),
        };
        slab.ok_or_else(|| format!("found {text:?}, expected the number of a slice from below (79) or a height (-3mm)"))
    }
}

impl fmt::Display for Slab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slice(slice) => slice.fmt(f),
            Self::Height(height) => write!(f, "{height}mm"),
        }
    }
}

/// Whether a volume is said to lie in an atlas: by its name, by its header, or by the user.
pub(crate) fn in_atlas(volume: &Volume, t88: bool, registered: bool) -> bool {
    t88 || registered || volume.in_atlas()
}

/// The slices of a volume that are positions 0 to 31: from where it is asked for, else where the atlas has them.
///
/// The error tells that this is not known, or that there are not as many slices.
pub(crate) fn first(volume: &Volume, asked: Option<Slab>, t88: bool, registered: bool) -> Result<usize, String> {
    let count = volume.slices();
    let disc = t88 && count == T88_SLICES;
    let slab = match asked {
        Some(slab) => slab,
        None if disc => T88_FIRST,
        None if in_atlas(volume, t88, registered) && volume.height(0).is_some() => MNI_FIRST,
        None => {
            return Err(
                "where its slab lies is not known: set `slab`, or `registered` where its header has heights in MNI's \
                        or Talairach's space"
                    .to_owned(),
            );
        }
    };
    let first = match slab {
        Slab::Slice(slice) => Some(slice),
        Slab::Height(height) => {
            let from = |index: usize| volume.height(index).map(|z| (z - height).abs());
            if from(0).is_none() {
                return Err("its header has no heights in millimetres: set `slab` to the number of a slice".to_owned());
            }
            (0..count)
                .filter_map(|index| Some((index, from(index)?)))
                .min_by(|a, b| a.1.total_cmp(&b.1))
                .map(|(index, _)| index)
        }
    };
    let first = first.unwrap_or(0);
    if first + usize::from(SLICES) > count {
        return Err(format!(
            "it has {count} axial slices, expected at least {} for a slab from {slab}",
            first + usize::from(SLICES)
        ));
    }
    Ok(first)
}

/// Whether a scan lies in the discs' T88.
pub(super) fn is_t88(atlas: Atlas) -> bool {
    atlas == Atlas::T88
}

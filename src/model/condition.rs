//! The prior's condition: which values slice position and dementia class take.

use crate::Result;
use crate::data::{Dataset, SliceFile};

/// How many values a slice position takes: 0 to 31 from the bottom of the slab to its top, and [`ANY_POSITION`].
pub const POSITIONS: usize = 33;
/// The slice position that means any of them.
pub const ANY_POSITION: i64 = 32;
/// How many values a dementia class takes: 0 (CDR 0), 1 (CDR 0.5), 2 (CDR 1 or more), and [`ANY_CLASS`].
pub const CLASSES: usize = 4;
/// The dementia class that means any of them.
pub const ANY_CLASS: i64 = 3;

/// The condition `[slice position, dementia class]` of each file; a part that is not known is "any".
///
/// # Errors
/// Those of [`Dataset::rated`].
pub(crate) fn conditions(dataset: &Dataset, files: &[SliceFile]) -> Result<Vec<[i64; 2]>> {
    dataset.rated()?;
    let condition = |file: &SliceFile| {
        let class = file.case.and_then(|case| dataset.class(case));
        [file.position.map_or(ANY_POSITION, i64::from), class.map_or(ANY_CLASS, i64::from)]
    };
    Ok(files.iter().map(condition).collect())
}

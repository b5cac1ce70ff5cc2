//! The vocabulary of conditions: slice position and dementia class.

/// Slice positions: 0..31 from bottom to top of the slab, and [`ANY_POSITION`].
pub const POSITIONS: usize = 33;
/// The slice position that stands for any.
pub const ANY_POSITION: i64 = 32;
/// Dementia classes: CDR 0, CDR 0.5, CDR 1 or more, and [`ANY_CLASS`].
pub const CLASSES: usize = 4;
/// The dementia class that stands for any.
pub const ANY_CLASS: i64 = 3;

//! Pictures for people: grids of images, codes in colour, curves.

mod codes;
pub mod coverage;
#[cfg(feature = "train")]
mod curves;
mod grid;

pub use codes::{CELL, code_colour, codes_image};
#[cfg(feature = "train")]
pub use curves::{Panel, Series, curves};
pub use grid::{grid, square_columns};

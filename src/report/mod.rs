//! Pictures for people: grids of images, codes in colour, curves.

mod codes;
#[cfg(feature = "train")]
mod curves;
mod grid;

pub(crate) use codes::codes_image;
#[cfg(feature = "train")]
pub(crate) use curves::{Panel, Series, curves};
pub(crate) use grid::{grid, square_columns};

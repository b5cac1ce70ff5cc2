//! Many images as one.

use ndarray::{Array2, s};

/// Pixels between tiles.
const GAP: usize = 2;
/// Grey of the pixels between tiles.
const SEPARATOR: u8 = 56;

/// Images as tiles, row by row from the top left, with `columns` in a row and thin grey lines between them.
///
/// A tile is as large as the largest image; smaller images lie at its top left, and places without an image are black.
/// At least one column, and at most one for each image.
///
/// # Panics
/// If `images` is empty.
pub(crate) fn grid(images: &[Array2<u8>], columns: usize) -> Array2<u8> {
    assert!(!images.is_empty(), "a grid of at least one image");
    let columns = columns.clamp(1, images.len());
    let rows = images.len().div_ceil(columns);
    let side = |of: fn(&Array2<u8>) -> usize| images.iter().map(of).max().unwrap_or(0);
    let (height, width) = (side(|image| image.nrows()), side(|image| image.ncols()));
    let span = |tiles: usize, size: usize| tiles * (size + GAP) - GAP;
    let mut picture = Array2::from_elem((span(rows, height), span(columns, width)), SEPARATOR);
    for place in 0..rows * columns {
        let (y, x) = (place / columns * (height + GAP), place % columns * (width + GAP));
        let mut tile = picture.slice_mut(s![y..y + height, x..x + width]);
        tile.fill(0);
        if let Some(image) = images.get(place) {
            tile.slice_mut(s![..image.nrows(), ..image.ncols()]).assign(image);
        }
    }
    picture
}

/// The number of columns that makes a grid of `count` tiles square, or one column wider than it is high.
pub(crate) fn square_columns(count: usize) -> usize {
    let root = count.isqrt();
    if root * root == count { root.max(1) } else { root + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grid_lays_tiles_row_by_row() {
        let tiles = [51, 102, 255].map(|grey| Array2::from_elem((4, 6), grey));
        let picture = grid(&tiles, 2);
        assert_eq!(picture.dim(), (4 * 2 + 2, 6 * 2 + 2));
        assert_eq!(picture[[0, 0]], 51);
        assert_eq!(picture[[0, 8]], 102);
        assert_eq!(picture[[6, 0]], 255);
        assert_eq!(picture[[6, 8]], 0, "no tile, black");
        assert_eq!(picture[[0, 6]], SEPARATOR);
        assert_eq!(grid(&tiles, 99).dim(), (4, 6 * 3 + 4));
        assert_eq!(grid(&tiles, 0).dim(), (4 * 3 + 4, 6));
    }

    #[test]
    fn columns_of_a_nearly_square_grid() {
        let columns: Vec<_> = [0, 1, 2, 4, 5, 16, 17].map(square_columns).into();
        assert_eq!(columns, [1, 1, 2, 2, 3, 4, 5]);
    }
}

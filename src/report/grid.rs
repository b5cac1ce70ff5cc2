//! Many images as one.

use image::GrayImage;
use image::imageops::replace;

/// Pixels between tiles.
const GAP: u32 = 2;
/// Grey of the pixels between tiles.
const SEPARATOR: u8 = 56;

/// Images as tiles, row by row from the top left, with `columns` in a row and thin grey lines between them.
///
/// A tile is as large as the largest image; smaller images lie at its top left, and places without an image are black.
/// At least one column, and at most one for each image.
///
/// # Panics
/// If `images` is empty.
pub(crate) fn grid(images: &[GrayImage], columns: usize) -> GrayImage {
    assert!(!images.is_empty(), "a grid of at least one image");
    let columns = columns.clamp(1, images.len());
    let rows = images.len().div_ceil(columns);
    let side = |of: fn(&GrayImage) -> u32| images.iter().map(of).max().unwrap_or(0);
    let (width, height) = (side(GrayImage::width), side(GrayImage::height));
    let span = |tiles: usize, size: u32| tiles as u32 * (size + GAP) - GAP;
    let mut picture = GrayImage::from_pixel(span(columns, width), span(rows, height), image::Luma([SEPARATOR]));
    let blank = GrayImage::new(width, height);
    for place in 0..rows * columns {
        let x = i64::from((place % columns) as u32 * (width + GAP));
        let y = i64::from((place / columns) as u32 * (height + GAP));
        replace(&mut picture, &blank, x, y);
        if let Some(image) = images.get(place) {
            replace(&mut picture, image, x, y);
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
    use image::Luma;

    use super::*;

    #[test]
    fn grid_lays_tiles_row_by_row() {
        let tiles = [51, 102, 255].map(|grey| GrayImage::from_pixel(6, 4, Luma([grey])));
        let picture = grid(&tiles, 2);
        assert_eq!(picture.dimensions(), (6 * 2 + 2, 4 * 2 + 2));
        assert_eq!(picture.get_pixel(0, 0).0, [51]);
        assert_eq!(picture.get_pixel(8, 0).0, [102]);
        assert_eq!(picture.get_pixel(0, 6).0, [255]);
        assert_eq!(picture.get_pixel(8, 6).0, [0], "no tile, black");
        assert_eq!(picture.get_pixel(6, 0).0, [SEPARATOR]);
        assert_eq!(grid(&tiles, 99).dimensions(), (6 * 3 + 4, 4));
        assert_eq!(grid(&tiles, 0).dimensions(), (6, 4 * 3 + 4));
    }

    #[test]
    fn columns_of_a_nearly_square_grid() {
        let columns: Vec<_> = [0, 1, 2, 4, 5, 16, 17].map(square_columns).into();
        assert_eq!(columns, [1, 1, 2, 2, 3, 4, 5]);
    }
}

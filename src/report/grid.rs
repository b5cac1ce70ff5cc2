//! Many images as one.

use image::GrayImage;
use image::imageops::replace;

/// Pixels between tiles.
const GAP: u32 = 2;
/// Grey of the pixels between tiles.
const SEPARATOR: u8 = 56;

/// Images as tiles, row by row from the top left, `columns` a row, thin grey lines between them.
///
/// A tile is as large as the largest image; smaller images lie at its top left, and places without an image are black.
/// `columns` is held to 1 ..= the number of images.
///
/// # Panics
/// If `images` is empty.
pub fn grid(images: &[GrayImage], columns: usize) -> GrayImage {
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

/// Columns that make a grid of `count` tiles square or a little wider than high.
pub fn square_columns(count: usize) -> usize {
    let root = count.isqrt();
    if root * root == count { root.max(1) } else { root + 1 }
}

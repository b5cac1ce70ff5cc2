//! Grids, codes in colour, curves.

use std::collections::HashSet;

use image::{GrayImage, Luma};
use ndarray::array;
use oasis::report::{CELL, code_colour, codes_image, grid, square_columns};

#[test]
fn grid_lays_tiles_row_by_row() {
    let tiles = [51, 102, 255].map(|grey| GrayImage::from_pixel(6, 4, Luma([grey])));
    let picture = grid(&tiles, 2);
    assert_eq!(picture.dimensions(), (6 * 2 + 2, 4 * 2 + 2));
    assert_eq!(picture.get_pixel(0, 0).0, [51]);
    assert_eq!(picture.get_pixel(8, 0).0, [102]);
    assert_eq!(picture.get_pixel(0, 6).0, [255]);
    assert_eq!(picture.get_pixel(8, 6).0, [0], "no tile, black");
    assert_ne!(picture.get_pixel(6, 0).0, [0], "a separator");
    assert_eq!(grid(&tiles, 99).dimensions(), (6 * 3 + 4, 4));
    assert_eq!(grid(&tiles, 0).dimensions(), (6, 4 * 3 + 4));
}

#[test]
fn columns_of_a_nearly_square_grid() {
    let columns: Vec<_> = [0, 1, 2, 4, 5, 16, 17].map(square_columns).into();
    assert_eq!(columns, [1, 1, 2, 2, 3, 4, 5]);
}

#[test]
fn codes_are_squares_of_their_colour() {
    let picture = codes_image(array![[0i64, 1, 511], [-1, 512, 2]].view(), 512);
    assert_eq!(picture.dimensions(), (3 * CELL, 2 * CELL));
    assert_eq!(*picture.get_pixel(CELL - 1, CELL - 1), code_colour(0));
    assert_eq!(*picture.get_pixel(2 * CELL, 0), code_colour(511));
    assert_eq!(picture.get_pixel(0, CELL).0, [0, 0, 0]);
    assert_eq!(picture.get_pixel(CELL, CELL).0, [0, 0, 0]);
}

#[test]
fn colours_differ_and_none_is_black() {
    let colours: HashSet<_> = (0..512).map(|code| code_colour(code).0).collect();
    assert!(colours.len() > 500, "{} colours", colours.len());
    assert!(colours.iter().all(|rgb| rgb.iter().any(|&value| value > 60)));
}

#[cfg(feature = "train")]
#[test]
fn curves_skip_what_is_not_finite() {
    use oasis::report::{Panel, Series, curves};
    let series = |name: &str, points: &[(f64, f64)]| Series { name: name.into(), points: points.to_vec() };
    let panel = |series: Vec<Series>| Panel { title: "loss & more".into(), x: "epoch".into(), series };
    let svg = curves(&[
        panel(vec![series("train", &[(1.0, 0.5), (2.0, f64::NAN), (3.0, 0.25)]), series("validate", &[(1.0, 0.6)])]),
        panel(vec![series("nothing", &[(1.0, f64::INFINITY)])]),
        panel(vec![series("level", &[(1.0, 2.0), (2.0, 2.0)])]),
    ])
    .unwrap();
    assert!(svg.trim_start().starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    for text in ["train", "validate", "epoch", "loss &amp; more"] {
        assert!(svg.contains(text), "{text}");
    }
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
    assert!(curves(&[]).is_err());
}

//! Pictures as files.

use image::{GrayImage, Rgb, RgbImage};
use oasis::data::save_png;

#[test]
fn pictures_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let (grey, colour) = (folder.path().join("g.png"), folder.path().join("c.png"));
    save_png(&grey, &GrayImage::from_pixel(3, 2, image::Luma([7]))).unwrap();
    save_png(&colour, &RgbImage::from_pixel(3, 2, Rgb([1, 2, 3]))).unwrap();
    let grey = image::open(&grey).unwrap();
    assert_eq!((grey.color(), grey.to_luma8().get_pixel(2, 1).0), (image::ColorType::L8, [7]));
    let colour = image::open(&colour).unwrap().into_rgb8();
    assert_eq!(colour.get_pixel(2, 1).0, [1, 2, 3]);
}

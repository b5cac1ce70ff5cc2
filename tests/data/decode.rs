//! What a file becomes as a frame, and what is said of files that become none.

use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GrayImage, ImageBuffer, ImageFormat, Luma, LumaA, Rgb, Rgba};
use ndarray::{Array2, s};
use oasis::ErrorKind;
use oasis::data::{FRAME, Fit, Frame, phantom};

fn png(image: impl Into<DynamicImage>) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn jpeg(image: &GrayImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 95)).unwrap();
    bytes
}

/// The other crate's picture of the same pixels.
fn image_of(picture: &Array2<u8>) -> GrayImage {
    let (rows, columns) = picture.dim();
    GrayImage::from_fn(columns as u32, rows as u32, |x, y| Luma([picture[[y as usize, x as usize]]]))
}

fn frame(bytes: &[u8]) -> Frame {
    Frame::from_bytes(bytes, Path::new("a.png"), Fit::Exact).unwrap()
}

/// The centre pixel of a 2x2 image of one colour.
fn value(image: impl Into<DynamicImage>) -> f32 {
    let frame = frame(&png(image));
    assert_eq!(frame.pixels.dim(), (FRAME, FRAME));
    assert_eq!(frame.source_size(), (2, 2));
    frame.pixels[[127, 127]]
}

fn refused(bytes: &[u8], why: &str) {
    let error = Frame::from_bytes(bytes, Path::new("dir/a.png"), Fit::Resize).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert_eq!(error.subject().to_string(), "dir/a.png");
    assert_eq!(error.why(), why);
    assert!(!error.hints().is_empty());
}

#[test]
fn grey_of_8_and_16_bits() {
    assert_eq!(value(GrayImage::from_pixel(2, 2, Luma([51]))), 0.2);
    let deep = ImageBuffer::from_pixel(2, 2, Luma([13_107u16]));
    assert_eq!(value(deep), 0.2);
    let fine = ImageBuffer::from_pixel(2, 2, Luma([1u16]));
    assert_eq!(value(fine), 1.0 / 65_535.0);
}

#[test]
fn equal_channels_are_grey() {
    assert_eq!(value(ImageBuffer::from_pixel(2, 2, Rgb([51u8; 3]))), 0.2);
    assert_eq!(value(ImageBuffer::from_pixel(2, 2, Rgb([13_107u16; 3]))), 0.2);
}

#[test]
fn colour_becomes_rec_601_luma() {
    let red = value(ImageBuffer::from_pixel(2, 2, Rgb([255u8, 0, 0])));
    let green = value(ImageBuffer::from_pixel(2, 2, Rgb([0u16, 65_535, 0])));
    let blue = value(ImageBuffer::from_pixel(2, 2, Rgba([0u8, 0, 255, 255])));
    assert_eq!((red, green, blue), (0.299, 0.587, 0.114));
}

#[test]
fn alpha_is_laid_over_black() {
    assert_eq!(value(ImageBuffer::from_pixel(2, 2, LumaA([255u8, 51]))), 0.2);
    assert_eq!(value(ImageBuffer::from_pixel(2, 2, Rgba([255u8, 255, 255, 51]))), 0.2);
    let deep = ImageBuffer::from_pixel(2, 2, Rgba([65_535u16, 65_535, 65_535, 13_107]));
    assert_eq!(value(deep), 0.2);
    assert_eq!(value(ImageBuffer::from_pixel(2, 2, LumaA([13_107u16, 65_535]))), 0.2);
}

#[test]
fn smaller_images_are_centred_on_black() {
    let image = GrayImage::from_fn(176, 208, |x, y| Luma([1 + (x + y) as u8 % 255]));
    let frame = frame(&png(image.clone()));
    let inner = frame.pixels.slice(s![24..232, 40..216]);
    assert!(inner.iter().all(|&value| value > 0.0));
    let all = frame.pixels.iter().filter(|&&value| value > 0.0).count();
    assert_eq!(all, 176 * 208);
    assert_eq!(image_of(&frame.restore(frame.pixels.view())), image);
    let placement = frame.placement();
    assert_eq!((placement.x, placement.y), (40, 24));
    let odd = Frame::from_bytes(&png(GrayImage::new(3, 255)), Path::new("a"), Fit::Resize);
    let odd = odd.unwrap().placement();
    assert_eq!((odd.x, odd.y, odd.width, odd.height), (126, 0, 3, 255));
}

#[test]
fn jpeg_is_read_whatever_it_is_called() {
    let image = GrayImage::from_fn(176, 208, |x, y| Luma([(x / 2 + y / 2) as u8]));
    let frame = frame(&jpeg(&image));
    let near = frame.pixels[[24 + 100, 40 + 60]] * 255.0;
    assert!((near - 80.0).abs() < 4.0, "{near}");
}

#[test]
fn larger_images_need_resize() {
    let bytes = png(GrayImage::from_pixel(512, 300, Luma([128])));
    let error = Frame::from_bytes(&bytes, Path::new("big.png"), Fit::Exact).unwrap_err();
    assert_eq!(error.why(), "it is 512x300, expected at most 256x256");
    assert_eq!(error.hints(), ["set `resize` to scale larger images down"]);
    let frame = Frame::from_bytes(&bytes, Path::new("big.png"), Fit::Resize).unwrap();
    let placement = frame.placement();
    assert_eq!((placement.width, placement.height), (256, 150));
    assert!((frame.pixels[[128, 128]] - 128.0 / 255.0).abs() < 1e-6);
    let restored = frame.restore(frame.pixels.view());
    assert_eq!(restored.dim(), (300, 512));
    assert!(restored.iter().all(|&pixel| pixel == 128));
    let sliver = png(GrayImage::new(2_000, 1));
    let frame = Frame::from_bytes(&sliver, Path::new("s.png"), Fit::Resize).unwrap();
    assert_eq!(frame.placement().height, 1);
    assert_eq!(frame.restore(frame.pixels.view()).dim(), (1, 2_000));
}

#[test]
fn restore_clips_and_rounds() {
    let frame = frame(&png(GrayImage::new(256, 256)));
    let mut made = frame.pixels.clone();
    for (column, value) in [-1.0, 2.0, f32::NAN, 0.5, 1.4 / 255.0].into_iter().enumerate() {
        made[[0, column]] = value;
    }
    let restored = frame.restore(made.view());
    let row: Vec<_> = (0..5).map(|x| restored[[0, x]]).collect();
    assert_eq!(row, [0, 255, 0, 128, 1]);
}

#[test]
fn broken_files_are_refused() {
    refused(b"", "the file is empty");
    refused(b"hello", "it looks like text, expected a PNG or JPEG image");
    refused(b"GIF89a......", "it looks like a GIF, expected a PNG or JPEG image");
    refused(&[0x1f, 0x8b, 8, 0, 0, 0], "it looks like gzip data (a NIfTI volume?), expected a PNG or JPEG image");
    let image = phantom::draw(3, 1, 10);
    let image = image_of(&oasis::data::grey_image(image.view()));
    for whole in [png(image.clone()), jpeg(&image)] {
        frame(&whole);
        for cut in [8, 20, whole.len() / 2, whole.len() - 13, whole.len() - 1] {
            refused(&whole[..cut], "the file is truncated");
        }
    }
    let mut damaged = png(image);
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x55;
    let error = Frame::from_bytes(&damaged, Path::new("a"), Fit::Exact).unwrap_err();
    assert!(error.why().starts_with("the file is damaged: "), "{error}");
}

/// A PNG chunk with a wrong checksum: enough for what is refused before checksums matter.
fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = (body.len() as u32).to_be_bytes().to_vec();
    bytes.extend_from_slice(name);
    bytes.extend_from_slice(body);
    bytes.extend_from_slice(&[0; 4]);
    bytes
}

#[test]
fn odd_forms_are_refused() {
    let still = png(GrayImage::new(4, 4));
    let mut animated = still.clone();
    animated.splice(33..33, chunk(b"acTL", &[0; 8]));
    refused(&animated, "it is an animated PNG, expected a single picture");
    let mut bomb = still.clone();
    bomb[16..24].copy_from_slice(&[0, 0, 0x7f, 0xff, 0, 0, 0x7f, 0xff]);
    refused(&bomb, "the image is 32767x32767, expected at most 16384 a side and 64 megapixels");
    let mut none = still.clone();
    none[16..20].copy_from_slice(&[0; 4]);
    refused(&none, "the image is 0x4, expected at least one pixel");
    let mut empty = still[..33].to_vec();
    empty.extend(chunk(b"IEND", &[]));
    refused(&empty, "the PNG holds no picture");
    let mut cmyk = vec![0xff, 0xd8, 0xff, 0xc0, 0, 20, 8, 0, 4, 0, 4, 4];
    cmyk.extend([0; 12]);
    cmyk.extend([0xff, 0xd9]);
    refused(&cmyk, "it is a JPEG of 4 channels (CMYK?), expected grey or RGB");
}

#[test]
fn files_that_are_not_there() {
    let folder = tempfile::tempdir().unwrap();
    for (path, why) in [
        (folder.path().join("none.png"), "no such file"),
        (folder.path().to_path_buf(), "it is a folder, expected a file"),
    ] {
        let error = Frame::decode(&path, Fit::Exact).unwrap_err();
        assert_eq!(error.why(), why);
        assert_eq!(error.subject().to_string(), path.display().to_string());
    }
}

proptest::proptest! {
    #![proptest_config(super::seeded::cases(256))]

    #[test]
    fn no_bytes_panic(kind in 0..2usize, flips in proptest::collection::vec((0usize..4096, 0u8..), 1..6)) {
        let image = GrayImage::from_fn(24, 24, |x, y| Luma([(x * y) as u8]));
        let mut bytes = if kind == 0 { png(image) } else { jpeg(&image) };
        for (at, value) in flips {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        let _ = Frame::from_bytes(&bytes, Path::new("a"), Fit::Resize);
    }
}

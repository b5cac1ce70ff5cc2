//! The content of image files, by the decoder that every command uses.
#![no_main]

use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, GrayImage, ImageFormat, Luma};
use libfuzzer_sys::fuzz_target;
use oasis::data::{FRAME, Fit, Frame};
use oasis_fuzz::seeds;

/// Pictures of every kind of pixel that the two formats have in common use.
fn made() -> Vec<Vec<u8>> {
    let grey = GrayImage::from_fn(40, 30, |x, y| Luma([(x * y + 3 * x) as u8]));
    let picture = DynamicImage::ImageLuma8(grey);
    let kinds = [
        picture.clone(),
        picture.to_luma_alpha8().into(),
        picture.to_rgb8().into(),
        picture.to_rgba8().into(),
        picture.to_luma16().into(),
        picture.to_rgba16().into(),
        DynamicImage::ImageLuma8(GrayImage::new(300, 2)),
    ];
    let encode = |picture: &DynamicImage, format| {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).ok()?;
        Some(bytes.into_inner())
    };
    let formats = [ImageFormat::Png, ImageFormat::Jpeg];
    kinds.iter().flat_map(|kind| formats.map(|format| encode(kind, format))).flatten().collect()
}

fuzz_target!(init: seeds(made), |bytes: &[u8]| {
    for fit in [Fit::Exact, Fit::Resize] {
        if let Ok(frame) = Frame::from_bytes(bytes, Path::new("it"), fit) {
            assert_eq!(frame.pixels.dim(), (FRAME, FRAME));
            assert!(frame.pixels.iter().all(|value| (0.0..=1.0).contains(value)), "a value outside of 0..1");
            let _ = frame.restore(frame.pixels.view());
        }
    }
});

//! Every form of PNG and JPEG gives the values that the `image` crate decodes.

use std::io::Cursor;
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ExtendedColorType, ImageFormat, ImageReader};
use ndarray::{Array2, s};
use oasis::data::{Fit, Frame};
use png::{BitDepth, ColorType};

/// Bytes without a pattern, the same for the same seed.
fn noise(seed: u32, count: usize) -> Vec<u8> {
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    std::iter::successors(next(&seed), next).map(|state| (state >> 24) as u8).take(count).collect()
}

/// Columns and rows of the seven passes of an interlaced picture: first and step along each axis.
const PASSES: [[usize; 4]; 7] =
    [[0, 8, 0, 8], [4, 8, 0, 8], [0, 4, 4, 8], [2, 4, 0, 4], [0, 2, 2, 4], [1, 2, 0, 2], [0, 1, 1, 2]];

/// A stream of zlib that is not compressed.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let blocks = bytes.chunks(65_535).count();
    for (index, block) in bytes.chunks(65_535).enumerate() {
        let length = block.len() as u16;
        stream.push(u8::from(index + 1 == blocks));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    let (mut a, mut b) = (1u32, 0u32);
    for &byte in bytes {
        a = (a + u32::from(byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    stream.extend((b << 16 | a).to_be_bytes());
    stream
}

/// A PNG of noise.
fn png(colour: ColorType, depth: BitDepth, size: (usize, usize), transparent: bool, interlaced: bool) -> Vec<u8> {
    let mut info = png::Info::with_size(size.0 as u32, size.1 as u32);
    (info.color_type, info.bit_depth, info.interlaced) = (colour, depth, interlaced);
    if colour == ColorType::Indexed {
        info.palette = Some(noise(7, 3 << (depth as u8)).into());
    }
    if transparent {
        info.trns = Some(match (colour, depth) {
            (ColorType::Indexed, _) => noise(8, 1 << (depth as u8 - 1)).into(),
            (ColorType::Grayscale, _) => vec![0, 1].into(),
            _ => vec![0, 1, 0, 2, 0, 3].into(),
        });
    }
    let mut bytes = Vec::new();
    let mut writer = png::Encoder::with_info(&mut bytes, info).unwrap().write_header().unwrap();
    let line = |width: usize| (width * colour.samples() * depth as usize).div_ceil(8);
    if interlaced {
        let mut raw = Vec::new();
        for (pass, [x, dx, y, dy]) in PASSES.into_iter().enumerate() {
            let (width, height) = (size.0.saturating_sub(x).div_ceil(dx), size.1.saturating_sub(y).div_ceil(dy));
            for row in 0..if width == 0 { 0 } else { height } {
                raw.push(row as u8 % 5);
                raw.extend(noise((pass * 1_000 + row) as u32, line(width)));
            }
        }
        writer.write_chunk(png::chunk::IDAT, &stored(&raw)).unwrap();
    } else {
        writer.write_image_data(&noise(9, line(size.0) * size.1)).unwrap();
    }
    drop(writer);
    bytes
}

/// The values that the `image` crate decodes, turned to grey.
fn reference(bytes: &[u8]) -> Option<Array2<f32>> {
    let format = if bytes.starts_with(b"\xff\xd8") { ImageFormat::Jpeg } else { ImageFormat::Png };
    let picture = ImageReader::with_format(Cursor::new(bytes), format).decode().ok()?;
    let size = (picture.height() as usize, picture.width() as usize);
    let channels = usize::from(picture.color().channel_count());
    let units: Vec<f32> = match &picture {
        DynamicImage::ImageLuma8(_)
        | DynamicImage::ImageLumaA8(_)
        | DynamicImage::ImageRgb8(_)
        | DynamicImage::ImageRgba8(_) => picture.as_bytes().iter().map(|&value| f32::from(value) / 255.0).collect(),
        _ => {
            let pairs = picture.as_bytes().as_chunks().0.iter().copied();
            pairs.map(|pair| f32::from(u16::from_ne_bytes(pair)) / 65_535.0).collect()
        }
    };
    let pixel = |pixel: &[f32]| {
        let grey = match pixel[..pixel.len().div_ceil(2) * 2 - 1] {
            [r, g, b] if r != g || g != b => 0.299 * r + 0.587 * g + 0.114 * b,
            _ => pixel[0],
        };
        if pixel.len().is_multiple_of(2) { grey * pixel[pixel.len() - 1] } else { grey }
    };
    Some(Array2::from_shape_vec(size, units.chunks(channels).map(pixel).collect()).unwrap())
}

fn ours(bytes: &[u8]) -> oasis::Result<Array2<f32>> {
    let frame = Frame::from_bytes(bytes, Path::new("a"), Fit::Exact)?;
    let place = frame.placement();
    Ok(frame.pixels.slice(s![place.y..place.y + place.height, place.x..place.x + place.width]).to_owned())
}

fn same(bytes: &[u8], what: &str) {
    let theirs = reference(bytes).unwrap_or_else(|| panic!("{what}: the fixture is broken"));
    let ours = ours(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(ours.mapv(f32::to_bits), theirs.mapv(f32::to_bits), "{what}");
}

#[test]
fn png_of_every_form() {
    use BitDepth::{Eight, Four, One, Sixteen, Two};
    let forms = [
        (ColorType::Grayscale, &[One, Two, Four, Eight, Sixteen][..], true),
        (ColorType::Indexed, &[One, Two, Four, Eight], true),
        (ColorType::Rgb, &[Eight, Sixteen], true),
        (ColorType::GrayscaleAlpha, &[Eight, Sixteen], false),
        (ColorType::Rgba, &[Eight, Sixteen], false),
    ];
    for (colour, depths, may_be_transparent) in forms {
        for &depth in depths {
            for transparent in [false, true] {
                for (interlaced, size) in [(false, (13, 7)), (true, (13, 7)), (true, (3, 1)), (true, (67, 130))] {
                    if !transparent || may_be_transparent {
                        let bytes = png(colour, depth, size, transparent, interlaced);
                        same(&bytes, &format!("{colour:?} {depth:?} {size:?} {transparent} {interlaced}"));
                    }
                }
            }
        }
    }
}

/// A JPEG of noise with large cells, and the same with a mark by Adobe that says its channels are RGB.
fn jpegs(colour: ExtendedColorType, size: (u32, u32)) -> [Vec<u8>; 2] {
    let channels = usize::from(colour.channel_count());
    let cells = noise(3, 4_096 * channels);
    let cell = |x: u32, y: u32| ((y / 5 * 32 + x / 5) as usize % 4_096) * channels;
    let pixels = (0..size.1).flat_map(|y| (0..size.0).map(move |x| (x, y)));
    let raw: Vec<u8> = pixels.flat_map(|(x, y)| cells[cell(x, y)..][..channels].to_vec()).collect();
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 85).encode(&raw, size.0, size.1, colour).unwrap();
    let mut marked = bytes.clone();
    marked.splice(2..2, *b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00");
    [bytes, marked]
}

#[test]
fn jpeg_of_every_form() {
    for size in [(64, 64), (1, 1), (37, 91), (255, 17)] {
        let [grey, _] = jpegs(ExtendedColorType::L8, size);
        same(&grey, &format!("grey {size:?}"));
        let [ycbcr, rgb] = jpegs(ExtendedColorType::Rgb8, size);
        same(&ycbcr, &format!("YCbCr {size:?}"));
        same(&rgb, &format!("RGB {size:?}"));
        if size != (1, 1) {
            assert_ne!(ours(&ycbcr).unwrap(), ours(&rgb).unwrap());
        }
    }
}

#[test]
fn profiles_and_texts_are_skipped_unread() {
    let plain = png(ColorType::Rgb, BitDepth::Eight, (13, 7), false, false);
    let mut marked = Vec::new();
    let mut writer = png::Encoder::new(&mut marked, 13, 7);
    writer.set_color(ColorType::Rgb);
    let mut writer = writer.write_header().unwrap();
    writer.write_chunk(png::chunk::iCCP, b"no profile").unwrap();
    writer.write_chunk(png::chunk::zTXt, b"no text").unwrap();
    writer.write_chunk(png::chunk::iTXt, &[0xff; 40]).unwrap();
    writer.write_image_data(&noise(9, 13 * 7 * 3)).unwrap();
    drop(writer);
    assert_eq!(ours(&marked).unwrap(), ours(&plain).unwrap());
}

#[test]
fn two_sizes_in_one_file_are_refused() {
    let [jpeg, _] = jpegs(ExtendedColorType::L8, (64, 64));
    let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    let mut second = jpeg[frame..frame + 13].to_vec();
    second[5..9].copy_from_slice(&[0, 8, 0, 8]);
    let mut decoy = jpeg.clone();
    let end = decoy.len() - 2;
    decoy.splice(end..end, second);
    assert_eq!(ours(&decoy).unwrap_err().why(), "the file is damaged: it has two sizes, 64x64 and 8x8");
}

proptest::proptest! {
    #![proptest_config(super::seeded::cases(256))]

    #[test]
    fn damage_is_seen_alike(kind in 0..4usize, flips in proptest::collection::vec((0usize..8192, 0u8..), 1..4)) {
        let mut bytes = match kind {
            0 => png(ColorType::Rgba, BitDepth::Sixteen, (21, 13), false, false),
            1 => png(ColorType::Indexed, BitDepth::Two, (21, 13), true, true),
            2 => jpegs(ExtendedColorType::L8, (40, 24))[0].clone(),
            _ => jpegs(ExtendedColorType::Rgb8, (40, 24))[0].clone(),
        };
        for (at, value) in flips {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        // What is refused before a pixel is decoded, such as a truncated file, the other decoder may take.
        match ours(&bytes) {
            Ok(picture) => {
                let theirs = reference(&bytes).expect("a picture");
                proptest::prop_assert_eq!(picture.mapv(f32::to_bits), theirs.mapv(f32::to_bits));
            }
            Err(error) if error.why().starts_with("the file is damaged: ") && !error.why().contains("size") => {
                proptest::prop_assert!(reference(&bytes).is_none(), "{}", error);
            }
            Err(_) => {}
        }
    }
}

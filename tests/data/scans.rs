//! JPEGs whose scans end early, in every form of scan, and PNGs that say one thing and hold another.

use std::io::Cursor;
use std::path::Path;

use image::{ImageFormat, ImageReader};
use oasis::data::{Fit, Frame};

use super::jpeg::{Jpeg, Scan, segment};
use super::png::{Png, chunk, data, end, file};

fn read(bytes: &[u8]) -> Result<Frame, String> {
    Frame::from_bytes(bytes, Path::new("a"), Fit::Exact).map_err(|error| error.why().to_owned())
}

/// Every form of JPEG, by name.
fn forms() -> Vec<(String, Jpeg)> {
    let mut forms = Vec::new();
    for (name, sampling) in [
        ("grey", &[[1, 1]][..]),
        ("grey of 2x2", &[[2, 2]]),
        ("4:4:4", &[[1, 1]; 3]),
        ("4:2:0", &[[2, 2], [1, 1], [1, 1]]),
        ("4:2:2", &[[2, 1], [1, 1], [1, 1]]),
    ] {
        for size in [(64, 48), (37, 91), (8, 8), (1, 1), (130, 17)] {
            for interval in [0, 1, 5] {
                let whole = Jpeg::new(size, sampling).interval(interval);
                let mut each = vec![("sequential", whole.clone()), ("progressive", whole.clone().progressive())];
                if sampling.len() > 1 {
                    each.push(("in three scans", whole.apart()));
                }
                for (form, jpeg) in each {
                    forms.push((format!("{name} {form} {size:?} restarts {interval}"), jpeg));
                }
            }
        }
    }
    forms
}

#[test]
fn whole_jpegs_of_every_form_are_those_of_the_other_crate() {
    for (name, jpeg) in forms() {
        let bytes = jpeg.bytes();
        let frame = read(&bytes).unwrap_or_else(|why| panic!("{name}: {why}"));
        let theirs = ImageReader::with_format(Cursor::new(&bytes), ImageFormat::Jpeg).decode();
        let theirs = theirs.unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!((theirs.width(), theirs.height()), frame.source_size(), "{name}");
        let ours = frame.restore(frame.pixels.view());
        if let Some(grey) = theirs.as_luma8() {
            assert!(ours.iter().eq(grey.as_raw()), "{name}");
        }
    }
}

#[test]
fn scans_that_end_early_are_refused_whatever_closes_them() {
    let mut cuts = 0;
    for (name, jpeg) in forms().into_iter().filter(|(_, jpeg)| jpeg.size.0 * jpeg.size.1 > 64) {
        let bytes = jpeg.bytes();
        let start = jpeg.before().len();
        let step = (bytes.len() - start) / 23 + 1;
        for cut in (start..bytes.len() - 2).step_by(step) {
            cuts += 1;
            for close in [&b"\xff\xd9"[..], b"\xff\xd0\xff\xd9", b"\xff\xff\xff\xd9"] {
                // The last byte may hold nothing but padding.
                let Err(why) = read(&[&bytes[..cut], close].concat()) else {
                    let whole = read(&bytes).unwrap();
                    let cut = read(&[&bytes[..cut], close].concat()).unwrap();
                    assert!(cut.pixels == whole.pixels, "{name}: cut and read as another picture");
                    continue;
                };
                assert!(!why.starts_with("it looks like"), "{name}: {why}");
            }
        }
    }
    assert!(cuts > 2_500, "{cuts}");
}

#[test]
fn scans_that_are_missing_repeated_or_out_of_order_are_refused() {
    for whole in [Jpeg::grey((40, 24)).progressive(), Jpeg::new((40, 24), &[[1, 1]; 3]).progressive()] {
        read(&whole.bytes()).unwrap();
        for at in 0..whole.scans.len() {
            let mut jpeg = whole.clone();
            jpeg.scans.remove(at);
            let why = read(&jpeg.bytes()).unwrap_err();
            assert!(why.contains("lack scans") || why.contains("follow each other"), "without scan {at}: {why}");
            let mut jpeg = whole.clone();
            jpeg.scans.insert(at, whole.scans[at].clone());
            let why = read(&jpeg.bytes()).unwrap_err();
            assert!(why.contains("follow each other"), "scan {at} twice: {why}");
        }
    }
    let mut two = Jpeg::grey((40, 24));
    two.scans.push(two.scans[0].clone());
    assert!(read(&two.bytes()).unwrap_err().contains("follow each other"));
    let mut one = Jpeg::new((40, 24), &[[1, 1]; 3]).apart();
    one.scans.pop();
    assert_eq!(
        read(&one.bytes()).unwrap_err(),
        "the file is truncated: 64 of the 64 coefficients of channel 3 lack scans"
    );
    one.scans = vec![Scan { channels: vec![0, 0], band: [0, 63], bits: [0, 0] }];
    assert_eq!(read(&one.bytes()).unwrap_err(), "the header of a scan does not describe it");
}

#[test]
fn restarts_that_are_missing_or_swapped_are_refused() {
    let jpeg = Jpeg::grey((64, 64)).interval(4);
    let bytes = jpeg.bytes();
    read(&bytes).unwrap();
    let places: Vec<usize> =
        (0..bytes.len() - 1).filter(|at| bytes[*at] == 0xff && (0xd0..=0xd7).contains(&bytes[at + 1])).collect();
    assert_eq!(places.len(), 15);
    for place in &places {
        let mut other = bytes.clone();
        other[place + 1] ^= 1;
        assert!(read(&other).is_err(), "another number at {place}");
        let mut gone = bytes.clone();
        gone.drain(*place..place + 2);
        assert!(read(&gone).is_err(), "none at {place}");
    }
    for pair in places.windows(2) {
        let mut shorter = bytes.clone();
        shorter.drain(pair[0]..pair[1]);
        assert!(read(&shorter).is_err(), "a part is gone at {pair:?}");
    }
    // Without their distance, restarts are an end.
    let mut silent = Jpeg::grey((64, 64)).before();
    silent.extend(jpeg.scan(&jpeg.scans[0]));
    silent.extend([0xff, 0xd9]);
    assert!(read(&silent).is_err());
}

#[test]
fn headers_that_claim_another_size_are_refused() {
    for claimed in [(64, 32), (32, 64), (64, 128), (72, 64)] {
        let whole = Jpeg::grey((64, 64));
        let mut bytes = Jpeg::grey(claimed).before();
        bytes.extend(whole.scan(&whole.scans[0]));
        bytes.extend([0xff, 0xd9]);
        let why = read(&bytes).unwrap_err();
        let known = ["the file is truncated: a scan ends", "a scan goes on after its"];
        assert!(known.iter().any(|known| why.starts_with(known)), "{claimed:?}: {why}");
    }
}

#[test]
fn what_a_jpeg_carries_beside_its_picture_changes_nothing() {
    let jpeg = Jpeg::new((40, 24), &[[1, 1]; 3]);
    let bytes = jpeg.bytes();
    let plain = read(&bytes).unwrap();
    let profile = segment(0xe2, &[&b"ICC_PROFILE\0\x01\x01"[..], &[7; 9_000]].concat());
    let carried = [
        profile,
        segment(0xe1, &[&b"Exif\0\0"[..], &[0xff; 300]].concat()),
        segment(0xe1, &[&b"http://ns.adobe.com/xmp/extension/\0"[..], &[b'a'; 32], &[0xff; 8], &[1; 99]].concat()),
        segment(0xed, &[&b"Photoshop 3.0\0"[..], &[1; 99]].concat()),
        segment(0xe0, b"AVI1\0\0\0"),
        segment(0xe2, b"MPF\0II*\0"),
        segment(0xfe, b"a comment"),
        vec![0xff; 5],
    ];
    let marked = [&bytes[..2], &carried.concat(), &bytes[2..]].concat();
    assert_eq!(read(&marked).unwrap(), plain);
    assert_eq!(read(&[&bytes[..], b"and more"].concat()).unwrap(), plain);
}

#[test]
fn png_data_must_be_as_long_as_the_header_says() {
    for png in [Png::grey(9, 7), Png::grey(9, 7).interlaced(), Png::grey(9, 7).of(2, 16), Png::grey(9, 7).of(0, 1)] {
        let raw = png.noise(0);
        read(&png.with(&raw)).unwrap();
        let why = read(&png.with(&raw[..raw.len() - 1])).unwrap_err();
        assert_eq!(why, "the file is truncated: its picture data end before its 9x7 pixels are there");
        let why = read(&png.with(&[&raw[..], b"x"].concat())).unwrap_err();
        assert_eq!(why, "the file is damaged: its picture data go on after its 9x7 pixels are there");
        let mut packed = fdeflate::compress_to_vec(&raw);
        let last = packed.len() - 1;
        packed[last] ^= 1;
        let wrong = file(&[png.header(), chunk(b"IDAT", &packed), end()]);
        assert_eq!(read(&wrong).unwrap_err(), "the file is damaged: the checksum of its picture data is wrong");
        let cut = file(&[png.header(), chunk(b"IDAT", &packed[..last - 3]), end()]);
        assert_eq!(read(&cut).unwrap_err(), "the file is truncated: its picture data have no end");
        // In many parts, some of them empty.
        packed[last] ^= 1;
        let parts: Vec<Vec<u8>> =
            packed.chunks(3).flat_map(|part| [chunk(b"IDAT", part), chunk(b"IDAT", &[])]).collect();
        let many = file(&[png.header(), parts.concat(), end()]);
        assert_eq!(read(&many).unwrap(), read(&png.with(&raw)).unwrap());
    }
}

#[test]
fn png_chunks_are_held_against_their_checksums_and_their_order() {
    let png = Png::grey(9, 7);
    let (header, data, end) = (png.header(), data(&png.noise(0)), end());
    let text = chunk(b"tEXt", b"a\0b");
    let whole = file(&[header.clone(), text.clone(), data.clone(), end.clone()]);
    read(&whole).unwrap();
    for at in 8..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 0x10;
        assert!(read(&changed).is_err(), "byte {at}");
    }
    let of = |chunks: &[&Vec<u8>]| read(&file(&chunks.iter().map(|chunk| (*chunk).clone()).collect::<Vec<_>>()));
    for (chunks, why) in [
        (&[&data, &header, &end][..], "the PNG has no header"),
        (&[&header, &header, &data, &end], "the file is damaged: it has two sizes, 9x7 and 9x7"),
        (&[&header, &data, &text, &data, &end], "the picture data of the PNG are in two places"),
        (&[&header, &data, &Png::palette(4), &end], "the PNG has a palette too many"),
        (&[&header, &data, &chunk(b"tRNS", &[0, 1]), &end], "the PNG has a tRNS chunk too many"),
        (&[&header, &data, &chunk(b"fcTL", &[0; 26]), &end], "it is an animated PNG, expected a single picture"),
        (&[&header, &data, &chunk(b"fdAT", &[0; 26]), &end], "it is an animated PNG, expected a single picture"),
        (&[&header, &data], "the file is truncated"),
        (
            &[&header, &chunk(b"CgBI", &[0; 4]), &data, &end],
            "the PNG has a chunk CgBI that changes the picture in a way not known here",
        ),
        (&[&header, &data, &end, &whole], "it holds a second picture after the first, expected a single picture"),
    ] {
        assert_eq!(of(chunks).unwrap_err(), why);
    }
    of(&[&header, &data, &end, &b"a trailer".to_vec()]).unwrap();
}

#[test]
fn colours_beyond_a_palette_are_refused() {
    for (depth, colours) in [(1, 1), (2, 3), (4, 5), (8, 200)] {
        for png in [Png::grey(13, 9).of(3, depth), Png::grey(13, 9).of(3, depth).interlaced()] {
            let of = |raw: &[u8]| read(&file(&[png.header(), Png::palette(colours), data(raw), end()]));
            of(&png.raw(|_| 0)).unwrap();
            let why = of(&png.raw(|_| 0xff)).unwrap_err();
            let last = (1u32 << depth) - 1;
            assert_eq!(why, format!("a pixel has colour {last} of a palette that ends at {}", colours - 1));
        }
    }
}

#[test]
fn odd_values_are_told_with_the_frame() {
    let doubt = |png: Png, value: fn(usize) -> u8| {
        let frame = read(&png.with(&png.raw(value))).unwrap();
        frame.doubt().map(str::to_owned)
    };
    let deep = Png::grey(64, 64).of(0, 16);
    let twelve = doubt(deep, |at| if at % 2 == 0 { (at / 2 % 16) as u8 } else { (at * 37 % 251) as u8 | 0xf0 });
    assert_eq!(
        twelve.unwrap(),
        "its values go from 240 to 4095 of 65535, which is almost black: 12-bit values in 16 bits?"
    );
    let mask = doubt(Png::grey(64, 64), |at| (at % 4) as u8);
    assert_eq!(mask.unwrap(), "it has 4 different values, from 0 to 3 of 255, as masks have");
    assert_eq!(doubt(Png::grey(64, 64), |_| 0), None, "black all over");
    assert_eq!(doubt(Png::grey(64, 64), |at| at as u8), None);
    assert_eq!(doubt(deep, |at| at as u8), None);
}

//! Images that lie: of another form than they say, cut short, closed early, far too large, or full of what nobody needs.
//! Each is given to `infer`, `infer --resize`, `encode` and `data check`, which may hold 256 MiB.

mod formats;
mod jpegs;
mod pngs;

use std::path::Path;

use super::case::{Case, add, check};
use super::house::Scratch;
use super::jpeg::Jpeg;
use super::png::{Png, data, end, file};
use super::tally::Tally;
use crate::arguments;

/// What must come of an image.
#[derive(Clone, Copy)]
enum Verdict {
    /// It is read.
    Slice,
    /// It is read, and this is said of its values.
    Odd(&'static str),
    /// It is read where larger pictures are scaled.
    Large,
    /// It is refused as larger than a slice, and where larger pictures are scaled, with these words.
    TooMuch(&'static str),
    /// It is refused, with these words.
    Bad(&'static str),
}
use Verdict::{Bad, Large, Odd, Slice, TooMuch};

/// Images that are written as they are made, and the runs of the commands that read images.
struct Images<'a> {
    scratch: &'a Scratch,
    runs: Vec<Case>,
}

impl Images<'_> {
    fn put(&mut self, name: &str, bytes: Vec<u8>, verdict: Verdict) {
        let stem = name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
        let path = self.scratch.at(&format!("{stem}.png"));
        assert!(!path.exists(), "two images are called {name}");
        std::fs::write(&path, bytes).unwrap();
        let split = self.scratch.at(&format!("{stem}.data")).join("keras_png_slices_test");
        std::fs::create_dir_all(&split).unwrap();
        std::fs::hard_link(&path, split.join("case_001_slice_1.png")).unwrap();
        let root = split.parent().unwrap();
        let out = self.scratch.at(&format!("{stem}.out"));
        let (exact, scaled, checked) = match verdict {
            Slice | Odd(_) => (0, 0, 0),
            Large => (2, 0, 1),
            Bad(_) | TooMuch(_) => (2, 2, 1),
        };
        let case = |command: &str, exit: i32, arguments: Vec<std::ffi::OsString>| {
            let case = Case::new(format!("{command}: {name}"), arguments, exit).peak(256);
            match verdict {
                Bad(why) if exit == 2 => case.says(why),
                TooMuch(why) if command == "infer --resize" => case.says(why),
                Large | TooMuch(_) if exit == 2 => case.says("expected at most 256x256"),
                Odd(why) if command != "data check" => case.says(why),
                _ => case,
            }
        };
        self.runs.extend([
            case("infer", exact, arguments!["infer", path, "--out", out].into()),
            case("infer --resize", scaled, arguments!["infer", path, "--resize", "--out", out].into()),
            case("encode", exact, arguments!["encode", path, "--out", out].into()),
            case("data check", checked, arguments!["data", "check", root].into()),
        ]);
    }
}

#[test]
fn images_that_lie() {
    let scratch = Scratch::new();
    let mut images = Images { scratch: &scratch, runs: Vec::new() };
    for group in [good, large, pngs::bad_pngs, pngs::stuffed, jpegs::bad_jpegs, formats::formats, odd] {
        group(&mut images);
    }
    assert!(images.runs.len() >= 4 * 120, "{}", images.runs.len());
    check("images that lie", &images.runs);
}

fn good(images: &mut Images<'_>) {
    for (colour, depths) in
        [(0, &[1, 2, 4, 8, 16][..]), (2, &[8, 16]), (3, &[1, 2, 4, 8]), (4, &[8, 16]), (6, &[8, 16])]
    {
        for depth in depths {
            let png = Png::grey(67, 130).of(colour, *depth);
            images.put(&format!("PNG of colour {colour} and {depth} bits"), png.whole(), Slice);
            images.put(&format!("interlaced PNG of colour {colour}, {depth} bits"), png.interlaced().whole(), Slice);
        }
    }
    for (name, sampling) in [("grey", &[[1, 1]][..]), ("4:4:4", &[[1, 1]; 3]), ("4:2:0", &[[2, 2], [1, 1], [1, 1]])] {
        let jpeg = Jpeg::new((90, 61), sampling);
        images.put(&format!("JPEG {name}"), jpeg.bytes(), Slice);
        images.put(&format!("JPEG {name} with restarts"), jpeg.clone().interval(3).bytes(), Slice);
        images.put(&format!("JPEG {name} in scans"), jpeg.clone().apart().bytes(), Slice);
        images.put(&format!("JPEG {name} progressive"), jpeg.progressive().interval(7).bytes(), Slice);
    }
}

fn large(images: &mut Images<'_>) {
    let ycc = [[1, 1]; 3];
    let small = [[2, 2], [1, 1], [1, 1]];
    images.put("64 megapixels of one bit", Png::grey(8192, 8192).of(0, 1).black(), Large);
    images.put("64 megapixels, wide", Png::grey(16_384, 4096).black(), Large);
    images.put("64 megapixels, high", Png::grey(4096, 16_384).black(), Large);
    images.put("16 megapixels of 64 bits", Png::grey(4096, 4096).of(6, 16).black(), Large);
    images.put("16 megapixels of 64 bits, interlaced", Png::grey(4096, 4096).of(6, 16).interlaced().black(), Large);
    images.put("30 megapixels, interlaced", Png::grey(5500, 5500).interlaced().black(), Large);
    images.put(
        "64 megapixels, interlaced",
        Png::grey(8192, 8192).interlaced().black(),
        TooMuch("an interlaced PNG of that size needs 2"),
    );
    images.put("a line", Png::grey(16_384, 1).whole(), Large);
    images.put("a line too long", Png::grey(16_385, 1).whole(), Bad("expected at most 16384 a side and 64 megapixels"));
    images.put("a column too long", Png::grey(1, 16_385).whole(), Bad("expected at most 16384 a side"));
    images.put("a line more than 64 megapixels", Png::grey(16_384, 4097).of(0, 1).black(), Bad("64 megapixels"));
    images.put("64 megapixels of JPEG", Jpeg::grey((8192, 7900)).flat().bytes(), Large);
    images.put("JPEG wide", Jpeg::grey((16_384, 1024)).flat().interval(2048).bytes(), Large);
    images.put("36 megapixels of RGB", Jpeg::new((6000, 6000), &ycc).flat().bytes(), Large);
    images.put("36 megapixels of 4:2:0", Jpeg::new((6000, 6000), &small).flat().bytes(), Large);
    images.put(
        "64 megapixels of RGB",
        Jpeg::new((8192, 8192), &ycc).flat().bytes(),
        TooMuch("a JPEG of that size needs 2"),
    );
    images.put("36 megapixels progressive", Jpeg::grey((6000, 6000)).flat().progressive().bytes(), Large);
    images.put("12 megapixels progressive RGB", Jpeg::new((3500, 3500), &ycc).flat().progressive().bytes(), Large);
    images.put("2 megapixels of noise in scans", Jpeg::new((1500, 1500), &ycc).apart().bytes(), Large);
    images.put(
        "25 megapixels progressive RGB",
        Jpeg::new((5000, 5000), &ycc).flat().progressive().bytes(),
        TooMuch("a JPEG of several scans of that size needs 2"),
    );
    images.put(
        "a JPEG header of 4 gigapixels",
        claimed(65_535, 65_535),
        Bad("the image is 65535x65535, expected at most 16384"),
    );
    images.put("a JPEG header of 16384 a side", claimed(16_384, 16_384), Bad("64 megapixels"));
    images.put(
        "a JPEG header beyond its data",
        claimed(8192, 8000),
        TooMuch("the file is truncated: a scan ends at part 12 of"),
    );
    images.put(
        "a PNG header of 4 exapixels",
        file(&[Png::grey(1 << 31, 1 << 31).header(), data(&[0; 99]), end()]),
        Bad("megapixels"),
    );
}

/// A JPEG of 12 blocks whose header claims another size.
fn claimed(width: usize, height: usize) -> Vec<u8> {
    let small = Jpeg::grey((24, 32));
    [Jpeg::grey((width, height)).before(), small.scan(&small.scans[0]), vec![0xff, 0xd9]].concat()
}

fn odd(images: &mut Images<'_>) {
    let deep = Png::grey(64, 64).of(0, 16);
    let high = |at: usize, most: usize| if at.is_multiple_of(2) { (at * 7 / 2 % most) as u8 } else { (at * 37) as u8 };
    let grey = Png::grey(64, 64);
    images.put(
        "12 bits in 16",
        deep.with(&deep.raw(|at| high(at, 16))),
        Odd("of 65535, which is almost black: 12-bit"),
    );
    images.put("8 bits in 16", deep.with(&deep.raw(|at| high(at, 1))), Odd("of 65535, which is almost black: 8-bit"));
    images.put(
        "a mask",
        grey.with(&grey.raw(|at| (at % 4) as u8)),
        Odd("it has 4 different values, from 0 to 3 of 255"),
    );
    images.put(
        "a mask of two",
        grey.with(&grey.raw(|at| (at % 2) as u8 * 255)),
        Odd("it has 2 different values, from 0 to 255"),
    );
    images.put("almost black", grey.with(&grey.raw(|at| (at % 12) as u8)), Odd("its values go from 0 to 11 of 255"));
    images.put("white", grey.with(&grey.raw(|_| 255)), Odd("every pixel is 255 of 255"));
    images.put("black", grey.black(), Slice);
    images.put("16 bits", deep.whole(), Slice);
}

#[test]
fn black_ends_of_volumes_are_no_fault() {
    let scratch = Scratch::new();
    let split = scratch.at("data/keras_png_slices_test");
    std::fs::create_dir_all(&split).unwrap();
    let black = Png::grey(64, 64).black();
    for case in [1, 2] {
        for slice in 0..32u8 {
            let png = Png::grey(64, 64);
            let raw = png.raw(|at| (at as u8).wrapping_mul(slice + 3).wrapping_add(case));
            let bytes = if (3..29).contains(&slice) { png.with(&raw) } else { black.clone() };
            std::fs::write(split.join(format!("case_00{case}_slice_{slice}.png")), bytes).unwrap();
        }
    }
    let run = |exit: i32| Case::new("black ends", arguments!["data", "check", scratch.at("data")], exit);
    let tally = Tally::new("slices that are black");
    add(&tally, &[run(0)]);
    let middle: &Path = &split.join("case_001_slice_15.png");
    std::fs::write(middle, &black).unwrap();
    std::fs::write(split.join("case_001_slice_16.png"), &black).unwrap();
    add(&tally, &[run(1)]);
    tally.finish();
}

//! Images that lie: of another form than they say, cut short, closed early, far too large, or full of what nobody needs.
//! Each is given to `infer`, `infer --resize`, `encode` and `data check`, which may hold 256 MiB.

use std::path::Path;

use super::house::Scratch;
use super::jpeg::{Jpeg, Scan, segment};
use super::png::{Png, START, chunk, data, end, file};
use super::run::{Case, check};
use crate::arguments;

/// What must come of an image.
enum Verdict {
    /// It is read.
    Slice,
    /// It is read, and this is said of its values.
    Odd(&'static str),
    /// It is read where larger pictures are scaled.
    Large,
    /// It is refused, with these words.
    Bad(&'static str),
}
use Verdict::{Bad, Large, Odd, Slice};

type Image = (String, Vec<u8>, Verdict);

/// Adds images under names.
fn add(images: &mut Vec<Image>, list: impl IntoIterator<Item = (&'static str, Vec<u8>, Verdict)>) {
    images.extend(list.into_iter().map(|(name, bytes, verdict)| (name.to_owned(), bytes, verdict)));
}

#[test]
fn images_that_lie() {
    let scratch = Scratch::new();
    let mut images = Vec::new();
    let mut runs = Vec::new();
    for group in [good, large, bad_pngs, stuffed, bad_jpegs, formats, odd] {
        group(&mut images);
        // Each group is on the disk before the next is made.
        runs.extend(images.drain(..).flat_map(|image| cases(&scratch, &image)));
    }
    assert!(runs.len() >= 4 * 120, "{}", runs.len());
    check("images", &runs);
}

/// The runs of an image, of the commands that read images.
fn cases(scratch: &Scratch, (name, bytes, verdict): &Image) -> Vec<Case> {
    let stem = name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
    let path = scratch.file(&format!("{stem}.png"), bytes);
    let split = scratch.at(&format!("{stem}.data")).join("keras_png_slices_test");
    std::fs::create_dir_all(&split).unwrap();
    std::fs::hard_link(&path, split.join("case_001_slice_1.png")).unwrap();
    let root = split.parent().unwrap();
    let out = scratch.at(&format!("{stem}.out"));
    let (exact, scaled, checked) = match verdict {
        Slice | Odd(_) => (0, 0, 0),
        Large => (2, 0, 1),
        Bad(_) => (2, 2, 1),
    };
    let case = |command: &str, exit: i32, arguments: Vec<std::ffi::OsString>| {
        let case = Case::new(format!("{command}: {name}"), arguments, exit).peak(256);
        match verdict {
            Bad(why) if exit == 2 => case.says(*why),
            Large if exit == 2 => case.says("expected at most 256x256"),
            Odd(why) if command != "data check" => case.says(*why),
            _ => case,
        }
    };
    vec![
        case("infer", exact, arguments!["infer", path, "--out", out].into()),
        case("infer --resize", scaled, arguments!["infer", path, "--resize", "--out", out].into()),
        case("encode", exact, arguments!["encode", path, "--out", out].into()),
        case("data check", checked, arguments!["data", "check", root].into()),
    ]
}

fn good(images: &mut Vec<Image>) {
    for (colour, depths) in
        [(0, &[1, 2, 4, 8, 16][..]), (2, &[8, 16]), (3, &[1, 2, 4, 8]), (4, &[8, 16]), (6, &[8, 16])]
    {
        for depth in depths {
            let png = Png::grey(67, 130).of(colour, *depth);
            images.push((format!("PNG of colour {colour} and {depth} bits"), png.whole(), Slice));
            images.push((format!("interlaced PNG of colour {colour}, {depth} bits"), png.interlaced().whole(), Slice));
        }
    }
    for (name, sampling) in [("grey", &[[1, 1]][..]), ("4:4:4", &[[1, 1]; 3]), ("4:2:0", &[[2, 2], [1, 1], [1, 1]])] {
        let jpeg = Jpeg::new((90, 61), sampling);
        images.push((format!("JPEG {name}"), jpeg.bytes(), Slice));
        images.push((format!("JPEG {name} with restarts"), jpeg.clone().interval(3).bytes(), Slice));
        images.push((format!("JPEG {name} in scans"), jpeg.clone().apart().bytes(), Slice));
        images.push((format!("JPEG {name} progressive"), jpeg.progressive().interval(7).bytes(), Slice));
    }
}

fn large(images: &mut Vec<Image>) {
    let ycc = [[1, 1]; 3];
    let small = [[2, 2], [1, 1], [1, 1]];
    add(
        images,
        [
            ("64 megapixels of one bit", Png::grey(8192, 8192).of(0, 1).black(), Large),
            ("64 megapixels, wide", Png::grey(16_384, 4096).black(), Large),
            ("64 megapixels, high", Png::grey(4096, 16_384).black(), Large),
            ("16 megapixels of 64 bits", Png::grey(4096, 4096).of(6, 16).black(), Large),
            ("16 megapixels of 64 bits, interlaced", Png::grey(4096, 4096).of(6, 16).interlaced().black(), Large),
            ("30 megapixels, interlaced", Png::grey(5500, 5500).interlaced().black(), Large),
            (
                "64 megapixels, interlaced",
                Png::grey(8192, 8192).interlaced().black(),
                Bad("an interlaced PNG of that size needs 2"),
            ),
            ("a line", Png::grey(16_384, 1).whole(), Large),
            ("a line too long", Png::grey(16_385, 1).whole(), Bad("expected at most 16384 a side and 64 megapixels")),
            ("a column too long", Png::grey(1, 16_385).whole(), Bad("expected at most 16384 a side")),
            ("a line more than 64 megapixels", Png::grey(16_384, 4097).of(0, 1).black(), Bad("64 megapixels")),
            ("64 megapixels of JPEG", Jpeg::grey((8192, 7900)).flat().bytes(), Large),
            ("JPEG wide", Jpeg::grey((16_384, 1024)).flat().interval(2048).bytes(), Large),
            ("36 megapixels of RGB", Jpeg::new((6000, 6000), &ycc).flat().bytes(), Large),
            ("36 megapixels of 4:2:0", Jpeg::new((6000, 6000), &small).flat().bytes(), Large),
            ("64 megapixels of RGB", Jpeg::new((8192, 8192), &ycc).flat().bytes(), Bad("a JPEG of that size needs 19")),
            ("36 megapixels progressive", Jpeg::grey((6000, 6000)).flat().progressive().bytes(), Large),
            ("12 megapixels progressive RGB", Jpeg::new((3500, 3500), &ycc).flat().progressive().bytes(), Large),
            ("9 megapixels of noise in scans", Jpeg::new((3000, 3000), &ycc).apart().bytes(), Large),
            (
                "25 megapixels progressive RGB",
                Jpeg::new((5000, 5000), &ycc).flat().progressive().bytes(),
                Bad("a JPEG of several scans of that size needs 2"),
            ),
            (
                "a JPEG header of 4 gigapixels",
                claimed(65_535, 65_535),
                Bad("the image is 65535x65535, expected at most 16384"),
            ),
            ("a JPEG header of 16384 a side", claimed(16_384, 16_384), Bad("64 megapixels")),
            (
                "a JPEG header beyond its data",
                claimed(8192, 8000),
                Bad("the file is truncated: a scan ends at part 12 of"),
            ),
            (
                "a PNG header of 4 exapixels",
                file(&[Png::grey(1 << 31, 1 << 31).header(), data(&[0; 99]), end()]),
                Bad("megapixels"),
            ),
        ],
    );
}

/// A JPEG of 12 blocks whose header claims another size.
fn claimed(width: usize, height: usize) -> Vec<u8> {
    let small = Jpeg::grey((24, 32));
    [Jpeg::grey((width, height)).before(), small.scan(&small.scans[0]), vec![0xff, 0xd9]].concat()
}

fn bad_pngs(images: &mut Vec<Image>) {
    let png = Png::grey(60, 50);
    let (header, raw, ended) = (png.header(), png.noise(0), end());
    let (pixels, whole) = (data(&raw), png.whole());
    let changed = |at: usize, value: u8| {
        let mut header = header.clone();
        header[8 + at] = value;
        let body = header[8..21].to_vec();
        file(&[chunk(b"IHDR", &body), pixels.clone(), ended.clone()])
    };
    let wrong = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    };
    let of = |chunks: &[&[u8]]| [START, &chunks.concat()].concat();
    let zlib = |bytes: &[u8]| of(&[&header, &chunk(b"IDAT", bytes), &ended]);
    let mut packed = fdeflate::compress_to_vec(&raw);
    let last = packed.len() - 1;
    packed[last] ^= 1;
    let palette = png.of(3, 8);
    let text = chunk(b"tEXt", b"a\0b");
    add(
        images,
        [
            ("an empty file", Vec::new(), Bad("the file is empty")),
            ("a signature alone", START.to_vec(), Bad("the file is truncated")),
            ("a PNG cut in the middle", whole[..whole.len() / 2].to_vec(), Bad("the file is truncated")),
            ("a PNG cut before its end", whole[..whole.len() - 12].to_vec(), Bad("the file is truncated")),
            ("a PNG cut by a byte", whole[..whole.len() - 1].to_vec(), Bad("the file is truncated")),
            ("a wrong checksum of the header", wrong(8 + 8 + 13), Bad("the checksum of its chunk IHDR is wrong")),
            ("a wrong checksum of the data", wrong(whole.len() - 13), Bad("the checksum of its chunk IDAT is wrong")),
            ("a wrong checksum of the end", wrong(whole.len() - 1), Bad("the checksum of its chunk IEND is wrong")),
            ("a wrong byte of data", wrong(whole.len() - 40), Bad("the checksum of its chunk IDAT is wrong")),
            ("a wrong checksum of zlib", zlib(&packed), Bad("the checksum of its picture data is wrong")),
            ("no zlib", zlib(b"no zlib at all, not even near"), Bad("cannot be inflated")),
            ("zlib without its end", zlib(&packed[..last - 8]), Bad("the file is truncated")),
            ("too little data", png.with(&raw[..raw.len() - 61]), Bad("end before its 60x50 pixels")),
            ("too much data", png.with(&[&raw[..], &raw].concat()), Bad("go on after its 60x50 pixels")),
            ("data of a bomb", png.with(&vec![0; 64 << 20]), Bad("go on after its 60x50 pixels")),
            ("no data", of(&[&header, &ended]), Bad("the PNG holds no picture")),
            ("empty data", of(&[&header, &chunk(b"IDAT", &[]), &ended]), Bad("end before its 60x50 pixels")),
            ("an unknown filter", png.with(&vec![9; raw.len()]), Bad("the file is damaged")),
            ("no width", changed(3, 0), Bad("the image is 0x50")),
            ("no height", changed(7, 0), Bad("the image is 60x0")),
            ("another width", changed(3, 61), Bad("end before its 61x50 pixels")),
            ("another height", changed(7, 49), Bad("go on after its 60x49 pixels")),
            ("a depth of 3 bits", changed(8, 3), Bad("")),
            ("a depth of 255 bits", changed(8, 255), Bad("")),
            ("a colour of 5", changed(9, 5), Bad("")),
            (
                "a palette of 16 bits",
                file(&[png.of(3, 16).header(), Png::palette(256), pixels.clone(), end()]),
                Bad(""),
            ),
            ("another compression", changed(10, 1), Bad("the file is damaged")),
            ("another filter method", changed(11, 1), Bad("the file is damaged")),
            ("another interlacing", changed(12, 2), Bad("")),
            ("a short header", of(&[&chunk(b"IHDR", &[0; 12]), &pixels, &ended]), Bad("the PNG has no header")),
            ("no header", of(&[&pixels, &ended]), Bad("the PNG has no header")),
            (
                "two headers",
                of(&[&header, &Png::grey(8, 8).header(), &pixels, &ended]),
                Bad("two sizes, 60x50 and 8x8"),
            ),
            ("a header after the data", of(&[&header, &pixels, &header, &ended]), Bad("two sizes")),
            ("no palette", file(&[palette.header(), data(&raw), end()]), Bad("the file is damaged")),
            (
                "two palettes",
                of(&[&palette.header(), &Png::palette(256), &Png::palette(9), &pixels, &ended]),
                Bad("palette too many"),
            ),
            (
                "a palette too small",
                of(&[&palette.header(), &Png::palette(9), &pixels, &ended]),
                Bad("of a palette that ends at 8"),
            ),
            (
                "transparency after the data",
                of(&[&header, &pixels, &chunk(b"tRNS", &[0, 9]), &ended]),
                Bad("tRNS chunk too many"),
            ),
            ("data in two places", of(&[&header, &pixels, &text, &pixels, &ended]), Bad("in two places")),
            ("an animation", of(&[&header, &chunk(b"acTL", &[0; 8]), &pixels, &ended]), Bad("animated")),
            ("a frame of an animation", of(&[&header, &pixels, &chunk(b"fdAT", &[0; 8]), &ended]), Bad("animated")),
            ("the control of a frame", of(&[&header, &chunk(b"fcTL", &[0; 26]), &pixels, &ended]), Bad("animated")),
            (
                "an unknown chunk that matters",
                of(&[&header, &chunk(b"CgBI", &[0; 4]), &pixels, &ended]),
                Bad("a chunk CgBI"),
            ),
            (
                "a name that is none",
                of(&[&header, &chunk(b"\x1b[2J", &[0; 4]), &pixels, &ended]),
                Bad("do not follow each other"),
            ),
            (
                "a chunk of 4 GiB",
                of(&[&header, &[0xff, 0xff, 0xff, 0xff], b"tEXt", &pixels, &ended]),
                Bad("the file is truncated"),
            ),
            ("a picture after the end", of(&[&whole[8..], &whole]), Bad("a second picture")),
            ("a JPEG after the end", of(&[&whole[8..], &Jpeg::grey((8, 8)).bytes()]), Bad("a second picture")),
            ("a trailer", of(&[&whole[8..], b"made by a camera"]), Slice),
        ],
    );
}

/// Pictures with much beside them.
fn stuffed(images: &mut Vec<Image>) {
    let png = Png::grey(60, 50);
    let (header, pixels) = (png.header(), data(&png.noise(0)));
    let with = |more: Vec<u8>| file(&[header.clone(), more, pixels.clone(), end()]);
    let bomb = fdeflate::compress_to_vec(&vec![0; 300 << 20]);
    let named = |name: &[u8]| [name, &bomb].concat();
    let jpeg = Jpeg::new((60, 50), &[[1, 1]; 3]).bytes();
    let marked = |part: Vec<u8>, count: usize| [&jpeg[..2], &part.repeat(count), &jpeg[2..]].concat();
    let xmp = [&b"http://ns.adobe.com/xmp/extension/\0"[..], &[b'a'; 32], &[0xff; 8], &[1; 60_000]].concat();
    add(
        images,
        [
            ("a profile of 300 MiB", with(chunk(b"iCCP", &named(b"p\0\0"))), Slice),
            ("a text of 300 MiB", with(chunk(b"zTXt", &named(b"t\0\0"))), Slice),
            ("a text of 300 MiB in a language", with(chunk(b"iTXt", &named(b"t\0\x01\0\0\0"))), Slice),
            ("ten profiles of 300 MiB", with(chunk(b"iCCP", &named(b"p\0\0")).repeat(10)), Slice),
            ("a text of 20 MiB", with(chunk(b"tEXt", &[&b"t\0"[..], &vec![b'a'; 20 << 20]].concat())), Slice),
            ("EXIF of 20 MiB", with(chunk(b"eXIf", &vec![0xff; 20 << 20])), Slice),
            ("a million chunks", with(chunk(b"teXt", &[]).repeat(1_000_000)), Slice),
            ("a million parts of data", with(chunk(b"IDAT", &[]).repeat(1_000_000)), Slice),
            ("more than 64 MiB", with(chunk(b"tEXt", &vec![b'a'; 65 << 20])), Bad("it is larger than 64 MiB")),
            (
                "a profile in a JPEG",
                marked(segment(0xe2, &[&b"ICC_PROFILE\0\x01\x01"[..], &[7; 60_000]].concat()), 300),
                Slice,
            ),
            ("EXIF in a JPEG", marked(segment(0xe1, &[&b"Exif\0\0"[..], &[7; 60_000]].concat()), 300), Slice),
            ("XMP in a JPEG", marked(segment(0xe1, &xmp), 300), Slice),
            ("comments in a JPEG", marked(segment(0xfe, &[b'a'; 65_000]), 300), Slice),
            ("a million segments", marked(segment(0xe5, &[]), 1_000_000), Slice),
            ("a million tables", marked(segment(0xdb, &[&[1][..], &[1; 64]].concat()), 100_000), Slice),
            ("fill bytes", marked(vec![0xff], 10_000_000), Slice),
        ],
    );
}

fn bad_jpegs(images: &mut Vec<Image>) {
    let jpeg = Jpeg::grey((64, 64));
    let (before, scan, bytes) = (jpeg.before(), jpeg.scan(&jpeg.scans[0]), jpeg.bytes());
    let closed = |parts: &[&[u8]]| [&parts.concat()[..], b"\xff\xd9"].concat();
    let header = jpeg.header(0xc0);
    let at = before.windows(4).position(|four| four == &header[..4]).expect("a header");
    let (tables, codes) = (&before[..at], &before[at + header.len()..]);
    let headed = |header: &[u8]| closed(&[tables, header, codes, &scan]);
    let changed = |place: usize, value: u8| {
        let mut header = header.clone();
        header[place] = value;
        headed(&header)
    };
    let restarted = jpeg.clone().interval(8);
    let restarts = restarted.bytes();
    let place = restarts.windows(2).rposition(|pair| pair[0] == 0xff && (0xd0..=0xd7).contains(&pair[1])).unwrap();
    let mut swapped = restarts.clone();
    swapped[place + 1] ^= 1;
    let progressive = Jpeg::new((64, 64), &[[1, 1]; 3]).progressive();
    let without = |scan: usize| {
        let mut jpeg = progressive.clone();
        jpeg.scans.remove(scan);
        jpeg.bytes()
    };
    let mut many = progressive.clone();
    many.scans.extend(vec![Scan { channels: vec![0], band: [1, 5], bits: [0, 0] }; 100]);
    let cut = |share: usize| closed(&[&before, &scan[..scan.len() * share / 8]]);
    let decoy = Jpeg::grey((16_384, 16_384)).header(0xc2);
    let two = Jpeg::new((64, 64), &[[1, 1]; 2]).bytes();
    let four = Jpeg::new((64, 64), &[[1, 1]; 4]).bytes();
    add(
        images,
        [
            ("a JPEG start alone", b"\xff\xd8\xff".to_vec(), Bad("the file is truncated")),
            ("a JPEG without its end", bytes[..bytes.len() - 2].to_vec(), Bad("the file is truncated")),
            ("a JPEG cut in the middle", bytes[..bytes.len() / 2].to_vec(), Bad("the file is truncated")),
            ("a scan closed at 1/8", cut(1), Bad("the file is truncated: a scan ends at part")),
            ("a scan closed at 4/8", cut(4), Bad("the file is truncated: a scan ends at part")),
            ("a scan closed at 7/8", cut(7), Bad("the file is truncated: a scan ends at part")),
            (
                "a scan without data",
                closed(&[&before, &scan[..10]]),
                Bad("the file is truncated: a scan ends at part 0"),
            ),
            ("a scan closed by a restart", [&before, &scan[..200], b"\xff\xd0\xff\xd9"].concat(), Bad("truncated")),
            ("a scan closed by another", closed(&[&before, &scan[..200], &scan]), Bad("the file is truncated")),
            ("a scan closed at its last restart", closed(&[&restarts[..place]]), Bad("the file is truncated")),
            ("restarts out of order", swapped, Bad("the file is truncated")),
            (
                "a wrong header",
                headed(&Jpeg::grey((64, 32)).header(0xc0)),
                Bad("a scan goes on after its 64x32 pixels"),
            ),
            ("no first scan", without(0), Bad("follow each other")),
            ("no last scan", without(progressive.scans.len() - 1), Bad("of channel 3 lack scans")),
            ("no scan of a band", without(2), Bad("follow each other")),
            ("a hundred scans more", many.bytes(), Bad("it has more than 100 scans")),
            ("a picture twice", closed(&[&before, &scan, &scan]), Bad("follow each other")),
            ("a decoy after the scan", closed(&[&before, &scan, &decoy]), Bad("two sizes, 64x64 and 16384x16384")),
            ("a decoy before the scan", closed(&[&before, &decoy, &scan]), Bad("two sizes, 64x64 and 16384x16384")),
            ("a decoy first", headed(&[&decoy[..], &header].concat()), Bad("two sizes, 16384x16384 and 64x64")),
            ("a picture inside", closed(&[&before, b"\xff\xd8", &scan]), Bad("a picture inside of its picture")),
            ("a second picture", [&bytes[..], &bytes].concat(), Bad("a second picture after the first (MPO?)")),
            ("a PNG after the end", [&bytes[..], &Png::grey(8, 8).whole()].concat(), Bad("a second picture")),
            ("a trailer of a JPEG", [&bytes[..], b"made by a camera"].concat(), Slice),
            ("arithmetic coding", headed(&jpeg.header(0xc9)), Bad("with arithmetic coding")),
            (
                "a table of arithmetic coding",
                closed(&[&before, &segment(0xcc, &[0, 0]), &scan]),
                Bad("with arithmetic coding"),
            ),
            ("no loss", headed(&jpeg.header(0xc3)), Bad("a JPEG without loss")),
            ("several sizes", headed(&jpeg.header(0xc5)), Bad("hierarchical")),
            ("a hierarchy", closed(&[&before, &segment(0xde, &[0; 9]), &scan]), Bad("hierarchical")),
            ("JPEG-LS", headed(&jpeg.header(0xf7)), Bad("it is a JPEG-LS")),
            ("a late height", closed(&[&before, &scan, &segment(0xdc, &[0, 64])]), Bad("its height comes after")),
            ("12 bits", changed(4, 12), Bad("it is a JPEG of 12 bits a value, expected 8")),
            ("2 channels", two, Bad("it is a JPEG of 2 channels")),
            ("4 channels", four, Bad("it is a JPEG of 4 channels (CMYK?)")),
            ("no channels", changed(9, 0), Bad("it is a JPEG of 0 channels")),
            ("channels that are missing", changed(9, 3), Bad("does not describe its channels")),
            ("no sampling", changed(11, 0x01), Bad("does not describe its channels")),
            ("sampling of 15", changed(11, 0xf1), Bad("does not describe its channels")),
            ("a JPEG without height", changed(6, 0), Bad("the image is 64x0")),
            ("a JPEG without width", changed(8, 0), Bad("the image is 0x64")),
            ("no header in a JPEG", closed(&[tables, codes]), Bad("the JPEG has no header")),
            ("a scan before the header", closed(&[tables, codes, &scan, &header]), Bad("the JPEG has no header")),
            ("no scan", closed(&[&before]), Bad("the JPEG holds no picture")),
            ("no codes", closed(&[tables, &header, &scan]), Bad("wrong codes")),
            ("no quantities", closed(&[&tables[..2], &header, codes, &scan]), Bad("the file is damaged")),
            (
                "too many codes",
                closed(&[&before, &segment(0xc4, &[&[0][..], &[200; 16], &[0; 3200]].concat()), &scan]),
                Bad("Huffman"),
            ),
            ("a short table", closed(&[&before, &segment(0xc4, &[0; 9]), &scan]), Bad("Huffman")),
            ("wrong codes", closed(&[&before, &scan[..10], &[0xff, 0].repeat(4000)]), Bad("wrong codes")),
            (
                "a scan of a channel that is none",
                closed(&[&before, &segment(0xda, &[1, 9, 0, 0, 63, 0])]),
                Bad("does not describe it"),
            ),
            ("a segment of no length", closed(&[&bytes[..2], &[0xff, 0xe0, 0, 0], &bytes[2..]]), Bad("")),
            ("bytes between segments", closed(&[&bytes[..2], b"garbage", &bytes[2..]]), Bad("")),
            (
                "a restart distance of 3 bytes",
                closed(&[&before, &segment(0xdd, &[0, 1, 2]), &scan]),
                Bad("no distance"),
            ),
        ],
    );
}

fn formats(images: &mut Vec<Image>) {
    let at = |place: usize, start: &[u8]| [&vec![0; place], start, &[0x81; 700]].concat();
    let nifti = |magic: &[u8]| [&348i32.to_le_bytes()[..], &[0; 340], magic, &[0; 400]].concat();
    add(
        images,
        [
            ("a text", b"hello, I am no picture".to_vec(), Bad("it looks like text")),
            ("zeros", vec![0; 70_000], Bad("it looks like nothing but zeros")),
            ("a GIF", at(0, b"GIF89a"), Bad("it looks like a GIF")),
            ("a BMP", at(0, b"BM"), Bad("it looks like a BMP")),
            ("a TIFF", at(0, b"II*\0"), Bad("it looks like a TIFF")),
            ("a big TIFF", at(0, b"MM\0+"), Bad("it looks like a TIFF")),
            ("a WebP", at(0, b"RIFF\x10\0\0\0WEBP"), Bad("it looks like a WebP")),
            ("a HEIC", at(0, b"\0\0\0\x18ftypheic"), Bad("it looks like a HEIC")),
            ("an AVIF", at(0, b"\0\0\0\x18ftypavif"), Bad("it looks like an AVIF")),
            ("a film", at(0, b"\0\0\0\x18ftypisom"), Bad("it looks like a film (MP4)")),
            ("a JPEG 2000", at(0, b"\0\0\0\x0cjP  \r\n\x87\n"), Bad("it looks like a JPEG 2000")),
            ("a JPEG 2000 stream", at(0, b"\xff\x4f\xff\x51"), Bad("it looks like a JPEG 2000")),
            ("a JPEG XL", at(0, b"\0\0\0\x0cJXL \r\n\x87\n"), Bad("it looks like a JPEG XL")),
            ("a JPEG XL stream", at(0, b"\xff\x0a"), Bad("it looks like a JPEG XL")),
            ("a DICOM", at(128, b"DICM"), Bad("it looks like a DICOM file")),
            ("a NIfTI", nifti(b"n+1\0"), Bad("it looks like a NIfTI volume")),
            ("a NIfTI header", nifti(b"ni1\0"), Bad("it looks like the header of a NIfTI volume")),
            ("an Analyze header", nifti(b"\0\0\0\0"), Bad("it looks like the header of an Analyze volume")),
            ("a NIfTI 2", at(0, b"\x1c\x02\0\0n+2\0\r\n\x1a\n"), Bad("it looks like a NIfTI volume")),
            ("gzip", at(0, b"\x1f\x8b\x08\0"), Bad("it looks like gzip data (a NIfTI volume?)")),
            ("a NumPy array", at(0, b"\x93NUMPY\x01\0"), Bad("it looks like a NumPy array")),
            ("a ZIP", at(0, b"PK\x03\x04"), Bad("it looks like a ZIP archive")),
            ("a PDF", at(0, b"%PDF-1.7"), Bad("it looks like a PDF")),
            ("an HDF5", at(0, b"\x89HDF\r\n\x1a\n"), Bad("it looks like an HDF5 file")),
            ("a PNM", b"P5\n4 4\n255\n0123456789abcdef".to_vec(), Bad("it looks like a PNM")),
            (
                "a pointer of Git LFS",
                b"version https://git-lfs.github.com/spec/v1\n".to_vec(),
                Bad("a pointer of Git LFS"),
            ),
            ("noise", at(0, b"\x81\x82"), Bad("it looks like something else")),
        ],
    );
}

fn odd(images: &mut Vec<Image>) {
    let deep = Png::grey(64, 64).of(0, 16);
    let high = |at: usize, most: usize| if at.is_multiple_of(2) { (at * 7 / 2 % most) as u8 } else { (at * 37) as u8 };
    let grey = Png::grey(64, 64);
    add(
        images,
        [
            ("12 bits in 16", deep.with(&deep.raw(|at| high(at, 16))), Odd("of 65535, which is almost black: 12-bit")),
            ("8 bits in 16", deep.with(&deep.raw(|at| high(at, 1))), Odd("of 65535, which is almost black: 8-bit")),
            ("a mask", grey.with(&grey.raw(|at| (at % 4) as u8)), Odd("it has 4 different values, from 0 to 3 of 255")),
            (
                "a mask of two",
                grey.with(&grey.raw(|at| (at % 2) as u8 * 255)),
                Odd("it has 2 different values, from 0 to 255"),
            ),
            ("almost black", grey.with(&grey.raw(|at| (at % 12) as u8)), Odd("its values go from 0 to 11 of 255")),
            ("white", grey.with(&grey.raw(|_| 255)), Odd("every pixel is 255 of 255")),
            ("black", grey.black(), Slice),
            ("16 bits", deep.whole(), Slice),
        ],
    );
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
    check("black ends", &[run(0)]);
    let middle: &Path = &split.join("case_001_slice_15.png");
    std::fs::write(middle, &black).unwrap();
    std::fs::write(split.join("case_001_slice_16.png"), &black).unwrap();
    check("black in the middle", &[run(1)]);
}

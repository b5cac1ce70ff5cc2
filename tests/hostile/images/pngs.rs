//! PNGs that lie, and pictures with much beside them.

use super::Images;
use super::Verdict::{Bad, Slice};
use crate::jpeg::{Jpeg, segment};
use crate::png::{Png, START, chunk, data, end, file, zeros};

pub(super) fn bad_pngs(images: &mut Images<'_>) {
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
    images.put("an empty file", Vec::new(), Bad("the file is empty"));
    images.put("a signature alone", START.to_vec(), Bad("the file is truncated"));
    images.put("a PNG cut in the middle", whole[..whole.len() / 2].to_vec(), Bad("the file is truncated"));
    images.put("a PNG cut before its end", whole[..whole.len() - 12].to_vec(), Bad("the file is truncated"));
    images.put("a PNG cut by a byte", whole[..whole.len() - 1].to_vec(), Bad("the file is truncated"));
    images.put("a wrong checksum of the header", wrong(8 + 8 + 13), Bad("the checksum of its chunk IHDR is wrong"));
    images.put("a wrong checksum of the data", wrong(whole.len() - 13), Bad("the checksum of its chunk IDAT is wrong"));
    images.put("a wrong checksum of the end", wrong(whole.len() - 1), Bad("the checksum of its chunk IEND is wrong"));
    images.put("a wrong byte of data", wrong(whole.len() - 40), Bad("the checksum of its chunk IDAT is wrong"));
    images.put("a wrong checksum of zlib", zlib(&packed), Bad("the checksum of its picture data is wrong"));
    images.put("no zlib", zlib(b"no zlib at all, not even near"), Bad("cannot be inflated"));
    images.put("zlib without its end", zlib(&packed[..last - 8]), Bad("the file is truncated"));
    images.put("too little data", png.with(&raw[..raw.len() - 61]), Bad("end before its 60x50 pixels"));
    images.put("too much data", png.with(&[&raw[..], &raw].concat()), Bad("go on after its 60x50 pixels"));
    images.put("data of a bomb", png.packed(zeros(64 << 20)), Bad("go on after its 60x50 pixels"));
    images.put("no data", of(&[&header, &ended]), Bad("the PNG holds no picture"));
    images.put("empty data", of(&[&header, &chunk(b"IDAT", &[]), &ended]), Bad("end before its 60x50 pixels"));
    images.put("an unknown filter", png.with(&vec![9; raw.len()]), Bad("the file is damaged"));
    images.put("no width", changed(3, 0), Bad("the image is 0x50"));
    images.put("no height", changed(7, 0), Bad("the image is 60x0"));
    images.put("another width", changed(3, 61), Bad("end before its 61x50 pixels"));
    images.put("another height", changed(7, 49), Bad("go on after its 60x49 pixels"));
    images.put("a depth of 3 bits", changed(8, 3), Bad(""));
    images.put("a depth of 255 bits", changed(8, 255), Bad(""));
    images.put("a colour of 5", changed(9, 5), Bad(""));
    images.put(
        "a palette of 16 bits",
        file(&[png.of(3, 16).header(), Png::palette(256), pixels.clone(), end()]),
        Bad(""),
    );
    images.put("another compression", changed(10, 1), Bad("the file is damaged"));
    images.put("another filter method", changed(11, 1), Bad("the file is damaged"));
    images.put("another interlacing", changed(12, 2), Bad(""));
    images.put("a short header", of(&[&chunk(b"IHDR", &[0; 12]), &pixels, &ended]), Bad("the PNG has no header"));
    images.put("no header", of(&[&pixels, &ended]), Bad("the PNG has no header"));
    images.put(
        "two headers",
        of(&[&header, &Png::grey(8, 8).header(), &pixels, &ended]),
        Bad("two sizes, 60x50 and 8x8"),
    );
    images.put("a header after the data", of(&[&header, &pixels, &header, &ended]), Bad("two sizes"));
    images.put("no palette", file(&[palette.header(), data(&raw), end()]), Bad("the file is damaged"));
    images.put(
        "two palettes",
        of(&[&palette.header(), &Png::palette(256), &Png::palette(9), &pixels, &ended]),
        Bad("palette too many"),
    );
    images.put(
        "a palette too small",
        of(&[&palette.header(), &Png::palette(9), &pixels, &ended]),
        Bad("of a palette that ends at 8"),
    );
    images.put(
        "transparency after the data",
        of(&[&header, &pixels, &chunk(b"tRNS", &[0, 9]), &ended]),
        Bad("tRNS chunk too many"),
    );
    images.put("data in two places", of(&[&header, &pixels, &text, &pixels, &ended]), Bad("in two places"));
    images.put("an animation", of(&[&header, &chunk(b"acTL", &[0; 8]), &pixels, &ended]), Bad("animated"));
    images.put("a frame of an animation", of(&[&header, &pixels, &chunk(b"fdAT", &[0; 8]), &ended]), Bad("animated"));
    images.put("the control of a frame", of(&[&header, &chunk(b"fcTL", &[0; 26]), &pixels, &ended]), Bad("animated"));
    images.put(
        "an unknown chunk that matters",
        of(&[&header, &chunk(b"CgBI", &[0; 4]), &pixels, &ended]),
        Bad("a chunk CgBI"),
    );
    images.put(
        "a name that is none",
        of(&[&header, &chunk(b"\x1b[2J", &[0; 4]), &pixels, &ended]),
        Bad("do not follow each other"),
    );
    images.put(
        "a chunk of 4 GiB",
        of(&[&header, &[0xff, 0xff, 0xff, 0xff], b"tEXt", &pixels, &ended]),
        Bad("the file is truncated"),
    );
    images.put("a picture after the end", of(&[&whole[8..], &whole]), Bad("a second picture"));
    images.put("a JPEG after the end", of(&[&whole[8..], &Jpeg::grey((8, 8)).bytes()]), Bad("a second picture"));
    images.put("a trailer", of(&[&whole[8..], b"made by a camera"]), Slice);
}

/// Pictures with much beside them.
pub(super) fn stuffed(images: &mut Images<'_>) {
    let png = Png::grey(60, 50);
    let (header, pixels) = (png.header(), data(&png.noise(0)));
    let with = |more: Vec<u8>| file(&[header.clone(), more, pixels.clone(), end()]);
    let bomb = zeros(300 << 20);
    let named = |name: &[u8]| [name, &bomb].concat();
    let jpeg = Jpeg::new((60, 50), &[[1, 1]; 3]).bytes();
    let marked = |part: Vec<u8>, count: usize| [&jpeg[..2], &part.repeat(count), &jpeg[2..]].concat();
    let xmp = [&b"http://ns.adobe.com/xmp/extension/\0"[..], &[b'a'; 32], &[0xff; 8], &[1; 60_000]].concat();
    images.put("a profile of 300 MiB", with(chunk(b"iCCP", &named(b"p\0\0"))), Slice);
    images.put("a text of 300 MiB", with(chunk(b"zTXt", &named(b"t\0\0"))), Slice);
    images.put("a text of 300 MiB in a language", with(chunk(b"iTXt", &named(b"t\0\x01\0\0\0"))), Slice);
    images.put("ten profiles of 300 MiB", with(chunk(b"iCCP", &named(b"p\0\0")).repeat(10)), Slice);
    images.put("a text of 20 MiB", with(chunk(b"tEXt", &[&b"t\0"[..], &vec![b'a'; 20 << 20]].concat())), Slice);
    images.put("EXIF of 20 MiB", with(chunk(b"eXIf", &vec![0xff; 20 << 20])), Slice);
    images.put("a million chunks", with(chunk(b"teXt", &[]).repeat(1_000_000)), Slice);
    images.put("a million parts of data", with(chunk(b"IDAT", &[]).repeat(1_000_000)), Slice);
    images.put("more than 64 MiB", with(chunk(b"tEXt", &vec![b'a'; 65 << 20])), Bad("it is larger than 64 MiB"));
    images.put(
        "a profile in a JPEG",
        marked(segment(0xe2, &[&b"ICC_PROFILE\0\x01\x01"[..], &[7; 60_000]].concat()), 300),
        Slice,
    );
    images.put("EXIF in a JPEG", marked(segment(0xe1, &[&b"Exif\0\0"[..], &[7; 60_000]].concat()), 300), Slice);
    images.put("XMP in a JPEG", marked(segment(0xe1, &xmp), 300), Slice);
    images.put("comments in a JPEG", marked(segment(0xfe, &[b'a'; 65_000]), 300), Slice);
    images.put("a million segments", marked(segment(0xe5, &[]), 1_000_000), Slice);
    images.put("a million tables", marked(segment(0xdb, &[&[1][..], &[1; 64]].concat()), 100_000), Slice);
    images.put("fill bytes", marked(vec![0xff], 10_000_000), Slice);
}

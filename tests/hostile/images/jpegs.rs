//! JPEGs that lie.

use super::Images;
use super::Verdict::{Bad, Slice};
use crate::jpeg::{Jpeg, Scan, segment};
use crate::png::Png;

pub(super) fn bad_jpegs(images: &mut Images<'_>) {
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
    images.put("a JPEG start alone", b"\xff\xd8\xff".to_vec(), Bad("the file is truncated"));
    images.put("a JPEG without its end", bytes[..bytes.len() - 2].to_vec(), Bad("the file is truncated"));
    images.put("a JPEG cut in the middle", bytes[..bytes.len() / 2].to_vec(), Bad("the file is truncated"));
    images.put("a scan closed at 1/8", cut(1), Bad("the file is truncated: a scan ends at part"));
    images.put("a scan closed at 4/8", cut(4), Bad("the file is truncated: a scan ends at part"));
    images.put("a scan closed at 7/8", cut(7), Bad("the file is truncated: a scan ends at part"));
    images.put(
        "a scan without data",
        closed(&[&before, &scan[..10]]),
        Bad("the file is truncated: a scan ends at part 0"),
    );
    images.put("a scan closed by a restart", [&before, &scan[..200], b"\xff\xd0\xff\xd9"].concat(), Bad("truncated"));
    images.put("a scan closed by another", closed(&[&before, &scan[..200], &scan]), Bad("the file is truncated"));
    images.put("a scan closed at its last restart", closed(&[&restarts[..place]]), Bad("the file is truncated"));
    images.put("restarts out of order", swapped, Bad("the file is truncated"));
    images.put(
        "a wrong header",
        headed(&Jpeg::grey((64, 32)).header(0xc0)),
        Bad("a scan goes on after its 64x32 pixels"),
    );
    images.put("no first scan", without(0), Bad("follow each other"));
    images.put("no last scan", without(progressive.scans.len() - 1), Bad("of channel 3 lack scans"));
    images.put("no scan of a band", without(2), Bad("follow each other"));
    images.put("a hundred scans more", many.bytes(), Bad("it has more than 100 scans"));
    images.put("a picture twice", closed(&[&before, &scan, &scan]), Bad("follow each other"));
    images.put("a decoy after the scan", closed(&[&before, &scan, &decoy]), Bad("two sizes, 64x64 and 16384x16384"));
    images.put("a decoy before the scan", closed(&[&before, &decoy, &scan]), Bad("two sizes, 64x64 and 16384x16384"));
    images.put("a decoy first", headed(&[&decoy[..], &header].concat()), Bad("two sizes, 16384x16384 and 64x64"));
    images.put("a picture inside", closed(&[&before, b"\xff\xd8", &scan]), Bad("a picture inside of its picture"));
    images.put("a second picture", [&bytes[..], &bytes].concat(), Bad("a second picture after the first (MPO?)"));
    images.put("a PNG after the end", [&bytes[..], &Png::grey(8, 8).whole()].concat(), Bad("a second picture"));
    images.put("a trailer of a JPEG", [&bytes[..], b"made by a camera"].concat(), Slice);
    images.put("arithmetic coding", headed(&jpeg.header(0xc9)), Bad("with arithmetic coding"));
    images.put(
        "a table of arithmetic coding",
        closed(&[&before, &segment(0xcc, &[0, 0]), &scan]),
        Bad("with arithmetic coding"),
    );
    images.put("no loss", headed(&jpeg.header(0xc3)), Bad("a JPEG without loss"));
    images.put("several sizes", headed(&jpeg.header(0xc5)), Bad("hierarchical"));
    images.put("a hierarchy", closed(&[&before, &segment(0xde, &[0; 9]), &scan]), Bad("hierarchical"));
    images.put("JPEG-LS", headed(&jpeg.header(0xf7)), Bad("it is a JPEG-LS"));
    images.put("a late height", closed(&[&before, &scan, &segment(0xdc, &[0, 64])]), Bad("its height comes after"));
    images.put("12 bits", changed(4, 12), Bad("it is a JPEG of 12 bits a value, expected 8"));
    images.put("2 channels", two, Bad("it is a JPEG of 2 channels"));
    images.put("4 channels", four, Bad("it is a JPEG of 4 channels (CMYK?)"));
    images.put("no channels", changed(9, 0), Bad("it is a JPEG of 0 channels"));
    images.put("channels that are missing", changed(9, 3), Bad("does not describe its channels"));
    images.put("no sampling", changed(11, 0x01), Bad("does not describe its channels"));
    images.put("sampling of 15", changed(11, 0xf1), Bad("does not describe its channels"));
    images.put("a JPEG without height", changed(6, 0), Bad("the image is 64x0"));
    images.put("a JPEG without width", changed(8, 0), Bad("the image is 0x64"));
    images.put("no header in a JPEG", closed(&[tables, codes]), Bad("the JPEG has no header"));
    images.put("a scan before the header", closed(&[tables, codes, &scan, &header]), Bad("the JPEG has no header"));
    images.put("no scan", closed(&[&before]), Bad("the JPEG holds no picture"));
    images.put("no codes", closed(&[tables, &header, &scan]), Bad("wrong codes"));
    images.put("no quantities", closed(&[&tables[..2], &header, codes, &scan]), Bad("the file is damaged"));
    images.put(
        "too many codes",
        closed(&[&before, &segment(0xc4, &[&[0][..], &[200; 16], &[0; 3200]].concat()), &scan]),
        Bad("Huffman"),
    );
    images.put("a short table", closed(&[&before, &segment(0xc4, &[0; 9]), &scan]), Bad("Huffman"));
    images.put("wrong codes", closed(&[&before, &scan[..10], &[0xff, 0].repeat(4000)]), Bad("wrong codes"));
    images.put(
        "a scan of a channel that is none",
        closed(&[&before, &segment(0xda, &[1, 9, 0, 0, 63, 0])]),
        Bad("does not describe it"),
    );
    images.put("a segment of no length", closed(&[&bytes[..2], &[0xff, 0xe0, 0, 0], &bytes[2..]]), Bad(""));
    images.put("bytes between segments", closed(&[&bytes[..2], b"garbage", &bytes[2..]]), Bad(""));
    images.put(
        "a restart distance of 3 bytes",
        closed(&[&before, &segment(0xdd, &[0, 1, 2]), &scan]),
        Bad("no distance"),
    );
}

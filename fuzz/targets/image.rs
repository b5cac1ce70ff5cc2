//! The content of image files, by the decoder that every command uses.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use oasis::data::{FRAME, Fit, Frame};
use oasis_fuzz::jpeg::Jpeg;
use oasis_fuzz::png::Png;
use oasis_fuzz::seeds;

/// Small pictures of every form of both formats.
fn made() -> Vec<Vec<u8>> {
    let kinds = [(0, 1), (0, 2), (0, 8), (0, 16), (2, 8), (2, 16), (3, 4), (4, 8), (4, 16), (6, 8), (6, 16)];
    let png = |(colour, depth)| Png::grey(9, 7).of(colour, depth);
    let plain = kinds.iter().map(|&kind| png(kind).whole());
    let interlaced = kinds.iter().map(|&kind| png(kind).interlaced().whole());
    let (grey, halved) = ([[1, 1]], [[2, 2], [1, 1], [1, 1]]);
    let jpegs = [
        Jpeg::grey((9, 17)),
        Jpeg::grey((40, 20)).interval(2),
        Jpeg::new((33, 18), &halved),
        Jpeg::new((33, 18), &halved).apart(),
        Jpeg::new((33, 18), &halved).progressive(),
        Jpeg::new((20, 20), &grey).progressive().interval(1),
    ];
    plain.chain(interlaced).chain(jpegs.iter().map(Jpeg::bytes)).collect()
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

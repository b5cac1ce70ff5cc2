//! Volumes: the headers of Analyze and NIfTI, in one file or two, plain or compressed, and what follows them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oasis::data::{Scale, Volume};
use oasis_fuzz::volume_files::{Header, ball, bytes};
use oasis_fuzz::{file, seeds};

const SHAPE: [i16; 3] = [6, 5, 4];

/// The first byte says whether what follows is one file or a header of 348 bytes and its voxels.
fn made() -> Vec<Vec<u8>> {
    let voxels = bytes(&ball(SHAPE));
    let one = |header: Header| [b"\0", &header.0[..], &voxels].concat();
    let two = |header: Header| [b"\x01", &header.0[..348], &voxels].concat();
    let mut turned = Header::nifti(SHAPE);
    turned.int16(254, 0).int16(252, 1).float(256, 0.5).float(260, 0.5).float(264, 0.5);
    let mut float = Header::nifti([6, 5, 2]);
    float.int16(70, 16).int16(72, 32);
    let mut pair = Header::nifti(SHAPE);
    pair.float(108, 0.0).int32(344, i32::from_le_bytes(*b"ni1\0"));
    let mut long = vec![0; 545];
    long[1..5].copy_from_slice(&540_i32.to_le_bytes());
    long[5..9].copy_from_slice(b"n+2\0");
    long[13] = 4;
    for (index, size) in [3, 6, 5, 4_u8].into_iter().enumerate() {
        long[17 + 8 * index] = size;
    }
    vec![
        one(Header::nifti(SHAPE)),
        one(turned),
        one(float),
        two(Header::analyze(SHAPE)),
        two(pair),
        [&long[..], &voxels].concat(),
    ]
}

fuzz_target!(init: seeds(made), |bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    let path = if which % 2 == 0 {
        file("volume.nii", bytes)
    } else {
        let (header, voxels) = bytes.split_at(bytes.len().min(348));
        file("volume.img", voxels);
        file("volume.hdr", header)
    };
    let Ok(volume) = Volume::open(&path) else { return };
    let count = volume.slices();
    let Ok(slices) = volume.read(0..count.min(32)) else { return };
    let (width, height) = volume.size();
    assert_eq!(slices.values(0).dim(), (height, width));
    if let Ok(grey) = slices.grey(Scale::Slice) {
        for index in 0..count.min(32) {
            assert!(grey.bytes(index).iter().all(|level| *level == 0) || grey.white(index) > 0.0);
        }
    }
});

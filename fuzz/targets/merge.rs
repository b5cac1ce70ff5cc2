//! Scores as CSV: what is merged is written, and merged again to the same report.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use oasis::bundle::Bundle;
use oasis::jobs::merge;
use oasis_fuzz::{bundle, file, place, seeds};

fn opened() -> &'static Bundle {
    static OPENED: OnceLock<Bundle> = OnceLock::new();
    OPENED.get_or_init(|| Bundle::open(bundle()).expect("the toy bundle can be opened"))
}

fn made() -> Vec<Vec<u8>> {
    let id = opened().id();
    let header = "file,case,slice,ssim,ssim_brain,psnr,codes,backend,bundle\n";
    let row = |name: &str, rest: &str| format!("{name},{rest},0:4 3:10 7:2,tract,{id}\n");
    let one = row("case_001_slice_3.png", "1,3,0.75,0.5,21.5");
    let two = row("\"a, \"\"b\"\".png\"", ",,0.25,NaN,inf");
    vec![header.into(), format!("{header}{one}").into(), format!("{header}{one}{two}").into(), one.into()]
}

fuzz_target!(init: seeds(made), |bytes: &[u8]| {
    let (path, joined) = (file("scores.csv", bytes), place().join("joined.csv"));
    let Ok(report) = merge(&[path], opened(), Some(&joined)) else { return };
    let again = merge(&[joined], opened(), None).expect("what is written is merged");
    // Texts are compared, since a report may hold numbers that do not equal themselves.
    assert_eq!(format!("{report:?}"), format!("{again:?}"));
});

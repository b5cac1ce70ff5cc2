//! The shipped bundle on real slices and on ONNX Runtime, where they are there; says so where not.

use std::path::{Path, PathBuf};

use super::house::{oasis_with, shipped};
use super::skips::{library, skipped};
use crate::arguments;

/// The real slices: `OASIS_DATA`, or the folder beside the checkout.
fn slices() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oasis1");
    let found = std::env::var_os("OASIS_DATA").map_or(beside, PathBuf::from);
    if found.is_dir() {
        return Some(found);
    }
    skipped(&format!("no real slices at {} (set OASIS_DATA)", found.display()));
    None
}

#[test]
fn real_slices_are_reconstructed_as_the_card_says() {
    let Some(data) = slices() else { return };
    // Every 16th slice: 36 of the 576.
    let ran = oasis_with(arguments!["eval", "--data", data, "--shard", "1/16", "--json"], |_| {});
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let report = ran.json();
    assert_eq!(report["images"], 36);
    let near = |path: &str, expected: f64, tolerance: f64| {
        let found = report.pointer(path).and_then(serde_json::Value::as_f64).unwrap();
        assert!((found - expected).abs() < tolerance, "{path}: {found}, expected {expected}");
    };
    near("/ssim/mean", 0.965_04, 1e-4);
    near("/ssim/min", 0.958_00, 1e-3);
    near("/ssim_brain/mean", 0.905_40, 3e-4);
    near("/psnr/mean", 31.005_3, 1e-2);
}

#[test]
fn tract_and_onnx_runtime_agree_on_real_slices() {
    let Some(data) = slices() else { return };
    let Some(library) = library() else { return };
    let subject = data.join("keras_png_slices_test");
    let some: Vec<_> = (0..32).step_by(8).map(|slice| subject.join(format!("case_011_slice_{slice}.jpg"))).collect();
    let mut arguments = arguments!["parity", "--backends", "tract,ort", "--json", "--ort-lib", library].to_vec();
    arguments.extend(arguments!["--samples", "20"]);
    arguments.extend(some.into_iter().map(Into::into));
    let ran = oasis_with(arguments, |_| {});
    assert_eq!(ran.code, 0, "{} {}", ran.stdout, ran.stderr);
    assert_eq!(ran.json()["pass"], true);
    let samples = &ran.json()["pairs"][0]["samples"];
    assert_eq!((&samples["count"], &samples["identical"]), (&20.into(), &20.into()), "{samples}");
    assert!(shipped().join("bundle.json").is_file());
}

//! The engine burn on the embedded bundle, which the binary is built with.

use ndarray::Array3;

use super::house::{Scratch, oasis};
use super::toy;
use crate::arguments;

#[test]
fn parity_holds_between_burn_and_the_other_engines() {
    let scratch = Scratch::new();
    let slice = scratch.slice("brain.png");
    let doctor = oasis(["doctor", "--backend", "burn", "--json"]);
    assert_eq!(doctor.code, 0, "{}", doctor.stderr);
    let engines = doctor.json()["engines"].as_array().unwrap().clone();
    let ort = engines.iter().any(|engine| engine["name"] == "ort" && engine["available"] == true);
    let backends = if ort { "tract,ort,burn" } else { "tract,burn" };
    let ran = oasis(arguments!["parity", slice, "--backends", backends, "--samples", "2", "--json"]);
    assert_eq!(ran.code, 0, "{} {}", ran.stdout, ran.stderr);
    let report = ran.json();
    assert_eq!(report["pass"], true);
    assert_eq!(report["pairs"].as_array().unwrap().len(), if ort { 3 } else { 1 });
}

#[test]
fn commands_run_on_burn() {
    let scratch = Scratch::new();
    let (slice, out, given) = (scratch.slice("brain.png"), scratch.at("out"), scratch.at("given.npy"));
    ndarray_npy::write_npy(&given, &Array3::<i64>::zeros((1, 32, 32))).unwrap();
    let runs = [
        arguments!["infer", slice, "--out", out].to_vec(),
        arguments!["encode", slice, "--out", out].to_vec(),
        arguments!["decode", out.join("brain.npy"), "--out", out].to_vec(),
        arguments!["sample", "--count", "1", "--given", given, "--rows", "28", "--out", scratch.at("one.png")].to_vec(),
    ];
    for mut run in runs {
        run.extend(arguments!["--backend", "burn", "--burn-device", "cpu"]);
        let ran = oasis(&run);
        assert_eq!(ran.code, 0, "{run:?}: {}", ran.stderr);
    }
    let decoded = image::open(out.join("brain.png")).unwrap();
    assert_eq!(decoded, image::open(out.join("brain.recon.png")).unwrap());
    assert!(scratch.at("one.png").is_file());
}

#[test]
fn another_bundle_and_an_unknown_device_are_refused() {
    let scratch = Scratch::new();
    let (slice, out, other) = (scratch.slice("brain.png"), scratch.at("out"), scratch.at("toy"));
    toy::write(&other, |_, _| {}).unwrap();
    let ran = oasis(arguments!["infer", slice, "--bundle", other, "--out", out, "--backend", "burn"]);
    assert!(ran.refused().contains("OASIS_BURN_BUNDLE=DIR"), "{}", ran.stderr);
    let ran = oasis(arguments!["infer", slice, "--out", out, "--backend", "burn", "--burn-device", "tpu"]);
    assert!(ran.refused().contains("vulkan"), "{}", ran.stderr);
}

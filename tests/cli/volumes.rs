//! From made-up discs to a dataset, and volumes through the model.

use std::fs;
use std::path::Path;

use oasis::data::Volume;

use super::house::{Scratch, oasis};
use crate::arguments;

/// All slices of a volume, as values.
fn values(path: &Path) -> Vec<ndarray::Array2<f64>> {
    let volume = Volume::open(path).unwrap();
    let slices = volume.read(0..volume.slices()).unwrap();
    (0..volume.slices()).map(|index| slices.values(index)).collect()
}

#[test]
fn from_discs_to_a_dataset_to_reconstructions() {
    let scratch = Scratch::new();
    let (discs, data, out) = (scratch.at("discs"), scratch.at("data"), scratch.at("out"));
    assert_eq!(oasis(arguments!["data", "phantom", "--subjects", "3", "--volume", "--out", discs]).code, 0);
    let ran = oasis(arguments!["data", "import", discs, "--out", data, "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let report = ran.json();
    assert_eq!((&report["slices"], &report["subjects"]["test"]), (&96.into(), &1.into()));
    let ran = oasis(arguments!["data", "check", data, "--json"]);
    assert_eq!((ran.code, ran.json()["warnings"].as_array().unwrap().len()), (0, 0), "{}", ran.stdout);

    // A volume is cut into the slices that are imported: they have the same scores.
    let row = &report["volumes"][0];
    let case = row["case"].as_u64().unwrap();
    let split = row["split"].as_str().unwrap();
    let scan =
        format!("disc1/OAS1_{case:04}_MR1/PROCESSED/MPRAGE/T88_111/OAS1_{case:04}_MR1_mpr_n4_anon_111_t88_masked_gfc");
    let ran = oasis(arguments!["infer", discs.join(format!("{scan}.hdr")), "--out", out, "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let of_volume = ran.json();
    let scores = of_volume["volumes"][0]["slices"].as_array().unwrap();
    assert_eq!(scores.len(), 32);
    let slice = data.join(format!("keras_png_slices_{split}/case_{case:03}_slice_7.nii.png"));
    let ran = oasis(arguments!["infer", slice, "--out", scratch.at("one"), "--json"]);
    let (a, b) = (scores[7]["ssim"].as_f64().unwrap(), ran.json()["images"][0]["ssim"].as_f64().unwrap());
    assert!((a - b).abs() < 1e-6, "{a} {b}");
    assert_eq!(fs::read_to_string(out.join("volumes.csv")).unwrap().lines().count(), 33);

    // The result lies where the input does, in its values.
    let (input, result) =
        (discs.join(format!("{scan}.hdr")), Path::new(of_volume["volumes"][0]["out"].as_str().unwrap()));
    let turned = |path: &Path| Volume::open(path).unwrap().with_axes(oasis::data::Axes::parse("RPS").unwrap());
    assert_eq!(turned(result).shape(), turned(&input).shape());
    let (input, result) = (values(&input), values(result));
    assert!(result[78].iter().chain(&result[111]).all(|value| *value == 0.0));
    let error = (&input[86] - &result[86]).mapv(f64::abs).mean().unwrap();
    let level = input[86].mean().unwrap();
    assert!(error < 0.15 * level, "{error} of {level}");

    let codes = scratch.at("codes");
    let ran = oasis(arguments!["encode", discs.join(format!("{scan}.hdr")), "--likelihood", "--out", codes, "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.json()["volumes"][0]["bits_per_code"].as_f64().unwrap() > 0.0);
    let first =
        fs::read_dir(&codes).unwrap().flatten().filter(|entry| entry.path().extension() == Some("npy".as_ref()));
    assert_eq!(first.count(), 32);
}

#[test]
fn volumes_of_nifti_are_the_same_slices_and_failures_cost_themselves() {
    let scratch = Scratch::new();
    let (discs, niftis) = (scratch.at("discs"), scratch.at("niftis"));
    for (form, tree) in [("discs", &discs), ("nifti", &niftis)] {
        assert_eq!(oasis(arguments!["data", "phantom", "--subjects", "3", "--volume", form, "--out", tree]).code, 0);
    }
    fs::write(niftis.join("broken.nii.gz"), "x").unwrap();
    let [a, b] = [(&discs, "a", 0), (&niftis, "b", 1)].map(|(tree, name, code)| {
        let out = scratch.at(name);
        let ran = oasis(arguments!["data", "import", tree, "--out", out, "--seed", "4"]);
        assert_eq!(ran.code, code, "{}", ran.stderr);
        assert_eq!(ran.stderr.contains("broken.nii.gz"), code == 1, "{}", ran.stderr);
        out
    });
    // The numbers of the cases differ where one cannot be read; the pictures do not.
    let pictures = |root: &Path| {
        let folders = fs::read_dir(root).unwrap().flatten().filter(|entry| entry.path().is_dir());
        let files = folders.flat_map(|folder| fs::read_dir(folder.path()).unwrap().flatten());
        files.map(|file| fs::read(file.path()).unwrap()).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(pictures(&a).len(), 96);
    assert_eq!(pictures(&a), pictures(&b));
    let scan = niftis.join("sub-0002/anat/sub-0002_T1w.nii.gz");
    assert_eq!(oasis(arguments!["infer", scan, "--out", scratch.at("named")]).code, 0);
    assert!(scratch.at("named").join("sub-0002_T1w.recon.nii.gz").is_file());
    // A mixture is refused; so is a volume of which nothing says where it lies.
    let scan = niftis.join("sub-0001/anat/sub-0001_T1w.nii.gz");
    let ran = oasis(arguments!["infer", scan, scratch.slice("brain.png"), "--out", scratch.at("mixed")]);
    assert_eq!((ran.code, ran.stderr.contains("run volumes by themselves")), (2, true), "{}", ran.stderr);
    let ran = oasis(arguments!["infer", scan, "--slab", "160", "--out", scratch.at("high")]);
    assert!(ran.code == 2 && ran.stderr.contains("it has 176 axial slices, expected at least 192"), "{}", ran.stderr);
    for (flag, value) in [("--slab", "x"), ("--axes", "RRS"), ("--scale", "all")] {
        let ran = oasis(arguments!["infer", scan, flag, value, "--out", scratch.at("wrong")]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
    }
}

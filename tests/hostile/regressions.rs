//! Inputs that fuzzing or an attack once found, in `fuzz/regressions/TARGET/`: each ends with an answer, in little memory.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::house::Scratch;
use super::run::{faults, oasis, start};
use super::tally::Tally;
use super::toy;
use crate::arguments;

/// The files of a target.
fn files(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/regressions").join(target);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Runs the command that `make` gives for each file of a target.
fn answered(target: &str, make: impl Fn(&Scratch, &Path) -> Vec<OsString>) {
    let scratch = Scratch::new();
    let tally = Tally::new(format!("regressions: {target}"));
    for file in files(target) {
        let ran = start(&mut oasis(make(&scratch, &file))).patience(Duration::from_secs(30)).wait();
        let mut wrong = faults(&ran);
        if !matches!(ran.code, Some(0..=2)) || ran.peak > 400 {
            wrong.push(format!("exit {:?}, signal {:?}, {} MiB: {}", ran.code, ran.signal, ran.peak, ran.stderr));
        }
        tally.add(file.display(), &wrong);
    }
    tally.finish();
}

#[test]
fn image() {
    answered("image", |scratch, file| arguments!["infer", file, "--resize", "--out", scratch.at("out")].to_vec());
}

#[test]
fn model() {
    answered("model", |_, file| arguments!["inspect", file].to_vec());
}

#[test]
fn manifest() {
    answered("manifest", |scratch, file| {
        let bundle = scratch.at("bundle");
        let _ = std::fs::remove_dir_all(&bundle);
        toy::write(&bundle, |_, _| {}).unwrap();
        std::fs::copy(file, bundle.join("bundle.json")).unwrap();
        arguments!["inspect", bundle].to_vec()
    });
}

#[test]
fn npy() {
    answered("npy", |scratch, file| arguments!["decode", file, "--out", scratch.at("out")].to_vec());
}

#[test]
fn merge() {
    answered("merge", |_, file| arguments!["eval", "--merge", file].to_vec());
}

#[test]
#[cfg(feature = "train")]
fn checkpoint() {
    answered("checkpoint", |scratch, file| {
        let run = scratch.at("run");
        let epoch = run.join("epoch-0001");
        std::fs::create_dir_all(&epoch).unwrap();
        for place in [run.join("run.json"), epoch.join("state.json"), epoch.join("model.bpk")] {
            std::fs::copy(file, place).unwrap();
        }
        arguments!["export", "--vqvae", run, "--out", scratch.at("bundle")].to_vec()
    });
}

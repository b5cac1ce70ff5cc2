//! Trainings that are killed or signalled go on from a whole checkpoint to the same history, and exports of what was trained are
//! made again.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::Duration;

use super::whole::Files;
use super::{meet, part};
use crate::arguments;
use crate::house::Scratch;
use crate::run::{faults, oasis, run, start};
use crate::tally::{Tally, finish_all, of};

/// A training of a small net on one thread.
fn train(data: &Path, out: &Path) -> Vec<OsString> {
    let set = ["vqvae.channels=[8,16]", "vqvae.codebook_size=32", "vqvae.latent_dim=8", "vqvae_training.batch=8"];
    let mut all =
        arguments!["train", "vqvae", "--data", data, "--out", out, "--threads", "1", "--epochs", "6", "--resume"]
            .to_vec();
    all.extend(set.iter().flat_map(|set| arguments!["--set", set]));
    all
}

/// The history, less how fast it went.
fn history(run: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(run.join("history.csv")).unwrap_or_default();
    let mut rows: Vec<Vec<String>> = text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
    if let Some(speed) = rows.first().and_then(|row| row.iter().position(|name| name == "images_per_second")) {
        rows.iter_mut().filter(|row| row.len() > speed).for_each(|row| drop(row.remove(speed)));
    }
    rows
}

/// What is wrong with a run folder in which a training was cut short: what is there under a final name is whole.
fn torn(folder: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    let entries: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("epoch-") {
            for file in ["model.bpk", "optimizer.bpk", "history.csv", "state.json"] {
                if fs::metadata(path.join(file)).map_or(0, |found| found.len()) == 0 {
                    wrong.push(format!("{name} lacks {file}"));
                }
            }
        }
        let json = if name == "run.json" { path } else { path.join("state.json") };
        if let Ok(text) = fs::read(&json)
            && serde_json::from_slice::<serde_json::Value>(&text).is_err()
        {
            wrong.push(format!("{} is torn", json.display()));
        }
    }
    wrong
}

#[test]
fn trainings_cut_short_go_on() {
    let scratch = Scratch::new();
    let data = scratch.at("data");
    assert_eq!(run(&mut oasis(arguments!["data", "phantom", "--subjects", "3", "--out", data])).code, Some(0));
    let straight = scratch.at("straight");
    let clean = run(&mut oasis(train(&data, &straight)));
    assert_eq!(clean.code, Some(0), "{}", clean.stderr);
    let mut tallies = Vec::new();
    for (kind, signal) in [("kill -9: train", libc::SIGKILL), ("signals: train", libc::SIGTERM)] {
        let tally = Tally::new(kind);
        let moments = of(6, 30);
        for moment in 0..moments {
            meet(&tally, moment, part(clean.time, moment, moments), |at| {
                let out = scratch.at("cut");
                let running = start(&mut oasis(train(&data, &out)));
                if signal != libc::SIGKILL {
                    running.handles(signal);
                }
                std::thread::sleep(at);
                running.signal(signal);
                let ran = running.wait();
                let met = match signal {
                    libc::SIGKILL => ran.signal == Some(signal),
                    _ => ran.code == Some(130),
                };
                let mut wrong = torn(&out);
                wrong.extend(faults(&ran));
                if !met && ran.code != Some(0) {
                    wrong.push(format!("exit {:?}, signal {:?}: {}", ran.code, ran.signal, ran.stderr));
                }
                let ran = run(&mut oasis(train(&data, &out)));
                if ran.code != Some(0) || history(&out) != history(&straight) {
                    wrong.push(format!("gone on: exit {:?}, {:?}: {}", ran.code, history(&out), ran.stderr));
                }
                let left: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
                if left.iter().any(|name| name.to_string_lossy().starts_with(".oasis-")) {
                    wrong.push(format!("left over: {left:?}"));
                }
                fs::remove_dir_all(&out).unwrap();
                (met || !wrong.is_empty()).then_some(wrong)
            });
        }
        tallies.push(tally);
    }
    finish_all(tallies);
}

#[test]
fn exports_cut_short_are_made_again() {
    let scratch = Scratch::new();
    let (data, trained) = (scratch.at("data"), scratch.at("run"));
    assert_eq!(run(&mut oasis(arguments!["data", "phantom", "--subjects", "3", "--out", data])).code, Some(0));
    let made = run(&mut oasis(train(&data, &trained)));
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let export = |out: &Path| oasis(arguments!["export", "--vqvae", trained, "--threads", "1", "--out", out]);
    let (straight, out) = (scratch.at("straight"), scratch.at("bundle"));
    let clean = run(&mut export(&straight));
    assert_eq!(clean.code, Some(0), "{}", clean.stderr);
    let whole = Files::of(&straight);
    let tally = Tally::new("kill -9: export of a run");
    // Kills it once so many files are below its folder, and so much time has passed.
    let killed = |files: usize, at: Duration| {
        let running = start(&mut export(&out));
        while Files::of(&out).0.len() < files && running.goes_on() {
            std::thread::sleep(Duration::from_micros(100));
        }
        std::thread::sleep(at);
        running.signal(libc::SIGKILL);
        let met = running.wait().signal == Some(libc::SIGKILL);
        let ran = start(&mut export(&out)).wait();
        let mut wrong = faults(&ran);
        if ran.code != Some(0) {
            wrong.push(format!("made again: exit {:?}: {}", ran.code, ran.stderr));
        }
        wrong.extend(Files::of(&out).unlike(&whole).into_iter().map(|why| format!("made again: {why}")));
        fs::remove_dir_all(&out).unwrap();
        (met || !wrong.is_empty()).then_some(wrong)
    };
    for moment in 0..of(4, 40) {
        meet(&tally, moment, part(clean.time, moment, of(4, 40)), |at| killed(0, at));
    }
    for files in 1..=whole.0.len() {
        for _ in 0..of(1, 10) {
            meet(&tally, format!("{files} files"), Duration::ZERO, |at| killed(files, at));
        }
    }
    tally.finish();
}

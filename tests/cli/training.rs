//! Trainings that are stopped, killed, or run out of disk, and go on.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::house::{Scratch, oasis};
use crate::arguments;

/// A training of a small net on one thread; its learning rate depends on `epochs`.
fn train(data: &Path, out: &Path, epochs: usize, more: &[&str]) -> Vec<OsString> {
    let set = [
        "vqvae.channels=[8,16]",
        "vqvae.codebook_size=32",
        "vqvae.latent_dim=8",
        "vqvae.revive_every=3",
        "vqvae_training.batch=8",
        "vqvae_training.shift=2",
        "vqvae_training.brightness=0.1",
    ];
    let mut all = arguments!["train", "vqvae", "--data", data, "--out", out, "--threads", "1", "--json"].to_vec();
    all.extend(arguments!["--epochs", epochs.to_string()]);
    all.extend(set.iter().flat_map(|set| arguments!["--set", set]));
    all.extend(more.iter().map(Into::into));
    all
}

fn done(arguments: Vec<OsString>) {
    let ran = oasis(arguments);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

fn phantoms(scratch: &Scratch) -> std::path::PathBuf {
    let data = scratch.at("data");
    assert_eq!(oasis(arguments!["data", "phantom", "--subjects", "3", "--out", data]).code, 0);
    data
}

/// The history, less how fast it went.
fn history(run: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(run.join("history.csv")).unwrap();
    let fields = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    let mut rows: Vec<_> = text.lines().map(fields).collect();
    let speed = rows[0].iter().position(|name| name == "images_per_second").unwrap();
    rows.iter_mut().for_each(|row| drop(row.remove(speed)));
    rows
}

#[test]
fn a_training_stopped_within_an_epoch_goes_on_as_if_it_had_not_been() {
    let scratch = Scratch::new();
    let data = phantoms(&scratch);
    let (straight, stopped) = (scratch.at("straight"), scratch.at("stopped"));
    done(train(&data, &straight, 4, &[]));

    let mut child = Command::new(env!("CARGO_BIN_EXE_oasis"))
        .args(train(&data, &stopped, 4, &[]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The first line is that of the first epoch's steps; what is in work then is finished. Two signals at once are one,
    // as `timeout` sends them to a process and its group.
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    stderr.read_line(&mut String::new()).unwrap();
    let id = child.id().to_string();
    assert!(Command::new("bash").args(["-c", &format!("kill -INT {id}; kill -INT {id}")]).status().unwrap().success());
    let (mut stdout, mut said) = (String::new(), String::new());
    stderr.read_to_string(&mut said).unwrap();
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    assert!(said.contains("training stopped") && said.contains("--resume"), "{said}");
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["interrupted"], true);
    assert!(report["steps"].as_u64().unwrap() < 16, "{report}");

    done(train(&data, &stopped, 4, &["--resume"]));
    assert_eq!(history(&stopped), history(&straight));
}

#[test]
fn a_training_under_nohup_outlives_its_terminal() {
    let scratch = Scratch::new();
    let data = phantoms(&scratch);
    let out = scratch.at("run");
    let mut child = Command::new("bash")
        .args(["-c", "trap '' HUP; exec \"$@\"", "bash", env!("CARGO_BIN_EXE_oasis")])
        .args(train(&data, &out, 2, &[]))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    stderr.read_line(&mut String::new()).unwrap();
    assert!(Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap().success());
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
    assert_eq!(history(&out).len(), 3);
}

#[test]
fn a_prior_has_the_preset_of_its_vqvae() {
    let scratch = Scratch::new();
    let data = phantoms(&scratch);
    let (vqvae, prior) = (scratch.at("vqvae"), scratch.at("prior"));
    done(train(&data, &vqvae, 1, &["--preset", "oasis-hd"]));
    let mut all =
        arguments!["train", "prior", "--vqvae", vqvae, "--data", data, "--out", prior, "--epochs", "1"].to_vec();
    all.extend(["prior.channels=4", "prior.layers=1"].iter().flat_map(|set| arguments!["--set", set]));
    done(all);
    let run: serde_json::Value = serde_json::from_slice(&fs::read(prior.join("run.json")).unwrap()).unwrap();
    assert_eq!(run["preset_name"], "oasis-hd");
    assert_eq!(run["preset"]["vqvae"]["codebook_size"], 32);
}

#[test]
fn a_training_killed_at_twenty_moments_resumes_twenty_times() {
    let scratch = Scratch::new();
    let data = phantoms(&scratch);
    let (straight, killed) = (scratch.at("straight"), scratch.at("killed"));
    done(train(&data, &straight, 12, &[]));
    for moment in 0..20u64 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_oasis"))
            .args(train(&data, &killed, 12, &["--resume"]))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(50 + 397 * moment % 1100));
        child.kill().unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        child.wait().unwrap();
        assert!(!said.contains("error: "), "killed for the {moment}. time: {said}");
    }
    done(train(&data, &killed, 12, &["--resume"]));
    assert_eq!(history(&killed), history(&straight));
    let left: Vec<_> = fs::read_dir(&killed).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains(".part")), "{left:?}");
}

#[test]
fn a_full_disk_costs_no_checkpoint() {
    let scratch = Scratch::new();
    let data = phantoms(&scratch);
    let out = scratch.at("run");
    done(train(&data, &out, 1, &[]));
    // Files of more than 8 KiB cannot be written, as on a disk with no more room.
    let limited = "trap '' XFSZ; ulimit -f 8; exec \"$@\"";
    let ran = Command::new("bash")
        .args(["-c", limited, "bash", env!("CARGO_BIN_EXE_oasis")])
        .args(train(&data, &out, 2, &["--resume"]))
        .output()
        .unwrap();
    let said = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(2), "{said}");
    assert!(said.contains("error: cannot write") && said.contains("hint: "), "{said}");
    done(train(&data, &out, 2, &["--resume"]));
    assert_eq!(history(&out).len(), 3);
}

#[test]
fn a_training_that_diverges_names_the_step_and_keeps_what_was_good() {
    let scratch = Scratch::new();
    let data = phantoms(&scratch);
    let out = scratch.at("run");
    let ran = oasis(train(&data, &out, 3, &["--set", "vqvae_training.learning_rate=1e30"]));
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("diverged") && ran.stderr.contains("step "), "{}", ran.stderr);
    assert!(ran.stderr.contains("learning_rate"), "{}", ran.stderr);
}

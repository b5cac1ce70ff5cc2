//! Many slices: shards that merge without loss, and Ctrl-C.

use std::fs;

use super::house::{Scratch, oasis};
use crate::arguments;

#[test]
fn shards_merge_to_the_bytes_of_one_run() {
    let scratch = Scratch::new();
    let data = scratch.at("data");
    assert_eq!(oasis(arguments!["data", "phantom", "--subjects", "3", "--out", data]).code, 0);
    // Names that tell neither subject nor position come last, in natural order.
    let folder = data.join("keras_png_slices_validate");
    for name in ["extra_10.png", "extra_9.png"] {
        fs::copy(scratch.slice(name), folder.join(name)).unwrap();
    }
    let eval = |more: &[&str], csv: &str| {
        let mut arguments =
            arguments!["eval", "--data", data, "--split", "validate", "--json", "--csv", scratch.at(csv)].to_vec();
        arguments.extend(more.iter().map(Into::into));
        let ran = oasis(arguments);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.json()
    };
    let whole = eval(&[], "whole.csv");
    assert_eq!(whole["images"], 34);
    eval(&["--threads", "1"], "single.csv");
    let parts = ["0/3", "1/3", "2/3"].map(|part| {
        eval(&["--shard", part], &part.replace('/', "of"));
        scratch.at(&part.replace('/', "of"))
    });
    let read = |name: &str| fs::read_to_string(scratch.at(name)).unwrap();
    assert_eq!(read("single.csv"), read("whole.csv"));

    let [a, b, c] = &parts;
    let merged = oasis(arguments!["eval", "--merge", c, a, b, "--csv", scratch.at("merged.csv"), "--json"]);
    assert_eq!(merged.code, 0, "{}", merged.stderr);
    assert_eq!(read("merged.csv"), read("whole.csv"));
    let mut merged = merged.json();
    merged["seconds"] = whole["seconds"].clone();
    assert_eq!(merged, whole);

    let refused = |merge: &[&std::path::Path], error: &str| {
        let ran = oasis(arguments!["eval", "--merge"].into_iter().chain(merge.iter().map(Into::into)));
        assert!(ran.refused().starts_with(error), "{error} is not at the start of {}", ran.stderr);
    };
    let file = read("0of3").lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    let why = format!("the slice {file} in line 2 is scored in line 2 of {} too\n", a.display());
    refused(&[a, a], &format!("error: cannot merge scores: {}: {why}", a.display()));
    let other = read("0of3").replace(",tract,", ",ort,");
    let other = scratch.file("other.csv", other.as_bytes());
    refused(&[b, &other], &format!("error: cannot merge scores: {}: found scores of ort on bundle ", other.display()));
    let picture = scratch.slice("a.png");
    refused(&[&picture], &format!("error: cannot read scores: {}: it does not hold scores: ", picture.display()));
}

#[test]
#[cfg(unix)]
fn ctrl_c_keeps_what_was_done() {
    use std::io::{BufRead, BufReader, Read};
    use std::process::{Command, Stdio};

    let scratch = Scratch::new();
    let (data, csv) = (scratch.at("data"), scratch.at("scores.csv"));
    assert_eq!(oasis(arguments!["data", "phantom", "--subjects", "10", "--out", data]).code, 0);
    let mut child = Command::new(env!("CARGO_BIN_EXE_oasis"))
        .args(arguments!["eval", "--data", data, "--split", "train", "--threads", "1", "--json", "--csv", csv])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    // The first quarter is done.
    stderr.read_line(&mut line).unwrap();
    let (done, total) = line.trim().split_once('/').unwrap_or_else(|| panic!("{line}"));
    let (done, total): (usize, usize) = (done.parse().unwrap(), total.parse().unwrap());
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let (mut stdout, mut said) = (String::new(), String::new());
    stderr.read_to_string(&mut said).unwrap();
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    assert!(said.contains("error: stopped: INPUT: the results of the first "), "{said}");
    let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let images = report["images"].as_u64().unwrap() as usize;
    assert!((done..total).contains(&images), "{images} of {total}, {done} when stopped");
    assert_eq!(fs::read_to_string(&csv).unwrap().lines().count(), images + 1);
    let left: Vec<_> = fs::read_dir(scratch.at("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains(".part")), "{left:?}");
}

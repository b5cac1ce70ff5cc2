//! `oasis bench`: what it reports, and what it refuses.

use std::path::PathBuf;

use oasis::bundle::{BundleWriter, Manifest, Role};
use serde_json::Value;

use super::house::{Scratch, oasis};
use crate::{arguments, toy};

/// The toy bundle with these roles only.
fn toy_of(dir: PathBuf, roles: &[Role]) -> PathBuf {
    let mut writer = BundleWriter::create(&dir).unwrap();
    for role in roles {
        writer.add(role, &toy::model(role).write()).unwrap();
    }
    writer.finish(Manifest::new("toy", toy::sizes())).unwrap();
    dir
}

/// A number above 0.
fn positive(value: &Value) -> f64 {
    let number = value.as_f64().unwrap_or_else(|| panic!("{value} is not a number"));
    assert!(number > 0.0, "{number}");
    number
}

fn names(stages: &Value) -> Vec<&str> {
    stages.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn each_stage_is_timed() {
    let ran = oasis(["bench", "--rounds", "2", "--threads", "1", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let report = ran.json();
    assert_eq!(report["engine"], "tract");
    assert_eq!(report["threads"], 1);
    assert!(report["library"].as_str().unwrap().starts_with("tract "), "{report}");
    assert!(report["path"].is_null() && report["sample"].is_null(), "{report}");
    assert_eq!(names(&report["stages"]), ["encoder", "quantizer", "decoder", "prior"]);
    for stage in report["stages"].as_object().unwrap().values() {
        assert_eq!((&stage["batch"], &stage["rounds"]), (&1.into(), &2.into()));
        let median = positive(&stage["ms_median"]);
        assert!(positive(&stage["ms_p90"]) >= median, "{stage}");
        assert!((positive(&stage["images_per_second"]) * median / 1e3 - 1.0).abs() < 1e-6, "{stage}");
    }
    if cfg!(target_os = "linux") {
        assert!(positive(&report["peak_rss_bytes"]) > 1e6, "{report}");
    }
}

#[test]
fn stages_can_be_chosen_and_a_missing_prior_is_left_out() {
    let scratch = Scratch::new();
    let bundle = toy_of(scratch.at("toy"), &Role::FIXED[..3]);
    let bench = |more: &[&str]| {
        let mut all = arguments!["bench", "--bundle", bundle, "--rounds", "1"].to_vec();
        all.extend(more.iter().map(Into::into));
        oasis(all)
    };
    assert_eq!(names(&bench(&["--json"]).json()["stages"]), ["encoder", "quantizer", "decoder"]);
    let some = bench(&["--json", "--stages", "decoder,encoder", "--batch", "3"]).json();
    assert_eq!(names(&some["stages"]), ["encoder", "decoder"]);
    assert_eq!(some["stages"]["decoder"]["batch"], 3);
    assert!(bench(&["--stages", "encoder,prior"]).refused().contains("prior"));

    let table = bench(&[]);
    let quantizer = table.stdout.lines().find(|line| line.starts_with("quantizer")).expect("a row a stage");
    assert_eq!(quantizer.split_whitespace().count(), 5, "{}", table.stdout);
    assert_eq!(table.stderr, "timing encoder\ntiming quantizer\ntiming decoder\n");
}

#[test]
fn sampling_is_compared_with_one_pass_a_code() {
    let scratch = Scratch::new();
    let bundle = toy_of(scratch.at("toy"), &Role::FIXED);
    let ran = oasis(arguments!["bench", "sample", "--batch", "3", "--seed", "2", "--bundle", bundle, "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let report = ran.json();
    assert_eq!(report["stages"], serde_json::json!({}));
    let sample = &report["sample"];
    assert_eq!((&sample["batch"], &sample["seed"]), (&3.into(), &2.into()));
    positive(&sample["naive_step_seconds"]);
    let [seconds, pass, passes] = ["seconds", "pass_seconds", "passes"].map(|field| positive(&sample[field]));
    let codes = (toy::GRID * toy::GRID) as f64;
    let same = |found: &Value, expected: f64| assert!((positive(found) / expected - 1.0).abs() < 1e-6, "{sample}");
    same(&sample["passes"], seconds / pass);
    same(&sample["speedup"], codes / passes);
    same(&sample["codes_per_second"], 3.0 * codes / seconds);

    let text = oasis(arguments!["bench", "sample", "--bundle", bundle]);
    let begins: Vec<_> = text.stdout.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(begins[1..4], ["1", "a", "cost"], "{}", text.stdout);
    assert!(text.stdout.contains(" codes/s\n") && text.stdout.contains(" times fewer than one a code\n"));
}

#[test]
fn what_cannot_be_timed_is_refused() {
    let bad: [(&[&str], &str); 7] = [
        (&["--stages", "foo"], "'--stages <STAGES>': expected encoder, quantizer, decoder or prior\n"),
        (&["nonsense"], "invalid value 'nonsense' for '[sample]' [possible values: sample]\n"),
        (&["--rounds", "0"], "'--rounds <N>': 0 is not in 1..=1000000\n"),
        (&["--batch", "0"], "'--batch <N>': 0 is not in 1..=4096\n"),
        (&["--seed", "1"], "the following required arguments were not provided: <sample>\n"),
        (&["sample", "--rounds", "2"], "the argument '[sample]' cannot be used with '--rounds <N>'\n"),
        (&["sample", "--stages", "prior"], "the argument '[sample]' cannot be used with '--stages <STAGES>'\n"),
    ];
    for (more, why) in bad {
        let ran = oasis([&["bench"][..], more].concat());
        assert!(ran.refused().contains(why), "{why} is not in {}", ran.stderr);
    }
    let scratch = Scratch::new();
    let bundle = toy_of(scratch.at("toy"), &Role::FIXED[..3]);
    let sample = oasis(arguments!["bench", "sample", "--bundle", bundle]);
    assert!(sample.refused().contains("prior"), "{}", sample.stderr);
}

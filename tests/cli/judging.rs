//! Judging the shipped prior on made-up slices.

use serde_json::Value;

use super::house::{Scratch, oasis};
use crate::arguments;

fn phantoms(scratch: &Scratch, subjects: &str) -> std::path::PathBuf {
    let data = scratch.at(subjects);
    assert_eq!(oasis(arguments!["data", "phantom", "--subjects", subjects, "--out", data]).code, 0);
    data
}

#[test]
fn phantoms_are_no_brains_and_the_judge_says_so_twice_the_same() {
    let scratch = Scratch::new();
    let (data, pictures) = (phantoms(&scratch, "15"), scratch.at("pictures"));
    let judge = |threads: &str| {
        let all = arguments!["judge", "--data", data, "--count", "24", "--seed", "5", "--pictures", pictures];
        let ran = oasis(all.iter().chain(&arguments!["--threads", threads, "--json"]));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.json()
    };
    let report = judge("2");
    assert_eq!(report, judge("1"));

    let number =
        |path: &str| report.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("{path}: {report}"));
    assert_eq!(number("/bits_per_code/uniform"), 10.0);
    for bits in ["train", "validate", "test", "order0", "per_position"] {
        let bits = number(&format!("/bits_per_code/{bits}"));
        assert!(bits > 1.0 && bits < 30.0, "{report}");
    }
    for share in ["known_by_heart", "real_known_by_heart"] {
        assert!((0.0..1.0).contains(&number(&format!("/bits_per_code/{share}"))), "{report}");
    }
    // The prior draws brains: every measure tells them from phantoms.
    assert!(number("/two_sample/low") <= number("/two_sample/accuracy"));
    assert!(number("/two_sample/accuracy") <= number("/two_sample/high"));
    assert!((0.0..=1.0).contains(&number("/two_sample/raw_accuracy")));
    assert_eq!(report["two_sample"]["valid"], number("/two_sample/control") >= 0.95);
    assert!(number("/frechet/encoder_ratio") > 2.0 && number("/frechet/pca_ratio") > 1.2, "{report}");
    assert!(number("/mmd_ratio") > 2.0 && number("/precision") < 0.5 && number("/recall") < 0.5, "{report}");
    assert!(number("/real_precision") > number("/precision"), "{report}");
    assert!(number("/msssim/samples") < 0.95 && number("/msssim/real") < 1.0);
    assert_eq!((number("/memorised/share"), number("/memorised/exact_copies")), (0.0, 0.0));
    assert_eq!(report["memorised"]["control_caught"], number("/memorised/control_share") > 0.5);
    for measure in ["area", "symmetry", "ventricles", "intensity"] {
        let ratio = number(&format!("/anatomy/{measure}/ratio"));
        let [samples, train] = ["samples", "train"].map(|of| number(&format!("/anatomy/{measure}/{of}")));
        assert!((ratio - samples / train).abs() < 1e-9);
    }
    for picture in ["samples", "real", "nearest"] {
        let picture = image::open(pictures.join(format!("{picture}.png"))).unwrap();
        assert_eq!(picture.width(), 8 * 258 - 2);
    }
}

#[test]
fn what_cannot_be_judged_is_refused() {
    let scratch = Scratch::new();
    let data = phantoms(&scratch, "3");
    let refused = |more: &[&str]| {
        let mut all = arguments!["judge", "--data", data].to_vec();
        all.extend(more.iter().map(Into::into));
        oasis(all).refused().to_owned()
    };
    assert!(refused(&["--count", "3"]).contains("found 3, expected 16 to 32"));
    assert!(refused(&["--count", "33"]).contains("found 33, expected 16 to 32"));
    assert!(refused(&[]).contains("found test slices of 1 subject, expected 2 or more"));
    let elsewhere = oasis(arguments!["judge", "--data", scratch.at("nothing")]);
    assert!(elsewhere.refused().contains("nothing"));
}

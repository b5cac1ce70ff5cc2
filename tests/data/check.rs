//! The dataset check names everything that is wrong.

use std::path::{Path, PathBuf};

use image::{ImageBuffer, Luma};
use ndarray::Array2;
use oasis::data::{Dataset, FindingKind, Fit, Frame, save_png};

use super::dataset::{dataset, slice};
use super::skips::skipped;

fn kinds(root: &Path) -> Vec<FindingKind> {
    let report = Dataset::check(root).unwrap();
    assert_eq!(report.ok, report.problems.is_empty());
    report.problems.iter().map(|problem| problem.kind).collect()
}

#[test]
fn check_names_every_problem() {
    let root = tempfile::tempdir().unwrap();
    dataset(root.path(), "png");
    let at = |name: &str| -> PathBuf { root.path().join("keras_png_slices_train").join(name) };
    assert_eq!(kinds(root.path()), []);
    slice(&at("case_007_slice_2.png"), 50);
    assert_eq!(kinds(root.path()), [FindingKind::SubjectInTwoSplits]);
    std::fs::remove_file(at("case_007_slice_2.png")).unwrap();
    slice(&at("case_001_slice_1.jpg"), 51);
    assert_eq!(kinds(root.path()), [FindingKind::DuplicateSlice]);
    std::fs::copy(at("case_001_slice_1.png"), at("case_001_slice_1.jpg")).unwrap();
    assert_eq!(kinds(root.path()), [FindingKind::DuplicateSlice, FindingKind::DuplicateFile]);
    std::fs::remove_file(at("case_001_slice_1.jpg")).unwrap();
    let picture = Frame::decode(&at("case_001_slice_1.png"), Fit::Exact).unwrap();
    let grey = picture.restore(picture.pixels.view());
    let deep = |x, y| Luma([257 * u16::from(grey[[y as usize, x as usize]])]);
    ImageBuffer::from_fn(grey.ncols() as u32, grey.nrows() as u32, deep).save(at("case_003_slice_9.png")).unwrap();
    let report = Dataset::check(root.path()).unwrap();
    assert_eq!(report.problems.len(), 1);
    assert_eq!(report.problems[0].kind, FindingKind::DuplicatePicture);
    assert_eq!(report.problems[0].subject, at("case_001_slice_1.png").display().to_string());
    let why = format!("the same picture as in {}", at("case_003_slice_9.png").display());
    assert_eq!(report.problems[0].why, why);
    std::fs::remove_file(at("case_003_slice_9.png")).unwrap();
    std::fs::write(at("case_003_slice_1.png"), "").unwrap();
    assert_eq!(kinds(root.path()), [FindingKind::Unreadable]);
    std::fs::remove_file(at("case_003_slice_1.png")).unwrap();
    save_png(&at("case_003_slice_1.png"), Array2::zeros((20, 300)).view()).unwrap();
    assert_eq!(kinds(root.path()), [FindingKind::TooLarge]);
    std::fs::remove_file(at("case_003_slice_1.png")).unwrap();
    slice(&at("case_003_slice_32.png"), 52);
    assert_eq!(kinds(root.path()), [FindingKind::BadNumber]);
    std::fs::remove_file(at("case_003_slice_32.png")).unwrap();
    std::fs::write(root.path().join("subjects.csv"), "case,split,cdr\n7,train,0\n").unwrap();
    assert_eq!(kinds(root.path()), [FindingKind::SplitDisagrees]);
    std::fs::remove_file(root.path().join("subjects.csv")).unwrap();
    std::fs::create_dir(root.path().join("keras_png_slices_validate")).unwrap();
    assert_eq!(kinds(root.path()), [FindingKind::EmptySplit]);
}

#[test]
fn check_warns_of_what_may_be_meant() {
    let root = tempfile::tempdir().unwrap();
    dataset(root.path(), "png");
    let at = |name: &str| root.path().join("keras_png_slices_test").join(name);
    slice(&at("brain.png"), 60);
    save_png(&at("case_007_slice_2.png"), Array2::zeros((20, 20)).view()).unwrap();
    save_png(&at("case_007_slice_3.png"), Array2::zeros((20, 20)).view()).unwrap();
    std::fs::write(root.path().join("subjects.csv"), "case,split,cdr\n1,train,0\n7,test,0\n").unwrap();
    let report = Dataset::check(root.path()).unwrap();
    let warned = |kind| report.warnings.iter().filter(|found| found.kind == kind).count();
    assert_eq!(warned(FindingKind::MissingSlices), 3);
    assert_eq!(warned(FindingKind::OtherName), 1);
    assert_eq!(warned(FindingKind::OddSize), 2);
    assert_eq!(warned(FindingKind::Blank), 2);
    assert_eq!(warned(FindingKind::NotInSubjects), 1);
    // Two blank pictures with the same bytes are still the same file twice.
    let problems: Vec<_> = report.problems.iter().map(|found| found.kind).collect();
    assert_eq!(problems, [FindingKind::DuplicateFile]);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["splits"][1]["split"], "test");
    assert_eq!(json["problems"][0]["kind"], "duplicate-file");
    assert_eq!(json["ok"], false);
}

#[test]
fn real_slices_pass_the_check() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oasis1");
    let root = std::env::var_os("OASIS_DATA").map_or(beside, Into::into);
    if !root.is_dir() {
        return skipped(&format!("no real slices at {} (set OASIS_DATA)", root.display()));
    }
    let report = Dataset::check(&root).unwrap();
    assert!(report.ok, "{:#?}", report.problems);
}

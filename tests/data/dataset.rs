//! Finding slices, both layouts, splits, digests, checks.

use std::path::{Path, PathBuf};

use ndarray::Array2;
use oasis::data::{Dataset, Fit, Frame, SliceFile, Split, find, grey_image, phantom, save_png};
use oasis::{ErrorKind, Subject};

/// A slice that differs from every other by its `mark`.
pub fn slice(path: &Path, mark: u8) {
    let image = Array2::from_shape_fn((16, 16), |(y, x)| (x * 16 + y) as u8 ^ mark);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    save_png(path, image.view()).unwrap();
}

fn names(files: &[SliceFile]) -> Vec<String> {
    files.iter().map(SliceFile::file_name).collect()
}

/// Two subjects to train on and one to test on, two slices each, named with `suffix`.
pub fn dataset(root: &Path, suffix: &str) {
    let slices = [("train", 2, 0), ("train", 2, 10), ("train", 1, 2), ("train", 1, 1), ("test", 7, 0), ("test", 7, 1)];
    for (mark, (split, case, number)) in slices.into_iter().enumerate() {
        let name = format!("keras_png_slices_{split}/case_{case:03}_slice_{number}.{suffix}");
        slice(&root.join(name), mark as u8);
    }
}

#[test]
fn names_say_case_and_position() {
    for (name, case, position) in [
        ("case_007_slice_31.nii.png", Some(7), Some(31)),
        ("case_441_slice_0.jpg", Some(441), Some(0)),
        ("case_1_slice_5.PNG", Some(1), Some(5)),
        ("case_001_slice_32.png", Some(1), None),
        ("case_001_slice_300.png", Some(1), None),
        ("case_001_slice_1.recon.png", None, None),
        ("case_001_slice_1.txt", None, None),
        ("case_001_slice_1", None, None),
        ("seg_001_slice_1.nii.png", None, None),
        ("case_+1_slice_1.png", None, None),
        ("case__slice_1.png", None, None),
        ("brain.png", None, None),
    ] {
        let file = SliceFile::new(Path::new("dir").join(name));
        assert_eq!((file.case, file.position), (case, position), "{name}");
    }
}

#[test]
fn split_names() {
    for split in Split::ALL {
        assert_eq!(split.to_string().parse::<Split>().unwrap(), split);
        assert!(split.folder().ends_with(split.name()));
    }
    let error = "valid".parse::<Split>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert_eq!(error.message(), "unknown split: valid: expected train, validate or test");
    assert_eq!(error.hints(), ["set `split` to train, validate or test"]);
}

#[test]
fn both_layouts_open_alike() {
    for suffix in ["nii.png", "png", "jpg"] {
        let root = tempfile::tempdir().unwrap();
        dataset(root.path(), suffix);
        let data = Dataset::open(root.path()).unwrap();
        let train = data.split(Split::Train).unwrap();
        let keys: Vec<_> = train.iter().map(|f| (f.case, f.position)).collect();
        let expected = [(1, 1), (1, 2), (2, 0), (2, 10)].map(|(c, p)| (Some(c), Some(p)));
        assert_eq!(keys, expected);
        assert_eq!(data.split(Split::Test).unwrap().len(), 2);
        assert_eq!(data.cases(Split::Train).into_iter().collect::<Vec<_>>(), [1, 2]);
        for file in train {
            Frame::decode(&file.path, Fit::Exact).unwrap();
        }
        let error = data.split(Split::Validate).unwrap_err();
        assert_eq!((error.why(), error.hints()), ("no such folder", &["the dataset has train, test".to_owned()][..]));
    }
}

#[test]
fn folders_that_are_no_dataset() {
    let root = tempfile::tempdir().unwrap();
    let error = Dataset::open(root.path()).unwrap_err();
    let why = "none of keras_png_slices_train, keras_png_slices_validate and keras_png_slices_test is in it";
    assert_eq!((error.what(), error.why()), ("no dataset", why));
    assert_eq!(Dataset::open(&root.path().join("none")).unwrap_err().why(), "no such folder");
    let file = root.path().join("file");
    std::fs::write(&file, "x").unwrap();
    assert_eq!(Dataset::open(&file).unwrap_err().why(), "it is a file, expected a folder");
    std::fs::create_dir(root.path().join("keras_png_slices_test")).unwrap();
    let data = Dataset::open(root.path()).unwrap();
    assert_eq!(data.split(Split::Test).unwrap_err().what(), "empty split");
}

#[test]
fn a_subject_in_two_splits_is_refused() {
    let root = tempfile::tempdir().unwrap();
    dataset(root.path(), "png");
    slice(&root.path().join("keras_png_slices_test/case_002_slice_3.png"), 99);
    let error = Dataset::open(root.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert_eq!(error.why(), "case 002 has slices in train and in test");
}

#[test]
fn classes_come_from_subjects() {
    let root = tempfile::tempdir().unwrap();
    dataset(root.path(), "png");
    assert_eq!(Dataset::open(root.path()).unwrap().class(1), None);
    let table = root.path().join("subjects.csv");
    let rows = "001,train,0\n2,train,0.5\n003,test,1\n4,test,2\n5,test,\n6,,3\n";
    std::fs::write(&table, format!("case,split,cdr\n{rows}")).unwrap();
    let data = Dataset::open(root.path()).unwrap();
    let classes: Vec<_> = (1..=7).map(|case| data.class(case)).collect();
    assert_eq!(classes, [Some(0), Some(1), Some(2), Some(2), None, Some(2), None]);
    for (bad, why) in [
        ("case,split,cdr\n1,train,7\n", "case 001 has CDR 7, expected 0, 0.5, 1, 2 or 3"),
        ("case,split,cdr\n1,train,0.7\n", "case 001 has CDR 0.7, expected 0, 0.5, 1, 2 or 3"),
        ("case,split,cdr\n1,train,x\n", "case 001 has CDR \"x\", expected 0, 0.5, 1, 2 or 3"),
        ("case,split,cdr\n1,,0\n1,,1\n", "case 001 has two rows"),
        ("id,cdr\n1,0\n", "found the columns id,cdr, expected case,split,cdr"),
    ] {
        std::fs::write(&table, bad).unwrap();
        let data = Dataset::open(root.path()).unwrap();
        assert_eq!(data.class(1), None);
        let error = data.rated().unwrap_err();
        assert_eq!(error.subject(), &Subject::from(&table));
        assert_eq!(error.why(), why);
    }
}

#[test]
fn digest_depends_on_names_and_contents_only() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    dataset(a.path(), "png");
    dataset(b.path(), "png");
    let digest = |root: &Path, splits: &[Split]| Dataset::open(root).unwrap().digest(splits).unwrap();
    let both = digest(a.path(), &[Split::Train, Split::Test]);
    assert_eq!(both.len(), 64);
    assert_eq!(both, digest(b.path(), &[Split::Test, Split::Train, Split::Test]));
    assert_ne!(both, digest(a.path(), &[Split::Train]));
    let file = b.path().join("keras_png_slices_train/case_001_slice_1.png");
    let moved = b.path().join("keras_png_slices_train/case_001_slice_3.png");
    std::fs::rename(&file, &moved).unwrap();
    assert_ne!(digest(a.path(), &[Split::Train]), digest(b.path(), &[Split::Train]));
    std::fs::rename(&moved, &file).unwrap();
    slice(&file, 77);
    assert_ne!(digest(a.path(), &[Split::Train]), digest(b.path(), &[Split::Train]));
    assert_eq!(Dataset::open(a.path()).unwrap().digest(&[Split::Validate]).unwrap_err().what(), "no such split");
}

#[test]
fn find_goes_by_content_and_natural_order() {
    let root = tempfile::tempdir().unwrap();
    let at = |name: &str| root.path().join(name);
    for (mark, name) in ["b_10.png", "b_2.png", "b_02.png", "plain", "image.dat"].into_iter().enumerate() {
        slice(&at("x").with_extension("png"), mark as u8);
        std::fs::rename(at("x.png"), at(name)).unwrap();
    }
    std::fs::write(at("broken.JPG"), "").unwrap();
    std::fs::write(at("notes.txt"), "text").unwrap();
    std::fs::write(at("._b_2.png"), "resource fork").unwrap();
    std::fs::copy(at("plain"), at("b_2.png~")).unwrap();
    std::fs::copy(at("plain"), at("b (1).png")).unwrap();
    std::fs::create_dir(at("folder.png")).unwrap();
    let found = find(&[root.path().to_path_buf()]).unwrap();
    let left_out = "left out: 1 hidden entry (._b_2.png); 1 backup copy (b_2.png~); 2 entries that are no images (";
    assert!(found.left_out.to_string().starts_with(left_out), "{}", found.left_out);
    let found = found.files;
    assert_eq!(names(&found), ["b (1).png", "b_02.png", "b_2.png", "b_10.png", "broken.JPG", "image.dat", "plain"]);
    let chosen = find(&[at("plain"), at("notes.txt"), at("b_2.png")]).unwrap().files;
    assert_eq!(names(&chosen), ["plain", "notes.txt", "b_2.png"]);
    let empty = find(&[at("folder.png")]).unwrap_err();
    assert_eq!((empty.what(), empty.why()), ("no images", "the folder holds no PNG or JPEG file"));
    let missing = find(&[at("none")]).unwrap_err();
    assert_eq!(missing.why(), "no such file or folder");
    assert!(std::error::Error::source(&missing).is_some(), "the system's error is kept");
}

#[test]
fn real_slices_are_healthy() {
    let root = std::env::var_os("OASIS_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oasis1"), PathBuf::from);
    if !root.is_dir() {
        eprintln!("skipped: no slices at {}", root.display());
        return;
    }
    let data = Dataset::open(&root).unwrap();
    let slices = data.split(Split::Test).unwrap();
    assert_eq!(slices.len(), 32 * data.cases(Split::Test).len());
    for file in slices.iter().step_by(37) {
        let frame = Frame::decode(&file.path, Fit::Exact).unwrap();
        assert_eq!(frame.source_size(), (176, 208));
        assert!(file.case.is_some_and(|case| data.class(case).is_some()));
    }
}

#[test]
fn phantom_dataset_is_healthy_and_repeats() {
    let root = tempfile::tempdir().unwrap();
    let (a, b) = (root.path().join("a"), root.path().join("deep/b"));
    let made = phantom::write_dataset(&a, 3, 5, &|_, _| {}).unwrap();
    assert_eq!((made.slices, made.subjects.len()), (96, 3));
    phantom::write_dataset(&b, 3, 5, &|_, _| {}).unwrap();
    let report = Dataset::check(&a).unwrap();
    assert!(report.ok && report.warnings.is_empty(), "{report:?}");
    assert_eq!(report.splits.len(), 3);
    let data = Dataset::open(&a).unwrap();
    let again = Dataset::open(&b).unwrap();
    assert_eq!(data.digest(&Split::ALL).unwrap(), again.digest(&Split::ALL).unwrap());
    assert!((1..=3).all(|case| data.class(case).is_some()));
    let file = &data.split(Split::Test).unwrap()[17];
    assert!(file.file_name().ends_with("_slice_17.nii.png"));
    let frame = Frame::decode(&file.path, Fit::Exact).unwrap();
    let drawn = grey_image(phantom::draw(5, file.case.unwrap(), 17).view());
    assert_eq!(frame.restore(frame.pixels.view()), drawn);
    let error = phantom::write_dataset(&a, 3, 5, &|_, _| {}).unwrap_err();
    assert_eq!(error.message(), format!("cannot write folder: {}: the folder is not empty", a.display()));
    let error = phantom::write_dataset(&root.path().join("c"), 2, 5, &|_, _| {}).unwrap_err();
    assert_eq!((error.kind(), error.subject()), (ErrorKind::Usage, &Subject::setting("subjects")));
    let left: Vec<_> = std::fs::read_dir(root.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "nothing half-written is left: {left:?}");
}

//! Trees of volumes to datasets.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use ndarray::Array2;
use oasis::ErrorKind;
use oasis::data::import::{Held, ImportReport, ImportRequest, import};
use oasis::data::{Dataset, Scale, Split};

use crate::volume_files::{Header, ball, bytes, end, write, write_disc};

static GO: AtomicBool = AtomicBool::new(false);

fn request<'a>(tree: &'a Path, out: &'a Path) -> ImportRequest<'a> {
    ImportRequest {
        tree,
        out,
        slab: None,
        scale: Scale::Slice,
        bits: 8,
        axes: None,
        registered: false,
        validate: Held::Share(0.1),
        test: Held::Share(0.1),
        seed: 1,
        stop: &GO,
    }
}

fn run(request: &ImportRequest<'_>) -> oasis::Result<ImportReport> {
    import(request, &|_, _| {})
}

/// A made-up head for a disc, another for each number.
fn head(number: i16) -> Vec<i16> {
    let mut values = ball([176, 208, 176]);
    for (index, value) in values.iter_mut().enumerate() {
        if *value > 0 {
            *value += number * (index % 5) as i16;
        }
    }
    values
}

/// Writes a disc's session.
fn session(tree: &Path, disc: u8, id: &str, cdr: &str, values: &[i16]) {
    let folder = tree.join(format!("disc{disc}/{id}"));
    let name = format!("{id}_mpr_n4_anon_111_t88");
    write_disc(&folder.join("PROCESSED/MPRAGE/T88_111").join(format!("{name}_masked_gfc")), values);
    write_disc(&folder.join("FSL_SEG").join(format!("{name}_masked_gfc_fseg")), &[1, 2, 3]);
    write(&folder.join(format!("{id}.txt")), format!("SESSION ID:  {id}\nAGE:  70\nCDR:  {cdr}\n").as_bytes());
}

#[test]
fn discs_become_a_dataset_without_problems() {
    let place = tempfile::tempdir().unwrap();
    let (tree, out) = (place.path().join("tree"), place.path().join("data"));
    let sessions = [
        (1, "OAS1_0001_MR1", "0"),
        (1, "OAS1_0002_MR1", ""),
        (2, "OAS1_0028_MR1", "0.5"),
        (2, "OAS1_0028_MR2", "0.5"),
        (3, "OAS1_0003_MR1", "1"),
    ];
    for (number, (disc, id, cdr)) in sessions.iter().enumerate() {
        session(&tree, *disc, id, cdr, &head(number as i16));
    }
    // A session in two folders, a damaged one, and one without its voxels.
    session(&tree, 4, "OAS1_0001_MR1", "0", &head(0));
    session(&tree, 4, "OAS1_0004_MR1", "0", &head(9)[..1000]);
    let lonely = tree.join("disc5/OAS1_0005_MR1/OAS1_0005_MR1_mpr_n4_anon_111_t88_masked_gfc");
    write_disc(&lonely, &[1]);
    std::fs::remove_file(lonely.with_extension("img")).unwrap();
    let report = run(&request(&tree, &out)).unwrap();

    let cases: Vec<(u32, &str, Option<f32>)> =
        report.volumes.iter().map(|row| (row.volume.case, &*row.volume.session, row.volume.known.cdr)).collect();
    assert_eq!(
        cases,
        [
            (1, "MR1", Some(0.0)),
            (2, "MR1", None),
            (3, "MR1", Some(1.0)),
            (28, "MR1", Some(0.5)),
            (1028, "MR2", Some(0.5))
        ]
    );
    let split = |case: u32| report.volumes.iter().find(|row| row.volume.case == case).unwrap().split;
    assert_eq!(split(28), split(1028), "both scans of a subject lie in one split");
    assert_eq!(report.subjects, BTreeMap::from([(Split::Train, 2), (Split::Validate, 1), (Split::Test, 1)]));
    assert_eq!(report.slices, 5 * 32);
    let failed: Vec<&str> = report.failed.iter().map(|failed| &*failed.why).collect();
    assert!(failed[0].starts_with("it is truncated"), "{failed:?}");
    assert!(failed[1].starts_with("the file of its voxels is missing"), "{failed:?}");
    let left: BTreeMap<&str, usize> = report.left_out.iter().map(|left| (&*left.why, left.count)).collect();
    assert_eq!(left["a session that another folder has too"], 1);
    assert!(left.keys().any(|why| why.starts_with("masks")), "{left:?}");

    // What `data check` says of it.
    let check = Dataset::check(&out).unwrap();
    assert!(check.ok, "{:?}", check.problems);
    assert!(check.warnings.is_empty(), "{:?}", check.warnings);
    assert!(!place.path().join("data.importing").exists());
    // The pictures are the slices as they are stored, from slice 79 up.
    let values = head(2);
    let path = out.join(split(28).folder()).join("case_028_slice_5.nii.png");
    let picture = image::open(&path).unwrap().to_luma8();
    assert_eq!(picture.dimensions(), (176, 208));
    let slice = &values[84 * 176 * 208..85 * 176 * 208];
    let white = f64::from(*slice.iter().max().unwrap());
    for (level, value) in picture.as_raw().iter().zip(slice) {
        assert_eq!(*level, (255.0 * f64::from(*value) / white).round() as u8);
    }
    // What came from where.
    let told: serde_json::Value = serde_json::from_slice(&std::fs::read(out.join("import.json")).unwrap()).unwrap();
    let first = &told["volumes"][0];
    assert_eq!((&first["case"], &first["slab"][0], &first["axes"]), (&1.into(), &79.into(), &"RPS".into()));
    assert_eq!(first["files"][1]["sha256"].as_str().unwrap().len(), 64);
    let table = std::fs::read_to_string(out.join("subjects.csv")).unwrap();
    assert!(table.contains(&format!("028,{},0.5,70,OAS1_0028,MR1", split(28))), "{table}");
    // The same command does not write over it.
    assert_eq!(run(&request(&tree, &out)).unwrap_err().why(), "the folder is not empty");
}

#[test]
fn what_was_stopped_is_gone_on_with() {
    let place = tempfile::tempdir().unwrap();
    let (tree, out) = (place.path().join("tree"), place.path().join("data"));
    let shape = [60, 70, 60];
    for number in 0..6_i16 {
        let mut values = ball(shape);
        values.iter_mut().for_each(|value| *value = if *value > 0 { *value + 20 * number } else { 0 });
        let header = Header::nifti(shape);
        write(
            &tree.join(format!("sub-{number}/anat/sub-{number}_T1w.nii.gz")),
            &[&header.0[..], &bytes(&values)].concat(),
        );
    }
    let stop = AtomicBool::new(false);
    let stopped = ImportRequest { stop: &stop, ..request(&tree, &out) };
    let error = import(&stopped, &|done, _| stop.store(done >= 2, std::sync::atomic::Ordering::SeqCst)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert!(!out.exists());
    let kept = std::fs::read_dir(place.path().join("data.importing")).unwrap().count() - 1;
    assert!((2..6).contains(&kept), "{kept}");
    // Other settings do not go on with it.
    let other = ImportRequest { scale: Scale::Volume, ..request(&tree, &out) };
    assert_eq!(run(&other).unwrap_err().why(), "it was begun with other settings");
    let report = run(&request(&tree, &out)).unwrap();
    assert_eq!((report.resumed, report.volumes.len()), (kept, 6));
    // In one go, it is the same.
    let again = place.path().join("again");
    run(&request(&tree, &again)).unwrap();
    let all = |root: &Path| {
        let dataset = Dataset::open(root).unwrap();
        dataset.digest(&Split::ALL).unwrap()
    };
    assert_eq!(all(&out), all(&again));
    assert_eq!(std::fs::read(out.join("subjects.csv")).unwrap(), std::fs::read(again.join("subjects.csv")).unwrap());
    // 16 bits, and the same picture.
    let deep = place.path().join("deep");
    run(&ImportRequest { bits: 16, ..request(&tree, &deep) }).unwrap();
    let picture = |root: &Path| {
        let path = root.join(report.volumes[0].split.folder()).join("case_001_slice_9.nii.png");
        let grey = image::open(path).unwrap().to_luma16();
        Array2::from_shape_vec((70, 60), grey.into_raw()).unwrap()
    };
    let (a, b) = (picture(&out), picture(&deep));
    assert!(a.iter().zip(&b).all(|(a, b)| a.abs_diff(*b) <= 129));
    assert!(b.iter().any(|value| value % 257 != 0));
}

#[test]
fn trees_that_cannot_be_used_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    let why = |tree: &str| run(&request(&at(tree), &at("out"))).unwrap_err().why().to_owned();
    write(&at("kaggle/Mild Demented/26 (19).jpg"), b"x");
    assert!(why("kaggle").starts_with("it holds slices in four classes"));
    write(&at("raw/Data/OAS1_0028_MR1_mpr-1_100.jpg"), b"x");
    assert!(why("raw").starts_with("it holds slices of raw scans"));
    write(&at("course/keras_png_slices_train/case_001_slice_0.nii.png"), b"x");
    write(&at("course/keras_png_slices_seg_train/seg_001_slice_0.nii.png"), b"x");
    assert!(why("course").starts_with("it holds keras_png_slices_*"));
    std::fs::create_dir(at("empty")).unwrap();
    assert!(why("empty").starts_with("it holds no volume"));
    assert_eq!(why("none"), "no such folder");
    // Volumes of which nothing says where the slab lies, too few slices, too large ones.
    let volume = |name: &str, shape: [i16; 3], change: &dyn Fn(&mut Header)| {
        let mut header = Header::nifti(shape);
        change(&mut header);
        write(&at(name), &[&header.0[..], &bytes(&ball(shape))].concat());
    };
    for number in 0..3 {
        volume(&format!("scanner/{number}.nii"), [40, 40, 40], &|header| end(header.int16(254, 1)));
    }
    assert!(
        why("scanner").contains("where its slab lies is not known: set `slab`, or `registered`"),
        "{}",
        why("scanner")
    );
    let (scanner, scanned, thin, out) = (at("scanner"), at("scanned"), at("thin"), at("out"));
    let registered = ImportRequest { registered: true, ..request(&scanner, &scanned) };
    assert_eq!(run(&registered).unwrap().volumes.len(), 3);
    for number in 0..3 {
        volume(&format!("thin/{number}.nii"), [40, 40, 1], &|_| {});
        volume(&format!("wide/{number}.nii"), [300, 40, 40], &|_| {});
    }
    assert!(why("thin").contains("it has 1 axial slices, expected at least 32"), "{}", why("thin"));
    assert!(why("wide").contains("its slices are 300x40, expected at most 256x256"), "{}", why("wide"));
    assert!(!at("out").exists() && !at("out.importing").exists());
    let many = ImportRequest { test: Held::Subjects(3), ..request(&thin, &out) };
    assert_eq!(run(&many).unwrap_err().kind(), ErrorKind::Usage);
    std::fs::create_dir(at("used.importing")).unwrap();
    std::fs::write(at("used.importing/mine"), "x").unwrap();
    let error = run(&request(&at("thin"), &at("used"))).unwrap_err();
    assert_eq!(error.why(), "a folder of that name is in the way, and is no import's");
}

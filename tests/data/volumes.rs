//! Volumes against nibabel, and volumes that are none.

use std::path::{Path, PathBuf};
use std::process::Command;

use ndarray::Array2;
use oasis::data::{Axes, Scale, Volume};

use crate::volume_files::{Header, ball, bytes, end, write};

/// The Python of the tests where it has nibabel; where there is none, says so, and fails where `OASIS_REQUIRE_NIBABEL` is
/// set.
fn nibabel() -> Option<PathBuf> {
    let python = std::env::var_os("OASIS_PYTHON").map(PathBuf::from);
    let has = |python: &PathBuf| {
        Command::new(python).args(["-c", "import nibabel"]).output().is_ok_and(|ended| ended.status.success())
    };
    let found = python.filter(has);
    if found.is_none() {
        assert!(std::env::var_os("OASIS_REQUIRE_NIBABEL").is_none(), "no Python with nibabel in OASIS_PYTHON");
        eprintln!("SKIPPED: volumes are not held against nibabel: set OASIS_PYTHON to a Python that has it");
    }
    found
}

#[test]
fn every_slice_is_that_of_nibabel_to_the_last_bit() {
    let Some(python) = nibabel() else { return };
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/volumes.py");
    let ended = Command::new(python).arg(script).arg(folder.path()).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let list = std::fs::read_to_string(folder.path().join("volumes.txt")).unwrap();
    let (mut volumes, mut compared) = (0, 0_usize);
    for line in list.lines() {
        let parts: Vec<&str> = line.split(' ').collect();
        let [slices, rows, columns] = [1, 2, 3].map(|part| parts[part].parse::<usize>().unwrap());
        let path = folder.path().join(parts[0]);
        let expected = std::fs::read(folder.path().join(format!("{}.expected", parts[0]))).unwrap();
        let mut expected = expected.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes));
        let volume = Volume::open(&path).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((volume.slices(), volume.size()), (slices, (columns, rows)), "{}", parts[0]);
        assert_eq!(volume.axes().to_string() == "RPS", parts[4] == "1" || parts[0].contains("_RPS."), "{}", parts[0]);
        let read = volume.read(0..slices).unwrap_or_else(|error| panic!("{error}"));
        for index in 0..slices {
            let picture = read.values(index);
            assert_eq!(picture.dim(), (rows, columns));
            for (place, value) in picture.indexed_iter() {
                let wanted = expected.next().unwrap();
                assert_eq!(
                    value.to_bits(),
                    wanted.to_bits(),
                    "{} slice {index} at {place:?}: {value} {wanted}",
                    parts[0]
                );
                compared += 1;
            }
        }
        // A part of the volume is the same slices.
        let part = volume.read(1..slices - 1).unwrap();
        assert_eq!(part.values(0), read.values(1), "{}", parts[0]);
        volumes += 1;
    }
    assert_eq!(volumes, 109);
    println!("{volumes} volumes, {compared} voxels");
}

/// A folder with one volume in it.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a volume in one file.
    fn volume(&self, name: &str, header: &Header, voxels: &[u8]) -> PathBuf {
        write(&self.at(name), &[&header.0, voxels].concat());
        self.at(name)
    }
}

/// Why a volume cannot be read or used.
fn why(path: &Path) -> String {
    let read = |path| {
        let volume = Volume::open(path)?;
        volume.read(0..volume.slices())?.grey(Scale::Slice)
    };
    read(path).map(|_| ()).unwrap_err().why().to_owned()
}

const SHAPE: [i16; 3] = [40, 50, 36];

#[test]
fn the_same_head_is_the_same_way_up_in_every_format() {
    let place = Place::new();
    let voxels = bytes(&ball(SHAPE));
    let nifti = place.volume("a.nii", &Header::nifti(SHAPE), &voxels);
    let zipped = place.volume("a.nii.gz", &Header::nifti(SHAPE), &voxels);
    write(&place.at("b.hdr"), &Header::analyze(SHAPE).0);
    write(&place.at("b.img"), &voxels);
    write(&place.at("c.hdr.gz"), &Header::analyze(SHAPE).0);
    write(&place.at("c.img.gz"), &voxels);
    let grey = |path: &Path, axes: Option<&str>| {
        let mut volume = Volume::open(path).unwrap();
        if let Some(axes) = axes {
            volume = volume.with_axes(Axes::parse(axes).unwrap());
        }
        let slices = volume.read(2..34).unwrap().grey(Scale::Slice).unwrap();
        (0..32).map(|index| slices.bytes(index)).collect::<Vec<_>>()
    };
    let first = grey(&nifti, None);
    // Brighter to the right, which is the right of the picture, and to the front, which is its top.
    let level = |picture: &Array2<u8>, row: usize, column: usize| picture[[row, column]];
    assert!(level(&first[0], 25, 36) > level(&first[0], 25, 4));
    assert!(level(&first[0], 4, 20) > level(&first[0], 45, 20));
    assert_eq!(first[0].iter().max(), Some(&255));
    assert_eq!(grey(&zipped, None), first);
    for (name, axes) in [("b.hdr", "RAS"), ("b.img", "RAS"), ("c.hdr.gz", "RAS"), ("c.img.gz", "ras")] {
        assert_eq!(grey(&place.at(name), Some(axes)), first, "{name}");
    }
    // Without orientation, slices are shown as they are stored.
    let stored = grey(&place.at("b.hdr"), None);
    let flipped = |picture: &Array2<u8>| picture.slice(ndarray::s![..;-1, ..]).to_owned();
    assert_eq!(stored.iter().map(flipped).collect::<Vec<_>>(), first);
    // One white for all slices, and 16 bits.
    let volume = Volume::open(&nifti).unwrap();
    let slices = volume.read(0..36).unwrap().grey(Scale::Volume).unwrap();
    let brightest: Vec<u8> = (0..36).map(|index| *slices.bytes(index).iter().max().unwrap()).collect();
    assert!(brightest.is_sorted() && brightest[0] < 250 && brightest[35] == 255, "{brightest:?}");
    assert_eq!(slices.words(35).iter().max(), Some(&65_535));
    assert_eq!(volume.height(0), Some(13.0 - 17.5));
    assert!(volume.in_atlas() && volume.doubts().is_empty());
}

#[test]
fn volumes_that_are_none_are_refused_with_the_reason() {
    let place = Place::new();
    let voxels = bytes(&ball(SHAPE));
    let length = voxels.len();
    let whole = || Header::nifti(SHAPE);
    let case = |name: &str, change: &dyn Fn(&mut Header), voxels: &[u8]| {
        let mut header = whole();
        change(&mut header);
        why(&place.volume(name, &header, voxels))
    };
    let bad = |change: &dyn Fn(&mut Header)| case("x.nii", change, &voxels);
    let same = |_: &mut Header| {};
    let starts = |found: String, wanted: &str| assert!(found.starts_with(wanted), "{found}\nexpected {wanted}");

    // Files of another size than the header says.
    starts(
        case("x.nii", &same, &voxels[..length - 1]),
        "it is truncated, or of another size than its header says: it has",
    );
    starts(case("x.nii", &same, &[&voxels[..], b"x"].concat()), "it is too long: it has");
    starts(
        case("x.nii.gz", &same, &voxels[..length - 1]),
        &format!("it is truncated: it has {} of the {length} bytes", length - 1),
    );
    starts(case("x.nii.gz", &same, &voxels[..length / 2]), "it is truncated: it has");
    starts(case("x.nii.gz", &same, &[&voxels[..], b"x"].concat()), &format!("it goes on after the {length} bytes"));
    starts(bad(&|h| end(h.dim(&[3, 40, 50, 37, 1, 1, 1, 1]))), "it is truncated, or of another size");
    // Gzip data that are cut, changed, or a bomb.
    let zipped = std::fs::read(place.volume("whole.nii.gz", &whole(), &voxels)).unwrap();
    std::fs::write(place.at("cut.nii.gz"), &zipped[..zipped.len() - 9]).unwrap();
    starts(why(&place.at("cut.nii.gz")), "it is truncated");
    let mut changed = zipped.clone();
    let place_of_sum = changed.len() - 6;
    changed[place_of_sum] ^= 1;
    std::fs::write(place.at("sum.nii.gz"), &changed).unwrap();
    starts(why(&place.at("sum.nii.gz")), "it is damaged");
    let bomb = place.volume("bomb.nii.gz", &whole(), &[&voxels[..], &vec![0; 64 << 20]].concat());
    assert!(std::fs::metadata(&bomb).unwrap().len() < 1 << 20);
    starts(why(&bomb), "it goes on after");

    // Sizes.
    starts(bad(&|h| end(h.dim(&[4, 40, 50, 36, 7, 1, 1, 1]))), "it is a series of volumes, 40x50x36x7, expected one");
    starts(bad(&|h| end(h.dim(&[5, 40, 50, 36, 1, 3, 1, 1]))), "it is a series of volumes, 40x50x36x1x3");
    starts(bad(&|h| end(h.dim(&[3, 40, 0, 36, 1, 1, 1, 1]))), "it is 40x0x36, expected 1 to 1024 a side");
    starts(bad(&|h| end(h.dim(&[3, 40, -5, 36, 1, 1, 1, 1]))), "it is 40x-5x36, expected 1 to 1024 a side");
    starts(bad(&|h| end(h.dim(&[3, 2000, 50, 36, 1, 1, 1, 1]))), "it is 2000x50x36, expected 1 to 1024 a side");
    starts(
        bad(&|h| end(h.dim(&[3, 1024, 1024, 1024, 1, 1, 1, 1]))),
        "it is 1024x1024x1024, expected at most 128 million",
    );
    starts(bad(&|h| end(h.dim(&[0; 8]))), "it has 0 axes, expected 3");
    starts(
        bad(&|h| end(h.dim(&[0x0300, 40, 50, 36, 1, 1, 1, 1]))),
        "it has 768 axes, expected 3: the header is damaged",
    );
    // Types.
    starts(bad(&|h| end(h.int16(70, 32))), "its voxels are complex numbers (code 32)");
    starts(bad(&|h| end(h.int16(70, 128))), "its voxels are RGB colours (code 128)");
    starts(bad(&|h| end(h.int16(70, 16))), "its header says 16 bits a voxel, expected 32");
    starts(bad(&|h| end(h.int16(70, 99))), "its voxels are a type that is not known (code 99)");
    // Places.
    for offset in [f32::NAN, -1.0, 7.0, 352.5, 1e30] {
        starts(bad(&|h| end(h.float(108, offset))), "its voxels begin at byte");
    }
    starts(bad(&|h| end(h.float(108, 353.0))), "it is truncated, or of another size");
    // Scaling and orientation.
    starts(bad(&|h| end(h.float(116, f32::NAN))), "its values are shifted by NaN");
    starts(bad(&|h| end(h.float(280, f32::INFINITY))), "its axes run nowhere");
    starts(bad(&|h| end(h.float(280, 0.0))), "its axes run nowhere");
    starts(bad(&|h| end(h.int16(254, 0).int16(252, 1).float(256, 2.0))), "its qform has the quaternion 2, 0, 0");
    // What is no volume.
    for (name, content, wanted) in [
        ("a.nii", &b""[..], "it has 0 bytes, expected a header of 348 or 540"),
        ("b.nii", &[1; 400], "it begins with 16843009, expected 348"),
        ("c.nii", b"\x1f\x8b", "it is truncated"),
        ("d.nii", &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff, 0xff], "it is damaged"),
    ] {
        std::fs::write(place.at(name), content).unwrap();
        starts(why(&place.at(name)), wanted);
    }
    starts(why(&place.at("none.nii")), "no such file");
    starts(why(place.0.path()), "it is a folder, expected a file");
    // Pairs.
    write(&place.at("p.hdr"), &Header::analyze(SHAPE).0);
    starts(why(&place.at("p.hdr")), "the file of its voxels is missing: expected p.img beside it");
    write(&place.at("q.img"), &voxels);
    starts(why(&place.at("q.img")), "its header is missing: expected q.hdr beside it");
    write(&place.at("p.img"), &voxels[..length - 2]);
    starts(why(&place.at("p.hdr")), "it is truncated, or of another size than its header says");
    write(&place.at("p.img"), &[&voxels[..], b"xy"].concat());
    starts(why(&place.at("p.hdr")), "it is too long");
    std::fs::write(place.at("s.nii"), Header::analyze(SHAPE).0).unwrap();
    starts(why(&place.at("s.nii")), "its voxels are in another file, expected it to be named .hdr");
    write(&place.at("r.hdr"), &whole().0);
    write(&place.at("r.img"), &voxels);
    starts(why(&place.at("r.hdr")), "it holds a volume in one file, expected it to be named .nii");
}

#[test]
fn values_are_refused_or_ruled() {
    let place = Place::new();
    let values = ball(SHAPE);
    let float = |change: &dyn Fn(usize, f32) -> f32| {
        let mut header = Header::nifti(SHAPE);
        header.int16(70, 16).int16(72, 32);
        let voxels: Vec<u8> = values
            .iter()
            .enumerate()
            .flat_map(|(index, value)| change(index, f32::from(*value)).to_le_bytes())
            .collect();
        place.volume("f.nii", &header, &voxels)
    };
    let grey = |path: &Path| Volume::open(path).unwrap().read(0..36).unwrap().grey(Scale::Slice);
    let plain = grey(&place.volume("i.nii", &Header::nifti(SHAPE), &bytes(&values))).unwrap().bytes(20);
    // Floats of any range are the same picture.
    for factor in [1.0, 1e-6, 1e12] {
        let slices = grey(&float(&|_, value| value * factor)).unwrap();
        let most = slices.bytes(20).iter().zip(&plain).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(most <= Some(1), "{factor}: {most:?}");
    }
    // A few values below 0, and what is no number, are black and counted.
    let slices = grey(&float(&|index, value| match index % 50_000 {
        7 => -3.0,
        9 => f32::NAN,
        _ => value,
    }))
    .unwrap();
    assert_eq!((slices.values().negative, slices.values().nan), (2, 2));
    assert_eq!(slices.bytes(0)[[49, 7]], 0);
    let starts = |found: String, wanted: &str| assert!(found.starts_with(wanted), "{found}\nexpected {wanted}");
    starts(
        why(&float(&|index, value| if index.is_multiple_of(20) { -1.0 } else { value })),
        "its values go from -1 to 2",
    );
    starts(why(&float(&|_, value| value - 5000.0)), "its values go from -5000 to -");
    starts(why(&float(&|_, _| 0.0)), "its slices are black all over");
    starts(why(&float(&|_, _| f32::NAN)), "none of its voxels is a number");
    starts(why(&float(&|index, value| if index == 9 { f32::INFINITY } else { value })), "its values go from 0 to inf");
    // Bytes in another order than the header says.
    let swapped: Vec<u8> = values.iter().flat_map(|value| value.to_be_bytes()).collect();
    let unsigned = |header: &mut Header| end(header.int16(70, 512));
    let mut header = Header::nifti(SHAPE);
    unsigned(&mut header);
    starts(why(&place.volume("w.nii", &header, &swapped)), "its values jump from voxel to voxel");
    let mut header = Header::nifti(SHAPE);
    header.int16(70, 16).int16(72, 32);
    let swapped: Vec<u8> = values.iter().flat_map(|value| (f32::from(*value) / 3.0).to_be_bytes()).collect();
    starts(why(&place.volume("g.nii", &header, &swapped)), "its values are as small and large as floats can be");
}

//! Files are wholly there or not at all.

use std::io::{self, Write};
use std::path::Path;

use image::{GrayImage, Rgb, RgbImage};
use oasis::data::save_png;
use oasis::fs::{create_folder, write_atomic};

fn entries(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_failed_write_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.csv");
    write_atomic(&path, |file| file.write_all(b"old")).unwrap();
    let error = write_atomic(&path, |file| {
        file.write_all(&[b'x'; 100_000])?;
        Err(io::Error::other("no more"))
    })
    .unwrap_err();
    assert!(error.to_string().contains("no more"));
    assert_eq!(error.subject().to_string(), path.display().to_string());
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
    assert_eq!(entries(folder.path()), 1);
    write_atomic(&path, |file| file.write_all(b"new")).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"new");
    assert_eq!(entries(folder.path()), 1);
}

#[test]
fn a_panic_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.csv");
    let caught = std::panic::catch_unwind(|| write_atomic(&path, |_| panic!("in the middle")));
    assert!(caught.is_err());
    assert_eq!(entries(folder.path()), 0);
}

#[test]
fn places_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let error = write_atomic(&folder.path().join("none/a.png"), |_| Ok(())).unwrap_err();
    assert!(error.why().contains("does not exist"), "{error}");
    assert!(error.hints()[0].contains("mkdir -p"));
    let error = write_atomic(folder.path(), |_| Ok(())).unwrap_err();
    assert!(error.why().contains("folder"));
    let file = folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let error = create_folder(&file).unwrap_err();
    assert!(error.why().contains("in the way"), "{error}");
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_devices_written_straight() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    write_atomic(&real, |file| file.write_all(b"old")).unwrap();
    let mode = std::fs::metadata(&real).unwrap().permissions().mode();
    assert_ne!(mode & 0o044, 0, "others may read it, as the umask allows");
    std::os::unix::fs::symlink(&real, &link).unwrap();
    write_atomic(&link, |file| file.write_all(b"new")).unwrap();
    assert_eq!(std::fs::read(&real).unwrap(), b"new");
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    write_atomic(Path::new("/dev/null"), |file| file.write_all(b"gone")).unwrap();
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn pictures_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let (grey, colour) = (folder.path().join("g.png"), folder.path().join("c.png"));
    save_png(&grey, &GrayImage::from_pixel(3, 2, image::Luma([7]))).unwrap();
    save_png(&colour, &RgbImage::from_pixel(3, 2, Rgb([1, 2, 3]))).unwrap();
    let grey = image::open(&grey).unwrap();
    assert_eq!(grey.color(), image::ColorType::L8);
    let colour = image::open(&colour).unwrap().into_rgb8();
    assert_eq!(colour.get_pixel(2, 1).0, [1, 2, 3]);
}

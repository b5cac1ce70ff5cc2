//! Pictures as files.

use ndarray::array;
use oasis::data::save_png;

#[test]
fn pictures_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grey.png");
    save_png(&path, array![[1, 2, 3], [4, 5, 7]].view()).unwrap();
    let grey = image::open(&path).unwrap();
    assert_eq!((grey.color(), grey.to_luma8().get_pixel(2, 1).0), (image::ColorType::L8, [7]));
    assert_eq!(grey.to_luma8().into_raw(), [1, 2, 3, 4, 5, 7]);
}

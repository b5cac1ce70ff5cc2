use oasis::data::{grey_image, phantom, save_png};

#[test]
#[ignore = "draws pictures to look at"]
fn gallery() {
    let out = std::env::var("GALLERY").expect("GALLERY names the file to write");
    let (rows, positions) = (5u32, [0u8, 6, 12, 18, 24, 31]);
    let mut picture = image::GrayImage::new(160 * positions.len() as u32, 192 * rows);
    let start = std::time::Instant::now();
    for subject in 0..rows {
        for (column, &position) in positions.iter().enumerate() {
            let slice = grey_image(phantom::draw(1, subject + 1, position).view());
            let crop = image::imageops::crop_imm(&slice, 48, 32, 160, 192).to_image();
            image::imageops::replace(
                &mut picture,
                &crop,
                column as i64 * 160,
                i64::from(subject) * 192,
            );
        }
    }
    eprintln!(
        "{:?} a slice",
        start.elapsed() / (rows * positions.len() as u32)
    );
    save_png(out.as_ref(), &picture).unwrap();
}

//! Made-up slices.

use oasis::data::{grey_image, phantom};

#[test]
fn same_bits_for_the_same_seed() {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for (seed, subject, position) in [(1, 1, 0), (1, 2, 16), (u64::MAX, 9, 31)] {
        let slice = phantom::draw(seed, subject, position);
        assert_eq!(slice, phantom::draw(seed, subject, position));
        hash.update(grey_image(slice.view()).as_slice().unwrap());
    }
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "24cabb895bc6a280d60e03f875610538bb0261824c72bda86c52cee7976a7e5a");
}

#[test]
fn seeds_subjects_and_positions_differ() {
    let one = phantom::draw(1, 1, 10);
    assert_ne!(one, phantom::draw(2, 1, 10));
    assert_ne!(one, phantom::draw(1, 2, 10));
    assert_ne!(one, phantom::draw(1, 1, 11));
}

#[test]
fn brains_fit_the_crop_and_have_the_right_size() {
    // Pixels of brain, of 65,536: 23 to 27%.
    let sizes = [
        [17_261, 17_251, 17_114, 16_851, 16_407, 15_487],
        [16_666, 16_659, 16_517, 16_270, 15_843, 14_971],
        [17_480, 17_466, 17_327, 17_059, 16_615, 15_697],
        [17_029, 17_013, 16_878, 16_616, 16_182, 15_283],
        [17_001, 16_987, 16_858, 16_599, 16_163, 15_268],
        [17_516, 17_493, 17_364, 17_099, 16_642, 15_709],
    ];
    for (subject, sizes) in sizes.iter().enumerate() {
        for (position, size) in [0, 5, 11, 16, 22, 31].into_iter().zip(sizes) {
            let slice = phantom::draw(7, subject as u32, position);
            assert_eq!(slice.iter().filter(|&&value| value > 0.0).count(), *size, "{subject} {position}");
            for ((row, column), &value) in slice.indexed_iter() {
                assert!((0.0..=1.0).contains(&value));
                let inside = (32..224).contains(&row) && (48..208).contains(&column);
                assert!(inside || value == 0.0, "{subject} {position}: {row} {column}");
            }
        }
    }
}

#[test]
fn sides_nearly_mirror_and_neighbours_are_alike() {
    use oasis::metrics::ssim_brain;
    let slice = phantom::draw(3, 1, 14);
    let next = phantom::draw(3, 1, 15);
    let far = phantom::draw(3, 1, 30);
    // A slice is like the next one and unlike one far above it.
    let [near, far] = [next, far].map(|other| ssim_brain(slice.view(), other.view()));
    assert!((near - 0.871_566).abs() < 1e-6 && (far - 0.175_616).abs() < 1e-6, "{near} {far}");
    // The fissure is between columns 125 and 126.
    let mut apart = 0.0;
    let mut count = 0.0;
    for row in 60..200 {
        for column in 70..126 {
            apart += (slice[[row, column]] - slice[[row, 251 - column]]).abs();
            count += 1.0;
        }
    }
    assert!((apart / count - 0.116_880_f32).abs() < 1e-6, "{}", apart / count);
}

#[test]
fn dementia_grows_the_ventricles() {
    let dark = |subject| {
        let slice = phantom::draw(11, subject, 19);
        let middle = slice.slice(ndarray::s![80..180, 95..157]);
        middle.iter().filter(|&&value| value < 0.3).count()
    };
    let (mut well, mut ill) = (Vec::new(), Vec::new());
    for subject in 0..40 {
        match phantom::cdr(11, subject) {
            0.0 => well.push(dark(subject)),
            cdr if cdr >= 1.0 => ill.push(dark(subject)),
            _ => {}
        }
    }
    // Means of 1,399 and 2,145 dark pixels.
    assert_eq!((well.len(), well.iter().sum::<usize>()), (22, 30_787));
    assert_eq!((ill.len(), ill.iter().sum::<usize>()), (6, 12_871));
}

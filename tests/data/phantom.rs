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
    for subject in 0..6 {
        for position in [0, 5, 11, 16, 22, 31] {
            let slice = phantom::draw(7, subject, position);
            let brain = slice.iter().filter(|&&value| value > 0.0).count();
            let share = brain as f64 / slice.len() as f64;
            assert!((0.18..0.32).contains(&share), "{subject} {position}: {share}");
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
    let near = ssim_brain(slice.view(), next.view());
    assert!(near > ssim_brain(slice.view(), far.view()), "{near}");
    // The fissure is between columns 125 and 126.
    let mut apart = 0.0;
    let mut count = 0.0;
    for row in 60..200 {
        for column in 70..126 {
            apart += (slice[[row, column]] - slice[[row, 251 - column]]).abs();
            count += 1.0;
        }
    }
    assert!(apart / count < 0.15, "{}", apart / count);
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
    let mean = |counts: &[usize]| counts.iter().sum::<usize>() as f64 / counts.len() as f64;
    assert!(mean(&ill) > 1.2 * mean(&well), "{} {}", mean(&ill), mean(&well));
}

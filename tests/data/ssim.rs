//! SSIM and PSNR against scikit-image, and what must hold for any images.

use ndarray::{Array2, s};
use oasis::data::phantom;
use oasis::metrics::{psnr, ssim, ssim_brain, ssim_map};
use proptest::prelude::*;

#[derive(serde::Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    kind: String,
    height: usize,
    width: usize,
    seed: u64,
    ssim: f64,
    ssim_brain: f64,
    corner: f64,
    psnr: f64,
}

/// As `noise` in `tools/golden/ssim.py`.
pub fn noise(x: u64, y: u64, seed: u64) -> f64 {
    let h = (x * 73_856_093) ^ (y * 19_349_663) ^ (seed * 83_492_791);
    let mut h = h & 0xffff_ffff;
    h = ((h ^ (h >> 13)) * 1_274_126_177) & 0xffff_ffff;
    h ^= h >> 16;
    (h & 0xffff) as f64 / 65_535.0
}

/// As `pair` in `tools/golden/ssim.py`.
pub fn pair(kind: &str, height: usize, width: usize, seed: u64) -> (Array2<f32>, Array2<f32>) {
    let at = |row: usize, column: usize| -> (f64, f64) {
        let (x, y) = (column as u64, row as u64);
        let (fine, other) = (noise(x, y, seed), noise(x, y, seed + 1));
        let blocks = noise(x >> 3, y >> 3, seed + 2);
        match kind {
            "noise" => (fine, other),
            "blocks" => (blocks, 0.9 * blocks + 0.1 * fine),
            "shift" => (blocks, noise((x + 1) >> 3, y >> 3, seed + 2)),
            "border" => {
                let dx = 2 * column as i64 - width as i64;
                let dy = 2 * row as i64 - height as i64;
                let inside = 4 * dx * dx + 3 * dy * dy < (height * height * 2) as i64;
                let inside = f64::from(u8::from(inside));
                (inside * (0.25 + 0.5 * blocks + 0.25 * fine), inside * (0.25 + 0.5 * blocks + 0.25 * other))
            }
            "flat" => (0.5, 0.25),
            "negative" => (fine, 1.0 - fine),
            _ => panic!("unknown kind {kind}"),
        }
    };
    (
        Array2::from_shape_fn((height, width), |(y, x)| at(y, x).0 as f32),
        Array2::from_shape_fn((height, width), |(y, x)| at(y, x).1 as f32),
    )
}

#[test]
fn golden_values_of_scikit_image() {
    let golden: Golden = serde_json::from_str(include_str!("ssim_golden.json")).unwrap();
    assert!(golden.cases.len() >= 9);
    for case in golden.cases {
        let (a, b) = pair(&case.kind, case.height, case.width, case.seed);
        let (a, b) = (a.view(), b.view());
        let near = |what: &str, ours: f64, theirs: f64| {
            let apart = (ours - theirs).abs();
            assert!(apart < 1e-10, "{} {what}: {ours} {theirs}", case.kind);
        };
        near("ssim", ssim(a, b), case.ssim);
        near("ssim_brain", ssim_brain(a, b), case.ssim_brain);
        near("corner", ssim_map(a, b)[[0, 0]], case.corner);
        near("psnr", psnr(a, b), case.psnr);
    }
}

#[test]
fn map_covers_the_valid_windows() {
    let a = phantom::draw(1, 1, 16);
    assert_eq!(ssim_map(a.view(), a.view()).dim(), (246, 246));
    assert_eq!(ssim_map(a.slice(s![..11, ..20]), a.slice(s![..11, ..20])).dim(), (1, 10));
}

#[test]
fn views_of_any_layout_score_the_same() {
    let a = phantom::draw(1, 1, 16);
    let b = phantom::draw(1, 1, 17);
    let straight = ssim(a.view(), b.view());
    assert!((ssim(a.t(), b.t()) - straight).abs() < 1e-12);
    let crop = s![32..224, 48..208];
    let (owned_a, owned_b) = (a.slice(crop).to_owned(), b.slice(crop).to_owned());
    assert_eq!(ssim(a.slice(crop), b.slice(crop)), ssim(owned_a.view(), owned_b.view()));
}

#[test]
fn border_has_no_say_in_brain_ssim() {
    let a = phantom::draw(2, 1, 12);
    let b = phantom::draw(2, 1, 14);
    let (brain, all) = (ssim_brain(a.view(), b.view()), ssim(a.view(), b.view()));
    assert!((brain - 0.576_156).abs() < 1e-6 && (all - 0.875_555).abs() < 1e-6, "{brain} {all}");
    let black = Array2::<f32>::zeros((256, 256));
    assert!(ssim_brain(black.view(), black.view()).is_nan());
    assert_eq!(ssim(black.view(), black.view()), 1.0);
}

#[test]
fn psnr_of_known_errors() {
    let a = Array2::<f32>::zeros((16, 16));
    let b = Array2::<f32>::from_elem((16, 16), 0.5);
    assert!((psnr(a.view(), b.view()) - 6.020_599_913).abs() < 1e-8);
    assert_eq!(psnr(a.view(), a.view()), f64::INFINITY);
}

fn image() -> impl Strategy<Value = Array2<f32>> {
    proptest::collection::vec(0.0f32..=1.0, 20 * 16)
        .prop_map(|values| Array2::from_shape_vec((20, 16), values).unwrap())
}

proptest! {
    #![proptest_config(super::seeded::cases(256))]

    #[test]
    fn equal_images_score_one(a in image()) {
        prop_assert!((ssim(a.view(), a.view()) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn symmetric_and_bounded(a in image(), b in image()) {
        let score = ssim(a.view(), b.view());
        prop_assert_eq!(score, ssim(b.view(), a.view()));
        prop_assert!((-1.0..=1.0).contains(&score));
        prop_assert!(score < 1.0 || a == b);
        prop_assert_eq!(psnr(a.view(), b.view()), psnr(b.view(), a.view()));
    }

    #[test]
    fn turning_both_images_changes_nothing(a in image(), b in image()) {
        let turned = ssim(a.slice(s![..;-1, ..]), b.slice(s![..;-1, ..]));
        prop_assert!((turned - ssim(a.view(), b.view())).abs() < 1e-12);
    }
}

//! The nets have the shapes and the causality that the rest relies on.

use burn::tensor::{Device, Int, Tensor, TensorData};
use oasis::model::{Preset, Prior, Vqvae};

use super::alone::alone;

fn preset(name: &str) -> Preset {
    let small = ["vqvae.codebook_size=16", "prior.channels=8", "vqvae.channels=[8,8]"].map(str::to_owned);
    Preset::named(name, &small).unwrap()
}

#[test]
fn both_presets_make_codes_and_images_of_the_contract() {
    let _generator = alone();
    let device = Device::flex();
    for (name, grid) in [("keras", 64), ("oasis", 32)] {
        let preset = preset(name);
        let model = Vqvae::new(&preset.vqvae, &device);
        let codes = model.encode(Tensor::zeros([2, 1, 256, 256], &device));
        assert_eq!(codes.dims(), [2, grid, grid], "{name}");
        assert_eq!(preset.vqvae.grid(), [grid, grid]);
        let images = model.decode(codes);
        assert_eq!(images.dims(), [2, 1, 256, 256], "{name}");
        let values: Vec<f32> = images.into_data().iter::<f32>().collect();
        assert!(values.iter().all(|value| (0.0..=1.0).contains(value)));
    }
}

#[test]
fn quantizing_a_codeword_gives_its_own_code() {
    let _generator = alone();
    let device = Device::flex();
    let model = Vqvae::new(&preset("oasis").vqvae, &device);
    let codes = Tensor::<1, Int>::arange(0..16, &device).reshape([1, 4, 4]);
    let again = model.quantizer.codes(model.quantizer.lookup(codes.clone()));
    assert_eq!(
        codes.into_data().iter::<i64>().collect::<Vec<_>>(),
        again.into_data().iter::<i64>().collect::<Vec<_>>()
    );
}

#[test]
fn moving_averages_reach_the_mean_of_the_latents_and_dead_codes_revive() {
    let _generator = alone();
    let device = Device::flex();
    let model = Vqvae::new(&preset("oasis").vqvae, &device);
    let dim = model.quantizer.codebook.val().dims()[1];
    let latents = Tensor::<4>::ones([1, dim, 2, 2], &device).mul_scalar(3.0);
    let codes = Tensor::<3, Int>::zeros([1, 2, 2], &device);
    let mut quantizer = model.quantizer;
    for _ in 0..3 {
        quantizer = quantizer.averaged(latents.clone(), codes.clone(), 0.9, false);
    }
    let rows: Vec<f32> = quantizer.codebook.val().into_data().iter::<f32>().collect();
    assert!((rows[0] - 3.0).abs() < 1e-4, "{}", rows[0]);
    assert!(rows[dim].abs() <= 0.05, "a code that was never used keeps its place");
    let revived = quantizer.averaged(latents, codes, 0.9, true);
    let rows: Vec<f32> = revived.codebook.val().into_data().iter::<f32>().collect();
    assert!(rows.iter().all(|value| (value - 3.0).abs() < 1e-4), "dead codes restart at latents of the batch");
}

#[test]
fn logits_depend_on_the_codes_before_them_only() {
    let _generator = alone();
    let device = Device::flex();
    for name in ["keras", "oasis"] {
        let preset = preset(name);
        let [height, width] = preset.vqvae.grid();
        let model = Prior::new(&preset.prior, &preset.vqvae, &device);
        let logits = |codes: &[i64]| -> Vec<f32> {
            let codes = Tensor::<3, Int>::from_data(TensorData::new(codes.to_vec(), [1, height, width]), &device);
            let condition = Tensor::<2, Int>::from_data(TensorData::new(vec![5i64, 1], [1, 2]), &device);
            model.forward(codes, condition).into_data().iter::<f32>().collect()
        };
        let codes: Vec<i64> = (0..height * width).map(|at| (at * 7 % 16) as i64).collect();
        let at = 9 * width + 11;
        let mut changed = codes.clone();
        changed[at] = (changed[at] + 1) % 16;
        let (before, after) = (logits(&codes), logits(&changed));
        let moved = |position: usize| {
            (0..16).any(|k| (before[k * height * width + position] - after[k * height * width + position]).abs() > 1e-6)
        };
        assert!((0..=at).all(|position| !moved(position)), "{name}: a logit saw its own code or a later one");
        assert!(moved(at + 1), "{name}: the next logit must see the code");
        assert!(moved(at + width), "{name}: the logit below must see the code");
    }
}

#[test]
fn the_version_of_burn_is_that_of_the_lock_file() {
    let lock = include_str!("../../Cargo.lock");
    let entry = format!("name = \"burn\"\nversion = \"{}\"\n", oasis::train::run::BURN_VERSION);
    assert!(lock.contains(&entry), "expected {entry:?} in Cargo.lock");
}

//! The nets have the shapes and the causality that the rest relies on.

use std::error::Error as _;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Distribution, Int, Tensor, TensorData};
use oasis::Subject;
use oasis::model::{MIRRORED, Preset, Prior, Vqvae};

use super::alone::alone;

fn preset(name: &str) -> Preset {
    let small = ["vqvae.codebook_size=16", "prior.channels=8", "vqvae.channels=[8,8]"].map(str::to_owned);
    Preset::named(name, &small).unwrap()
}

#[test]
fn every_preset_makes_codes_and_images_of_the_contract() {
    let _generator = alone();
    let device = Device::flex();
    for (name, grid) in [("keras", 64), ("oasis", 32), ("oasis-hd", 64)] {
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
fn settings_that_make_no_model_are_named() {
    let sides = "even sides of 12 to 256, multiples of patch times stride, [6, 5]";
    let bad = [
        ("oasis", "vqvae.patch=[0, 5]", "sides of 1 to 256"),
        ("oasis", "vqvae.stride=[0, 1]", "sides of 1 to 256"),
        ("oasis", "vqvae.patch=[4294967296, 4294967296]", "sides of 1 to 256"),
        ("oasis", "vqvae.window=[190, 160]", sides),
        ("oasis", "vqvae.window=[264, 160]", sides),
        ("oasis", "vqvae.latent_dim=1", "at least 2 for net oasis"),
        ("oasis", "vqvae.codebook_size=1", "at least 2"),
        ("oasis", "vqvae.commitment=-1.0", "0 or more"),
        ("oasis", "vqvae.decay=1.0", "0 to below 1"),
        ("oasis", "vqvae_training.ssim_weight=nan", "0 or more"),
        ("oasis", "vqvae_training.shift=81", "at most half of the window, 80"),
        ("oasis", "vqvae_training.learning_rate=inf", "above 0"),
        ("oasis", "prior_training.weight_decay=-0.1", "0 or more"),
        ("oasis", "prior_training.batch=0", "at least 1"),
        ("oasis", "prior.dropout=1.0", "0 to below 1"),
        ("keras", "vqvae.blocks=2", "0 for net keras"),
        ("keras", "vqvae.patch=[4, 2]", "patch and stride [2, 2] for net keras"),
    ];
    for (name, set, expected) in bad {
        let error = Preset::named(name, &[set.to_owned()]).expect_err(set);
        let (key, _) = set.split_once('=').unwrap();
        assert_eq!(error.message(), format!("bad setting: {key}: expected {expected}"), "{set}");
        assert_eq!(error.subject(), &Subject::setting(key));
        assert_eq!(error.hints(), [format!("change it with `set`: {key}=VALUE")]);
    }
    let larger = ["vqvae.window=[240, 200]", "vqvae.stride=[1, 1]"].map(str::to_owned);
    assert_eq!(Preset::named("oasis", &larger).unwrap().vqvae.grid(), [80, 40]);
}

#[test]
fn settings_that_no_preset_has_are_refused() {
    let refused = |name: &str, set: &str| {
        let error = Preset::named(name, &[set.to_owned()]).expect_err(set);
        (error.message(), error.hints().to_vec())
    };
    let form = |found: &str| {
        let why = format!("cannot change the preset: set: found {found:?}, expected section.key=value");
        (why, vec!["for example vqvae.codebook_size=256".to_owned()])
    };
    for entry in ["vqvae.blocks", "blocks=2", "vqvae.blocks=\u{0}"] {
        assert_eq!(refused("oasis", entry), form(entry));
    }
    let unknown = "unknown setting: vqvae.block: no preset has this key".to_owned();
    let keys = "the files in src/model/presets show every key".to_owned();
    assert_eq!(refused("oasis", "vqvae.block=2"), (unknown, vec![keys]));
    let unknown = "unknown preset: preset: found \"oases\", expected one of keras, oasis, oasis-hd".to_owned();
    assert_eq!(refused("oases", "vqvae.blocks=2"), (unknown, vec!["set `preset` to oasis".to_owned()]));

    let error = Preset::named("oasis", &["vqvae.blocks=two".to_owned()]).unwrap_err();
    let cause = error.source().expect("the parser's error").to_string();
    // An error is one line, whatever it is caused by.
    let cause = cause.trim_end().replace('\n', " ");
    assert_eq!(error.message(), format!("cannot change the preset: set: vqvae.blocks=two: {cause}"));
}

#[test]
fn only_the_window_is_seen_and_painted() {
    let _generator = alone();
    let device = Device::flex();
    let preset = preset("oasis");
    let model = Vqvae::new(&preset.vqvae, &device);
    let [rows, columns] = preset.vqvae.window;
    let (top, left) = ((256 - rows) / 2, (256 - columns) / 2);
    let inside = Tensor::<4>::random([1, 1, rows, columns], Distribution::Uniform(0.0, 1.0), &device);
    let around = (left, 256 - columns - left, top, 256 - rows - top);
    let numbers = |x: Tensor<4>| x.into_data().iter::<f32>().collect::<Vec<_>>();
    let latents = model.encoder.forward(inside.clone().pad(around, 0.0));
    assert_eq!(numbers(latents.clone()), numbers(model.encoder.forward(inside.clone().pad(around, 0.7))));
    assert_eq!(numbers(latents), numbers(model.encoder.forward(inside.clone())), "the window alone will do");

    // Bright, for a fresh net's latents are small.
    let squares = numbers(model.encoder.forward(inside.mul_scalar(1e3)).powf_scalar(2.0).mean_dim(1));
    assert!(squares.iter().all(|mean| (mean - 1.0).abs() < 1e-2), "latents have a root mean square of 1");

    let image = numbers(model.decode(Tensor::<3, Int>::zeros([1, 32, 32], &device)));
    let lit = |row: usize, column: usize| image[row * 256 + column] != 0.0;
    let outside = |row, column| !(top..top + rows).contains(&row) || !(left..left + columns).contains(&column);
    assert!((0..256 * 256).all(|at| !(outside(at / 256, at % 256) && lit(at / 256, at % 256))));
}

#[test]
fn steps_of_the_prior_give_the_logits_of_a_pass() {
    let _generator = alone();
    let device = Device::flex();
    let preset = preset("oasis");
    let Prior::Gated(net) = Prior::new(&preset.prior, &preset.vqvae, &device) else { panic!("a gated prior") };
    let ([rows, columns], none) = (preset.vqvae.grid(), preset.vqvae.codebook_size as i64);
    let draw = |shape: [usize; 3], end: f64| Tensor::<3>::random(shape, Distribution::Uniform(0.0, end), &device).int();
    for batch in [1, 3] {
        let codes = draw([batch, rows, columns], none as f64);
        let condition =
            Tensor::from_data(TensorData::new(vec![5i64, 1, 32, 3, 31, 0][..2 * batch].to_vec(), [batch, 2]), &device);
        let pass = net.forward(codes.clone(), condition.clone());
        let [layers, reach, channels, _] = net.above_size();
        let mut above = Tensor::zeros([batch, layers, reach, channels, columns], &device);
        let mut over = Tensor::<2, Int>::full([batch, columns], none, &device);
        for row in 0..rows {
            let number = Tensor::<1, Int>::full([batch], row as i64, &device);
            let (contexts, next) = net.row_step(over, number, condition.clone(), above);
            above = next;
            over = codes.clone().narrow(1, row, 1).reshape([batch, columns]);
            let mut left = Tensor::zeros([batch, layers, reach, channels], &device);
            let mut code = Tensor::<1, Int>::full([batch], none, &device);
            for column in 0..columns {
                let context = contexts.clone().narrow(1, column, 1).reshape([batch, net.context_size()]);
                let mirrored = around_the_mirrored(&over, column, none);
                let (logits, next) = net.code_step(code, mirrored, context, left);
                left = next;
                code = over.clone().narrow(1, column, 1).reshape([batch]);
                let expected = pass.clone().narrow(2, row, 1).narrow(3, column, 1).reshape(logits.dims());
                let apart = (logits - expected).abs().max().into_scalar::<f64>();
                assert!(apart < 1e-4, "row {row}, column {column}: {apart}");
            }
        }
    }
}

/// The codes of a row around the mirror image of a column, as `code_step` takes them.
fn around_the_mirrored(codes: &Tensor<2, Int>, column: usize, none: i64) -> Tensor<2, Int> {
    let [batch, columns] = codes.dims();
    let row: Vec<i64> = codes.clone().into_data().iter::<i64>().collect();
    let half = columns as i64 / 2;
    let mut around = Vec::new();
    for sample in row.chunks(columns) {
        for offset in [2, 1, 0, -1, -2] {
            let source = columns as i64 - 1 - column as i64 + offset;
            let there = (0..half).contains(&source) && column as i64 >= columns as i64 - half;
            around.push(if there { sample[source as usize] } else { none });
        }
    }
    Tensor::from_data(TensorData::new(around, [batch, MIRRORED]), &codes.device())
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
    let fresh: Vec<f32> = quantizer.codebook.val().into_data().iter::<f32>().collect();
    for _ in 0..3 {
        quantizer = quantizer.averaged(latents.clone(), codes.clone(), 0.9, false);
    }
    let rows: Vec<f32> = quantizer.codebook.val().into_data().iter::<f32>().collect();
    assert!((rows[0] - 3.0).abs() < 1e-4, "{}", rows[0]);
    assert_eq!(rows[dim..], fresh[dim..], "codes that were never used keep their codewords");
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
fn a_prior_that_starts_from_the_codebook_learns_all_that_another_learns() {
    let _generator = alone();
    let device = Device::flex().autodiff();
    let preset = preset("oasis");
    let fresh = Prior::new(&preset.prior, &preset.vqvae, &device).materialize();
    let [height, width] = preset.vqvae.grid();
    let codes = Tensor::<3, Int>::from_data(
        TensorData::new((0..height * width).map(|at| (at % 16) as i64).collect(), [1, height, width]),
        &device,
    );
    let condition = Tensor::<2, Int>::from_data(TensorData::new(vec![3i64, 1], [1, 2]), &device);
    let logits = |model: &Prior| model.forward(codes.clone(), condition.clone());
    let learned = |model: &Prior| {
        let gradients = logits(model).powf_scalar(2.0).mean().backward();
        GradientsParams::from_grads(gradients, model).len()
    };
    // Codewords 0 and 1 are alike, and no other two.
    let codebook = Tensor::<2>::random([16, 32], Distribution::Normal(0.0, 1.0), &device);
    let twins = codebook.clone().narrow(0, 0, 1).repeat_dim(0, 2);
    let codebook = Tensor::cat(vec![twins, codebook.narrow(0, 2, 14)], 0);
    let started = fresh.clone().with_codebook(codebook);
    assert_eq!(learned(&started), learned(&fresh));
    let device = device.without_autodiff();
    let (codes, condition) = (Tensor::zeros([1, height, width], &device), Tensor::zeros([1, 2], &device));
    let all = started.valid().forward(codes, condition);
    let of = |code: usize| all.clone().narrow(1, code, 1).into_data().iter::<f32>().collect::<Vec<_>>();
    assert_eq!(of(0), of(1), "codes of one codeword start alike");
    assert_ne!(of(0), of(2));
}

#[test]
fn the_version_of_burn_is_that_of_the_lock_file() {
    let lock = include_str!("../../Cargo.lock");
    let entry = format!("name = \"burn\"\nversion = \"{}\"\n", oasis::train::BURN_VERSION);
    assert!(lock.contains(&entry), "expected {entry:?} in Cargo.lock");
}

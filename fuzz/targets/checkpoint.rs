//! What a training leaves and resumes from: `run.json`, `state.json`, `history.csv` and the weights of a checkpoint.
#![no_main]

use burn::tensor::Device;
use libfuzzer_sys::fuzz_target;
use oasis::model::Preset;
use oasis::train::{RunRecord, State, TrainedVqvae};
use oasis_fuzz::{place, seeds};

/// A small run's record, as JSON.
fn record() -> Vec<u8> {
    let set = ["vqvae.channels=[2,2]", "vqvae.codebook_size=4", "vqvae.latent_dim=2"].map(str::to_owned);
    let preset = Preset::named("oasis", &set).expect("a small preset");
    let record = serde_json::json!({
        "kind": "vqvae", "preset_name": "oasis", "preset": preset, "seed": 1, "device": "cpu", "versions": "",
        "commit": null, "dataset": "", "splits": ["train"], "slices": 1, "vqvae": null,
    });
    serde_json::to_vec(&record).expect("a record is JSON")
}

fn state() -> Vec<u8> {
    let mut state = State::default();
    (state.epoch, state.best_epoch) = (1, 1);
    serde_json::to_vec(&state).expect("a state is JSON")
}

/// The first byte says which file the others are.
fn made() -> Vec<Vec<u8>> {
    vec![[b"\0", &record()[..]].concat(), [b"\x01", &state()[..]].concat(), b"\x02weights".to_vec()]
}

fuzz_target!(init: seeds(made), |bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    let run = place().join("run");
    let epoch = run.join("epoch-0001");
    std::fs::create_dir_all(&epoch).expect("a folder can be made");
    let files = [run.join("run.json"), epoch.join("state.json"), epoch.join("model.bpk")];
    let usual = [record(), state(), Vec::new()];
    for (index, (path, usual)) in files.iter().zip(&usual).enumerate() {
        let bytes = if index == usize::from(*which) % files.len() { bytes } else { usual };
        std::fs::write(path, bytes).expect("a file can be written");
    }
    let _ = RunRecord::read(&run);
    let _ = TrainedVqvae::load(&run, &Device::flex());
});

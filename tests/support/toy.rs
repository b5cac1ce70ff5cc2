//! A toy bundle: the contract's files for K = 8, D = 4 and a grid of 4x4, with weights from a counter.

use std::path::Path;

use ndarray::Array4;
use oasis::bundle::{Bundle, BundleWriter, Manifest, Role, Sizes, keys};
use oasis::onnx::DataType;
use sha2::{Digest, Sha256};

use super::noise::uniform;
use super::wire::{Message, Model, attribute, floats, ints, node, port};

pub const K: usize = 8;
pub const D: usize = 4;
pub const GRID: usize = 4;
const PATCH: usize = 256 / GRID;
const F32: DataType = DataType::F32;
const I64: DataType = DataType::I64;

pub fn sizes() -> Sizes {
    Sizes { grid: [GRID, GRID], codebook_size: K, latent_dim: D }
}

/// `count` numbers in -1..1.
fn numbers(seed: u64, count: usize) -> Vec<f32> {
    (0..count).map(|index| (2.0 * uniform(seed, index as u64) - 1.0) as f32).collect()
}

fn weights(name: &str, seed: u64, shape: &[usize], scale: f32) -> Message {
    let values: Vec<f32> = numbers(seed, shape.iter().product()).iter().map(|value| value * scale).collect();
    floats(name, &shape.iter().map(|&size| size as i64).collect::<Vec<_>>(), &values)
}

fn codebook() -> Vec<f32> {
    numbers(1, K * D)
}

fn list(name: &str, values: &[i64]) -> Message {
    attribute(name, values, true)
}

fn one(name: &str, value: i64) -> Message {
    attribute(name, &[value], false)
}

fn latents() -> Message {
    port("latents", F32, &[-1, D as i64, GRID as i64, GRID as i64])
}

fn codes() -> Message {
    port("codes", I64, &[-1, GRID as i64, GRID as i64])
}

fn encoder() -> Model {
    let mut model = Model::new(vec![port("image", F32, &[-1, 1, 256, 256])], vec![latents()]);
    // Each kernel sums to zero, so that codes differ from patch to patch.
    let mut kernels = numbers(2, D * PATCH * PATCH);
    for kernel in kernels.chunks_mut(PATCH * PATCH) {
        let mean = kernel.iter().sum::<f32>() / kernel.len() as f32;
        kernel.iter_mut().for_each(|value| *value = 0.1 * (*value - mean));
    }
    model.weights = vec![floats("encoder.weight", &[D as i64, 1, PATCH as i64, PATCH as i64], &kernels)];
    let patch = PATCH as i64;
    model.nodes = vec![node(
        "Conv",
        &["image", "encoder.weight"],
        "latents",
        &[list("kernel_shape", &[patch; 2]), list("strides", &[patch; 2])],
    )];
    model
}

fn quantizer() -> Model {
    let mut model = Model::new(vec![latents()], vec![codes()]);
    let codebook = codebook();
    let scaled: Vec<f32> = codebook.iter().map(|value| -2.0 * value).collect();
    let squares: Vec<f32> = codebook.chunks(D).map(|word| word.iter().map(|e| e * e).sum()).collect();
    model.weights =
        vec![floats("scaled", &[K as i64, D as i64, 1, 1], &scaled), floats("squares", &[K as i64], &squares)];
    model.nodes = vec![
        node("Conv", &["latents", "scaled", "squares"], "distances", &[list("kernel_shape", &[1, 1])]),
        node("ArgMin", &["distances"], "codes", &[one("axis", 1), one("keepdims", 0)]),
    ];
    model
}

fn decoder() -> Model {
    let image = port("reconstruction", F32, &[-1, 1, 256, 256]);
    let mut model = Model::new(vec![codes()], vec![image]);
    model.weights = vec![
        floats("codebook", &[K as i64, D as i64], &codebook()),
        weights("decoder.weight", 3, &[D, 1, PATCH, PATCH], 0.5),
        floats("zero", &[], &[0.0]),
        floats("one", &[], &[1.0]),
    ];
    let patch = PATCH as i64;
    model.nodes = vec![
        node("Gather", &["codebook", "codes"], "words", &[one("axis", 0)]),
        node("Transpose", &["words"], "channels", &[list("perm", &[0, 3, 1, 2])]),
        node(
            "ConvTranspose",
            &["channels", "decoder.weight"],
            "raw",
            &[list("kernel_shape", &[patch; 2]), list("strides", &[patch; 2])],
        ),
        node("Clip", &["raw", "zero", "one"], "reconstruction", &[]),
    ];
    model
}

fn prior() -> Model {
    let logits = port("logits", F32, &[-1, K as i64, GRID as i64, GRID as i64]);
    let mut model = Model::new(vec![codes(), port("condition", I64, &[-1, 2])], vec![logits]);
    // A 3x3 kernel that sees the row above and the code to the left.
    let mut kernel = numbers(4, K * K * 9);
    for (index, value) in kernel.iter_mut().enumerate() {
        *value *= if index % 9 < 4 { 2.0 } else { 0.0 };
    }
    model.weights = vec![
        weights("embedding", 5, &[K, K], 1.0),
        floats("prior.weight", &[K as i64, K as i64, 3, 3], &kernel),
        weights("condition.weight", 6, &[2, K], 0.2),
        ints("shape", &[4], &[-1, K as i64, 1, 1]),
    ];
    model.nodes = vec![
        node("Gather", &["embedding", "codes"], "words", &[one("axis", 0)]),
        node("Transpose", &["words"], "channels", &[list("perm", &[0, 3, 1, 2])]),
        node("Conv", &["channels", "prior.weight"], "seen", &[list("kernel_shape", &[3, 3]), list("pads", &[1; 4])]),
        node("Cast", &["condition"], "wish", &[one("to", F32.number())]),
        node("MatMul", &["wish", "condition.weight"], "flat", &[]),
        node("Reshape", &["flat", "shape"], "shift", &[]),
        node("Add", &["seen", "shift"], "logits", &[]),
    ];
    model
}

/// The model of a role, its metadata included.
pub fn model(role: &Role) -> Model {
    let mut model = match role {
        Role::Encoder => encoder(),
        Role::Quantizer => quantizer(),
        Role::Decoder => decoder(),
        Role::Prior => prior(),
        other => panic!("no toy {other}"),
    };
    let entries = [
        (keys::ROLE, role.as_str()),
        (keys::RUN, "toy"),
        (keys::PREPROCESSING, keys::PREPROCESSING_TEXT),
        (keys::CODEBOOK_SIZE, "8"),
    ];
    model.metadata = entries.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec();
    model
}

/// Writes the toy bundle, each model changed by `change` first.
pub fn write(dir: &Path, change: impl Fn(&Role, &mut Model)) -> oasis::Result<Bundle> {
    let mut writer = BundleWriter::create(dir)?;
    for role in Role::FIXED {
        let mut model = model(&role);
        change(&role, &mut model);
        writer.add(&role, &model.write())?;
    }
    writer.finish(Manifest::new("toy", sizes()))
}

/// The toy bundle in a folder that goes with the first value.
pub fn bundle() -> (tempfile::TempDir, Bundle) {
    let dir = tempfile::tempdir().unwrap();
    let bundle = write(&dir.path().join("toy"), |_, _| {}).unwrap();
    (dir, bundle)
}

/// The SHA-256 of `bytes`, in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `n` images of smooth blobs in 0..1.
pub fn images(n: usize) -> Array4<f32> {
    Array4::from_shape_fn((n, 1, 256, 256), |(image, _, row, column)| {
        let (image, row, column) = (image as f32, row as f32 / 40.0, column as f32 / 30.0);
        (0.5 + 0.5 * (row + image).sin() * (column * (1.0 + 0.1 * image)).cos()).clamp(0.0, 1.0)
    })
}

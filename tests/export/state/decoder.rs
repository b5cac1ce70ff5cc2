//! A causal transformer that keeps the keys and values of earlier tokens (Vaswani et al. 2017,
//! <https://arxiv.org/abs/1706.03762>; Shazeer 2019, <https://arxiv.org/abs/1911.02150>, on decoding step by step).

use std::time::{Duration, Instant};

use burn::module::Module;
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Device, Int, Tensor, TensorData};
use oasis::engine::Engine;
use oasis::export::{Exported, Exporter};
use oasis::runtime::TensorView;

use super::{check, first};
use crate::common::engines;
use crate::networks::seeded;

const VOCABULARY: usize = 50;
const WIDTH: usize = 32;
const HEADS: usize = 4;
const LAYERS: usize = 2;
const LONGEST: usize = 1024;

/// The keys and values of one layer, `[batch, heads, past, width / heads]` each.
type Cache = (Tensor<4>, Tensor<4>);
/// The place of the next token `[1]`, and the caches of all layers.
type Memory = (Tensor<1, Int>, Vec<Cache>);

#[derive(Module, Debug)]
struct Layer {
    before: LayerNorm,
    query: Linear,
    key: Linear,
    value: Linear,
    out: Linear,
    between: LayerNorm,
    up: Linear,
    down: Linear,
}

impl Layer {
    fn new(device: &Device) -> Self {
        let linear = |from: usize, to: usize| LinearConfig::new(from, to).init(device);
        Self {
            before: LayerNormConfig::new(WIDTH).init(device),
            query: linear(WIDTH, WIDTH),
            key: linear(WIDTH, WIDTH),
            value: linear(WIDTH, WIDTH),
            out: linear(WIDTH, WIDTH),
            between: LayerNormConfig::new(WIDTH).init(device),
            up: linear(WIDTH, 2 * WIDTH),
            down: linear(2 * WIDTH, WIDTH),
        }
    }

    /// Some tokens `[batch, time, width]` after those of the cache, and the cache with them; `masked` hides what may not be
    /// seen of the scores.
    fn forward(
        &self,
        x: Tensor<3>,
        (keys, values): Cache,
        masked: impl Fn(Tensor<4>) -> Tensor<4>,
    ) -> (Tensor<3>, Cache) {
        let [batch, time, _] = x.dims();
        let heads = |x: Tensor<3>| x.reshape([batch, time, HEADS, WIDTH / HEADS]).swap_dims(1, 2);
        let normed = self.before.forward(x.clone());
        let query = heads(self.query.forward(normed.clone()));
        let keys = Tensor::cat(vec![keys, heads(self.key.forward(normed.clone()))], 2);
        let values = Tensor::cat(vec![values, heads(self.value.forward(normed))], 2);
        let scores = query.matmul(keys.clone().swap_dims(2, 3)) / ((WIDTH / HEADS) as f64).sqrt();
        let seen = softmax(masked(scores), 3).matmul(values.clone()).swap_dims(1, 2).reshape([batch, time, WIDTH]);
        let x = x + self.out.forward(seen);
        let hidden = relu(self.up.forward(self.between.forward(x.clone())));
        (x + self.down.forward(hidden), (keys, values))
    }
}

#[derive(Module, Debug)]
struct Decoder {
    tokens: Embedding,
    places: Embedding,
    layers: Vec<Layer>,
    head: Linear,
}

impl Decoder {
    fn new(device: &Device) -> Self {
        seeded(Self {
            tokens: EmbeddingConfig::new(VOCABULARY, WIDTH).init(device),
            places: EmbeddingConfig::new(LONGEST, WIDTH).init(device),
            layers: (0..LAYERS).map(|_| Layer::new(device)).collect(),
            head: LinearConfig::new(WIDTH, VOCABULARY).init(device),
        })
    }

    fn empty(device: &Device) -> Vec<Cache> {
        let none = || Tensor::zeros([1, HEADS, 0, WIDTH / HEADS], device);
        (0..LAYERS).map(|_| (none(), none())).collect()
    }

    /// One token `[batch, 1]`, at a place `[1]` that the state counts, to logits `[batch, 1, vocabulary]`.
    fn step(&self, token: Tensor<2, Int>, (place, caches): Memory) -> (Tensor<3>, Memory) {
        let mut x = self.tokens.forward(token) + self.places.forward(place.clone().unsqueeze::<2>());
        let mut next = Vec::new();
        for (layer, cache) in self.layers.iter().zip(caches) {
            let (y, cache) = layer.forward(x, cache, |scores| scores);
            next.push(cache);
            x = y;
        }
        (self.head.forward(x), (place + 1, next))
    }

    /// Tokens `[batch, time]` to logits `[batch, time, vocabulary]`, each from the tokens up to it.
    fn whole(&self, tokens: Tensor<2, Int>) -> Tensor<3> {
        let [batch, time] = tokens.dims();
        let device = tokens.device();
        let places = Tensor::<1, Int>::arange(0..time as i64, &device);
        let later = places.clone().reshape([1, 1, 1, time]).greater(places.clone().reshape([1, 1, time, 1]));
        let later = later.float() * -1e9;
        let mut x = self.tokens.forward(tokens) + self.places.forward(places.unsqueeze::<2>());
        for layer in &self.layers {
            let none = || Tensor::zeros([batch, HEADS, 0, WIDTH / HEADS], &device);
            (x, _) = layer.forward(x, (none(), none()), |scores| scores + later.clone());
        }
        self.head.forward(x)
    }
}

/// One step, with a batch of any size.
fn export(net: &Decoder) -> Exported {
    let device = Device::flex();
    let mut exporter = Exporter::new()
        .name("state_decoder")
        .input("token")
        .output("logits")
        .dynamic_axis("token", 0, "batch")
        .int_range("token", 0..VOCABULARY as i64)
        .int_range("place", 0..LONGEST as i64);
    let names = [("place", "next_place"), ("k0", "next_k0"), ("v0", "next_v0"), ("k1", "next_k1"), ("v1", "next_v1")];
    for (input, _) in &names[1..] {
        exporter = exporter.dynamic_axis(*input, 0, "batch").float_range(*input, -1.0..1.0);
    }
    let begun = (Tensor::<1, Int>::zeros([1], &device), Decoder::empty(&device));
    exporter
        .state("state", begun)
        .named(names)
        .export(net, Tensor::<2, Int>::zeros([1, 1], &device), |net, token, state| net.step(token, state))
        .unwrap_or_else(|why| panic!("{why}"))
}

fn tokens(batch: usize, time: usize) -> Tensor<2, Int> {
    let values: Vec<i64> = (0..batch * time).map(|at| ((at * at * 31 + at * 7 + 3) % VOCABULARY) as i64).collect();
    Tensor::from_data(TensorData::new(values, [batch, time]), &Device::flex())
}

/// Every token of a sequence, and its logits out of one pass.
fn steps(net: &Decoder, batch: usize, time: usize) -> Vec<(Tensor<2, Int>, Tensor<3>)> {
    let tokens = tokens(batch, time);
    let logits = net.whole(tokens.clone());
    (0..time).map(|at| (tokens.clone().narrow(1, at, 1), logits.clone().narrow(1, at, 1))).collect()
}

pub fn trials() -> Vec<libtest_mimic::Trial> {
    let mut trials = crate::trials![a_cache_begins_empty_and_grows, decoding_a_thousand_tokens];
    let timed = libtest_mimic::Trial::test("state::decoder::speed", || {
        speed();
        Ok(())
    });
    trials.push(timed.with_ignored_flag(true));
    trials
}

fn a_cache_begins_empty_and_grows() {
    let net = Decoder::new(&Device::flex());
    let exported = export(&net);
    let said: Vec<String> = exported.inputs().iter().chain(exported.outputs()).map(ToString::to_string).collect();
    assert_eq!(said[1], "place i64 [1]");
    assert_eq!(said[2], "k0 f32 [batch, 4, past, 8]");
    assert!(said.contains(&"next_v1 f32 [batch, 4, past+1, 8]".to_owned()), "{said:?}");
    let states = exported.states();
    assert_eq!(states.iter().map(|state| state.grows).collect::<Vec<_>>(), [None, Some(2), Some(2), Some(2), Some(2)]);
    let start: Vec<String> = states[4].start.iter().map(ToString::to_string).collect();
    assert_eq!(start, ["batch", "4", "0", "8"]);
    check(&exported, &steps(&net, 3, 12));
}

fn decoding_a_thousand_tokens() {
    let net = Decoder::new(&Device::flex());
    let exported = export(&net);
    let steps = steps(&net, 1, LONGEST);
    for engine in engines() {
        let found = exported.verify_whole(engine.as_ref(), steps.iter().cloned()).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(first(&found).elements, LONGEST * VOCABULARY);
        assert!(first(&found).pass(), "{}: {found:?}", engine.name());
        println!("{} tokens on {}: {}", LONGEST, engine.name(), first(&found).max_abs);
    }
}

/// How long the decoding of 1,024 tokens takes: step by step, and by a pass over all tokens so far for each token. Of the
/// passes every 32nd is timed.
fn speed() {
    const EVERY: usize = 32;
    let device = Device::flex();
    let net = Decoder::new(&device);
    let stepwise = export(&net);
    let whole = Exporter::new()
        .name("state_decoder_whole")
        .input("tokens")
        .dynamic_axis("tokens", 1, "time")
        .export(&net, Tensor::<2, Int>::zeros([1, 8], &device), |net, tokens| net.whole(tokens))
        .unwrap_or_else(|why| panic!("{why}"));
    for engine in engines() {
        let took = step_by_step(&stepwise, engine.as_ref());
        let mut passes = Duration::ZERO;
        let file = oasis::onnx::ModelFile::from_model("whole.onnx", whole.model().clone()).unwrap();
        for time in (EVERY..=LONGEST).step_by(EVERY) {
            let session = engine.load(&file).unwrap();
            let tokens = ndarray::Array2::<i64>::zeros((1, time));
            let inputs = [("tokens", TensorView::integers(&tokens))];
            session.run(&inputs).unwrap();
            let started = Instant::now();
            session.run(&inputs).unwrap();
            passes += started.elapsed() * EVERY as u32;
        }
        let ratio = passes.as_secs_f64() / took.as_secs_f64();
        println!("{}: {took:?} by steps, {passes:?} by passes, {ratio:.1} times", engine.name());
        assert!(ratio > 1.0);
    }
}

fn step_by_step(exported: &Exported, engine: &dyn Engine) -> Duration {
    let mut stepper = exported.stepper(engine).unwrap();
    let token = ndarray::Array2::<i64>::zeros((1, 1));
    let inputs = [("token", TensorView::integers(&token))];
    stepper.step(&inputs).unwrap();
    stepper.reset();
    let started = Instant::now();
    for _ in 0..LONGEST {
        stepper.step(&inputs).unwrap();
    }
    started.elapsed()
}

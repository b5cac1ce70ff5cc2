//! A classifier of texts by Burn's transformer encoder (Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>), read
//! off the first token as BERT does (Devlin et al. 2018, <https://arxiv.org/abs/1810.04805>).

use burn::module::Module;
use burn::nn::transformer::{TransformerEncoder, TransformerEncoderConfig, TransformerEncoderInput};
use burn::nn::{Embedding, EmbeddingConfig, Linear, LinearConfig};
use burn::tensor::{Bool, Device, Int, Tensor, TensorData};
use oasis::export::Exported;

use super::seeded::seeded;
use super::{Exporter, batched};

const VOCABULARY: usize = 50;
/// Tokens in the sample.
const TIME: usize = 9;
/// The most tokens: more than seven times the sample, which is what a check of the dynamic length goes up to.
const LONGEST: usize = 64;

/// Tokens and places embedded, the encoder under a padding mask, a linear layer on the first token.
#[derive(Module, Debug)]
pub struct TextClassifier {
    tokens: Embedding,
    places: Embedding,
    encoder: TransformerEncoder,
    head: Linear,
}

impl TextClassifier {
    /// A net of that width, with so many attention heads and layers.
    pub fn new(width: usize, heads: usize, layers: usize, classes: usize, device: &Device) -> Self {
        Self {
            tokens: EmbeddingConfig::new(VOCABULARY, width).init(device),
            places: EmbeddingConfig::new(LONGEST, width).init(device),
            encoder: TransformerEncoderConfig::new(width, 2 * width, heads, layers).init(device),
            head: LinearConfig::new(width, classes).init(device),
        }
    }

    /// Tokens `[batch, time]`, and which of them are padding, to logits `[batch, classes]`.
    pub fn forward(&self, tokens: Tensor<2, Int>, padding: Tensor<2, Bool>) -> Tensor<2> {
        let time = tokens.dims()[1];
        let places = Tensor::<1, Int>::arange(0..time as i64, &tokens.device()).unsqueeze::<2>();
        let x = self.tokens.forward(tokens) + self.places.forward(places);
        let x = self.encoder.forward(TransformerEncoderInput::new(x).mask_pad(padding));
        self.head.forward(x.narrow(1, 0, 1).squeeze_dim::<2>(1))
    }
}

/// Nine tokens.
pub fn export() -> Exported {
    export_with(exporter("transformer"))
}

/// Any number of tokens up to the longest.
pub fn export_any_length() -> Exported {
    export_with(exporter("transformer_time").dynamic_axis("tokens", 1, "time").dynamic_axis("padding", 1, "time"))
}

fn exporter(name: &str) -> Exporter {
    batched(name, &["tokens", "padding"], &["logits"]).int_range("tokens", 0..VOCABULARY as i64)
}

fn export_with(exporter: Exporter) -> Exported {
    let device = Device::flex();
    let net = seeded(TextClassifier::new(32, 4, 2, 5, &device));
    let tokens = Tensor::<2, Int>::zeros([1, TIME], &device);
    let padding = Tensor::<2, Bool>::from_data(TensorData::new(vec![false; TIME], [1, TIME]), &device);
    exporter
        .export(&net, (tokens, padding), |net, (tokens, padding)| net.forward(tokens, padding))
        .expect("a transformer encoder")
}

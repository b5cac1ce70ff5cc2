//! Attention, transformers, encodings of places.

use burn::module::Module;
use burn::nn::activation::ActivationConfig;
use burn::nn::attention::{
    CrossAttentionConfig, MhaInput, MhaOutput, MultiHeadAttention, MultiHeadAttentionConfig, SeqLengthOption,
    generate_autoregressive_mask, generate_padding_mask,
};
use burn::nn::transformer::{
    PositionWiseFeedForwardConfig, TransformerDecoder, TransformerDecoderConfig, TransformerDecoderInput,
    TransformerEncoderConfig, TransformerEncoderInput,
};
use burn::nn::{PositionalEncodingConfig, RotaryEncodingConfig};
use burn::tensor::{Bool, Device, Tensor};
use oasis::export::Exporter;

use super::{of_any_length, several};
use crate::common::{floats, ints, layer, verify};

const UNIT: std::ops::Range<f64> = -1.0..1.0;

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![
        nn_multi_head_attention,
        nn_multi_head_attention_masked,
        nn_multi_head_attention_of_given_tokens,
        nn_multi_head_attention_autodiff,
        nn_causal_attention_of_any_length,
        nn_cross_attention,
        nn_feed_forward,
        nn_transformer_encoder,
        nn_transformer_decoder,
        nn_transformer_decoder_of_any_length,
        nn_positional_encoding,
        nn_rotary_encoding,
        nn_rotary_encoding_of_any_length
    ]
}

fn both(output: MhaOutput) -> (Tensor<4>, Tensor<3>) {
    (output.weights, output.context)
}

fn mha() -> MultiHeadAttention {
    MultiHeadAttentionConfig::new(6, 2).init(&Device::flex())
}

/// Which of the later steps each step of `[batch, time, features]` may not see.
fn later(x: &Tensor<3>) -> Tensor<3, Bool> {
    let [batch, time, _] = x.dims();
    generate_autoregressive_mask(batch, time, &x.device())
}

/// A mask of about a third of the places.
fn mask<const D: usize>(shape: [usize; D]) -> Tensor<D, Bool> {
    ints(shape, 3).equal_elem(1)
}

fn nn_multi_head_attention() {
    layer("nn_mha", mha(), floats([2, 4, 6]), |m, x: Tensor<3>| both(m.forward(MhaInput::self_attn(x))));
    let settings = MultiHeadAttentionConfig::new(6, 3)
        .with_quiet_softmax(true)
        .with_query_bias(false)
        .with_key_bias(false)
        .with_value_bias(false)
        .with_output_bias(false)
        .init(&Device::flex());
    let sample = (floats([2, 4, 6]), floats([2, 5, 6]), floats([2, 5, 6]));
    several("nn_mha_settings", settings, sample, UNIT, |m, (q, k, v): (Tensor<3>, Tensor<3>, Tensor<3>)| {
        both(m.forward(MhaInput::new(q, k, v)))
    });
}

fn nn_multi_head_attention_masked() {
    let sample = (floats([2, 4, 6]), mask([2, 4]));
    several("nn_mha_mask_pad", mha(), sample, UNIT, |m, (x, pad): (Tensor<3>, Tensor<2, Bool>)| {
        both(m.forward(MhaInput::self_attn(x).mask_pad(pad)))
    });
    let sample = (floats([2, 4, 6]), mask([2, 4, 4]));
    several("nn_mha_mask_attn", mha(), sample, UNIT, |m, (x, hidden): (Tensor<3>, Tensor<3, Bool>)| {
        both(m.forward(MhaInput::self_attn(x).mask_attn(hidden)))
    });
    let sample = (floats([2, 4, 6]), mask([2, 4]));
    several("nn_mha_both_masks", mha(), sample, UNIT, |m, (x, pad): (Tensor<3>, Tensor<2, Bool>)| {
        let later = later(&x);
        both(m.forward(MhaInput::self_attn(x).mask_pad(pad).mask_attn(later)))
    });
}

/// Under the padding mask of two lists of tokens, which fix the batch.
fn nn_multi_head_attention_of_given_tokens() {
    let forward = |m: &MultiHeadAttention, x: Tensor<3>| {
        let tokens = vec![vec![3, 1], vec![2, 4, 1, 5, 6]];
        let padded = generate_padding_mask(0, tokens, SeqLengthOption::Max(4), &x.device());
        both(m.forward(MhaInput::self_attn(x).mask_pad(padded.mask)))
    };
    let exporter = Exporter::new().name("nn_mha_of_given_tokens").input("x").float_range("x", UNIT);
    let exported = exporter.export(&mha(), floats([2, 4, 6]), forward).unwrap_or_else(|e| panic!("{e}"));
    verify("nn_mha_of_given_tokens", &exported);
}

fn nn_multi_head_attention_autodiff() {
    let module = mha().to_device(&Device::flex().autodiff());
    layer("nn_mha_autodiff", module, floats([2, 4, 6]), |m, x: Tensor<3>| both(m.forward(MhaInput::self_attn(x))));
    let trained = MultiHeadAttentionConfig::new(6, 2).init(&Device::flex().autodiff());
    layer("nn_mha_trained", trained, floats([2, 4, 6]), |m, x: Tensor<3>| both(m.forward(MhaInput::self_attn(x))));
}

fn nn_causal_attention_of_any_length() {
    of_any_length("nn_mha_causal_of_any_length", mha(), floats([2, 4, 6]), 1, UNIT, |m, x: Tensor<3>| {
        let later = later(&x);
        both(m.forward(MhaInput::self_attn(x).mask_attn(later)))
    });
}

fn nn_cross_attention() {
    type Masked = (Tensor<3>, Tensor<3>, Tensor<2, Bool>);
    let plain = CrossAttentionConfig::new(6, 5, 2, 2, 3).init(&Device::flex());
    let sample = (floats([2, 4, 6]), floats([2, 3, 5]));
    several("nn_cross_attention", plain, sample, UNIT, |m, (x, context): (Tensor<3>, Tensor<3>)| {
        m.forward(x, context, None)
    });
    let shared = CrossAttentionConfig::new(6, 5, 4, 2, 3).with_quiet_softmax(true).init(&Device::flex());
    let sample = (floats([2, 4, 6]), floats([2, 3, 5]), mask([2, 3]));
    several("nn_cross_attention_shared_heads", shared, sample, UNIT, |m, (x, context, pad): Masked| {
        m.forward(x, context, Some(pad))
    });
}

fn nn_feed_forward() {
    let plain = PositionWiseFeedForwardConfig::new(6, 10).init(&Device::flex());
    layer("nn_feed_forward", plain, floats([2, 4, 6]), |m, x: Tensor<3>| m.forward(x));
    let relu = PositionWiseFeedForwardConfig::new(6, 10).with_activation(ActivationConfig::Relu).init(&Device::flex());
    layer("nn_feed_forward_relu", relu, floats([2, 6]), |m, x: Tensor<2>| m.forward(x));
}

fn nn_transformer_encoder() {
    let first = TransformerEncoderConfig::new(6, 10, 2, 2)
        .with_norm_first(true)
        .with_quiet_softmax(true)
        .with_activation(ActivationConfig::Relu)
        .init(&Device::flex());
    layer("nn_encoder_norm_first", first, floats([2, 4, 6]), |m, x: Tensor<3>| {
        m.forward(TransformerEncoderInput::new(x))
    });
    let causal = TransformerEncoderConfig::new(6, 10, 2, 1).init(&Device::flex());
    of_any_length("nn_encoder_causal_of_any_length", causal, floats([2, 4, 6]), 1, UNIT, |m, x: Tensor<3>| {
        let later = later(&x);
        m.forward(TransformerEncoderInput::new(x).mask_attn(later))
    });
}

fn decoder(norm_first: bool) -> TransformerDecoder {
    TransformerDecoderConfig::new(6, 10, 2, 2).with_norm_first(norm_first).init(&Device::flex())
}

fn nn_transformer_decoder() {
    type Masked = (Tensor<3>, Tensor<3>, Tensor<2, Bool>, Tensor<3, Bool>);
    let sample = || (floats([2, 4, 6]), floats([2, 5, 6]));
    several("nn_decoder", decoder(false), sample(), UNIT, |m, (x, memory): (Tensor<3>, Tensor<3>)| {
        m.forward(TransformerDecoderInput::new(x, memory))
    });
    several("nn_decoder_causal", decoder(true), sample(), UNIT, |m, (x, memory): (Tensor<3>, Tensor<3>)| {
        let later = later(&x);
        m.forward(TransformerDecoderInput::new(x, memory).target_mask_attn(later))
    });
    let sample = (floats([2, 4, 6]), floats([2, 5, 6]), mask([2, 5]), mask([2, 4, 5]));
    several("nn_decoder_memory_masks", decoder(false), sample, UNIT, |m, (x, memory, pad, hidden): Masked| {
        m.forward(TransformerDecoderInput::new(x, memory).memory_mask_pad(pad).memory_mask_attn(hidden))
    });
}

fn nn_transformer_decoder_of_any_length() {
    type Masked = (Tensor<3>, Tensor<2, Bool>, Tensor<3>, Tensor<2, Bool>);
    let sample = (floats([2, 4, 6]), mask([2, 4]), floats([2, 5, 6]), mask([2, 5]));
    let name = "nn_decoder_causal_of_any_length";
    of_any_length(name, decoder(false), sample, 2, UNIT, |m, (x, pad, memory, memory_pad): Masked| {
        let later = later(&x);
        let input = TransformerDecoderInput::new(x, memory).target_mask_pad(pad).target_mask_attn(later);
        m.forward(input.memory_mask_pad(memory_pad))
    });
}

fn nn_positional_encoding() {
    let module = || PositionalEncodingConfig::new(6).with_max_sequence_size(64).init(&Device::flex());
    layer("nn_positional_encoding", module(), floats([2, 4, 6]), |m, x: Tensor<3>| m.forward(x));
    let name = "nn_positional_encoding_of_any_length";
    of_any_length(name, module(), floats([2, 4, 6]), 1, UNIT, |m, x: Tensor<3>| m.forward(x));
}

fn nn_rotary_encoding() {
    let module = || RotaryEncodingConfig::new(12, 6).with_theta(100.0).init(&Device::flex());
    layer("nn_rotary_encoding", module(), floats([2, 4, 6]), |m, x: Tensor<3>| m.forward(x));
    layer("nn_rotary_encoding_of_heads", module(), floats([2, 3, 4, 6]), |m, x: Tensor<4>| m.forward(x));
    layer("nn_rotary_encoding_from_a_place", module(), floats([2, 4, 6]), |m, x: Tensor<3>| m.apply(x, 5));
    let mut shifted = module();
    shifted.shift(3);
    layer("nn_rotary_encoding_shifted", shifted, floats([2, 4, 6]), |m, x: Tensor<3>| m.forward(x));
    let scaled = RotaryEncodingConfig::new(12, 6).init_with_frequency_scaling(|theta| theta * 0.5, &Device::flex());
    layer("nn_rotary_encoding_scaled", scaled, floats([2, 4, 6]), |m, x: Tensor<3>| m.forward(x));
}

fn nn_rotary_encoding_of_any_length() {
    let module = RotaryEncodingConfig::new(64, 6).init(&Device::flex());
    let name = "nn_rotary_encoding_of_any_length";
    of_any_length(name, module, floats([2, 4, 6]), 1, UNIT, |m, x: Tensor<3>| m.forward(x));
}

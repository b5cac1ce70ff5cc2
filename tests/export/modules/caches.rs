//! Steps of inference that keep what an earlier step computed, both recorded into one model.

use burn::nn::attention::{CrossAttentionCache, CrossAttentionConfig, MhaCache, MhaInput, MultiHeadAttentionConfig};
use burn::nn::transformer::{
    TransformerDecoderConfig, TransformerDecoderInput, TransformerEncoderConfig, TransformerEncoderInput,
};
use burn::tensor::{Device, Tensor};

use super::several;
use crate::common::{floats, layer};

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![nn_mha_cache, nn_cross_attention_cache, nn_encoder_cache, nn_decoder_cache]
}

/// The sequences after three steps and after four.
fn steps(x: Tensor<3>) -> [Tensor<3>; 2] {
    [x.clone().narrow(1, 0, 3), x]
}

fn nn_mha_cache() {
    let module = MultiHeadAttentionConfig::new(6, 2).init(&Device::flex());
    layer("nn_mha_cache", module, floats([2, 4, 6]), |m, x: Tensor<3>| {
        let mut cache = MhaCache::autoregressive();
        let [first, second] = steps(x).map(|x| m.forward_cache(MhaInput::self_attn(x), &mut cache).context);
        (first, second)
    });
}

fn nn_cross_attention_cache() {
    let module = CrossAttentionConfig::new(6, 5, 4, 2, 3).init(&Device::flex());
    let sample = (floats([2, 4, 6]), floats([2, 3, 5]));
    several("nn_cross_attention_cache", module, sample, -1.0..1.0, |m, (x, context): (Tensor<3>, Tensor<3>)| {
        let mut cache = CrossAttentionCache::new();
        let [first, second] = steps(x).map(|x| m.forward_cache(x, context.clone(), None, &mut cache));
        (first, second)
    });
}

fn nn_encoder_cache() {
    for (name, norm_first) in [("nn_encoder_cache", false), ("nn_encoder_cache_norm_first", true)] {
        let module = TransformerEncoderConfig::new(6, 10, 2, 2).with_norm_first(norm_first).init(&Device::flex());
        layer(name, module, floats([2, 4, 6]), |m, x: Tensor<3>| {
            let mut cache = m.new_autoregressive_cache();
            let [first, second] =
                steps(x).map(|x| m.forward_autoregressive_inference(TransformerEncoderInput::new(x), &mut cache));
            (first, second)
        });
    }
}

fn nn_decoder_cache() {
    for (name, norm_first) in [("nn_decoder_cache", false), ("nn_decoder_cache_norm_first", true)] {
        let module = TransformerDecoderConfig::new(6, 10, 2, 2).with_norm_first(norm_first).init(&Device::flex());
        let sample = (floats([2, 4, 6]), floats([2, 5, 6]));
        several(name, module, sample, -1.0..1.0, |m, (x, memory): (Tensor<3>, Tensor<3>)| {
            let mut cache = m.new_autoregressive_cache();
            let [first, second] = steps(x).map(|x| {
                m.forward_autoregressive_inference(TransformerDecoderInput::new(x, memory.clone()), &mut cache)
            });
            (first, second)
        });
    }
}

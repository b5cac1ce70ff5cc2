//! Attention, normalisation, embedding, linear layers.

use burn::nn::{BatchNormConfig, EmbeddingConfig, GroupNormConfig, LayerNormConfig, LinearConfig};
use burn::tensor::module::{attention, batch_norm, layer_norm, linear};
use burn::tensor::ops::AttentionModuleOptions;
use burn::tensor::{Bool, Device, FloatDType, Int, Tensor};
use oasis::export::Exporter;

use crate::common::{Nothing, floats, ints, layer, verify};
use crate::functions;

fn plain() -> AttentionModuleOptions {
    AttentionModuleOptions::default()
}

fn causal() -> AttentionModuleOptions {
    AttentionModuleOptions { is_causal: true, ..plain() }
}

/// Weights on the device that a forward pass runs on.
fn on<const D: usize>(device: &Device, shape: [usize; D]) -> Tensor<D> {
    Tensor::from_data(floats::<D>(shape).to_data(), device)
}

/// Attention, layer norm, batch norm and a linear layer in one element type.
fn every(x: Tensor<4>, dtype: FloatDType) -> (Tensor<4>, Tensor<4>, Tensor<4>, Tensor<4>) {
    let x = x.cast(dtype);
    let weight = |len: usize| on::<1>(&x.device(), [len]).cast(dtype);
    let weights = on::<2>(&x.device(), [4, 5]).cast(dtype);
    let narrow = |x: Tensor<4>| x.cast(FloatDType::F32);
    let variance = (weight(2) + 1.5).abs();
    (
        narrow(attention(x.clone(), x.clone(), x.clone(), None, None, causal())),
        narrow(layer_norm(x.clone(), weight(4), Some(weight(4)), 1e-3)),
        narrow(batch_norm(x.clone(), weight(2), weight(2), weight(2), variance, 1e-3)),
        narrow(linear(x.clone(), weights, Some(weight(5)))),
    )
}

functions! {
    attn_scaled_and_capped: (floats([2, 2, 3, 4]), floats([2, 2, 5, 4])), -3.0..3.0, true => |(q, k): (Tensor<4>, Tensor<4>)| attention(q, k.clone(), k, None, None, AttentionModuleOptions { scale: Some(0.7), softcap: Some(1.5), is_causal: false });
    attn_bias: (floats([2, 2, 3, 4]), floats([2, 2, 5, 4]), floats([2, 2, 3, 5])), -1.0..1.0, true => |(q, k, b): (Tensor<4>, Tensor<4>, Tensor<4>)| attention(q, k.clone(), k, None, Some(b), plain());
    attn_bias_broadcast: (floats([2, 2, 3, 4]), floats([2, 2, 5, 4])), -1.0..1.0, true => |(q, k): (Tensor<4>, Tensor<4>)| { let b = on(&q.device(), [1, 2, 1, 5]); attention(q, k.clone(), k, None, Some(b), plain()) };
    attn_causal_more_keys: (floats([2, 2, 3, 4]), floats([2, 2, 5, 4])), -1.0..1.0, true => |(q, k): (Tensor<4>, Tensor<4>)| attention(q, k.clone(), k, None, None, causal());
    attn_causal_fewer_keys: (floats([2, 2, 5, 4]), floats([2, 2, 3, 4])), -1.0..1.0, true => |(q, k): (Tensor<4>, Tensor<4>)| attention(q, k.clone(), k, None, None, causal());
    attn_mask_broadcast: (floats([2, 2, 3, 4]), ints([2, 1, 1, 3], 3).equal_elem(1)), -1.0..1.0, true => |(q, m): (Tensor<4>, Tensor<4, Bool>)| attention(q.clone(), q.clone(), q, Some(m), None, plain());
    attn_all_masked: floats([2, 2, 3, 4]), -1.0..1.0, true => |q: Tensor<4>| { let m = (q.clone().narrow(1, 0, 1).narrow(3, 0, 1) * 0.0).equal_elem(0.0); attention(q.clone(), q.clone(), q, Some(m), None, plain()) };
    attn_mask_cause_and_bias: (floats([2, 2, 3, 4]), ints([2, 2, 3, 3], 4).equal_elem(1), floats([2, 2, 3, 3])), -1.0..1.0, true => |(q, m, b): (Tensor<4>, Tensor<4, Bool>, Tensor<4>)| attention(q.clone(), q.clone(), q, Some(m), Some(b), AttentionModuleOptions { scale: Some(0.5), softcap: Some(2.0), is_causal: true });
    attn_shared_heads: (floats([2, 6, 3, 4]), floats([2, 2, 5, 4])), -1.0..1.0, true => |(q, k): (Tensor<4>, Tensor<4>)| attention(q, k.clone(), k, None, None, plain());
    attn_one_shared_head: (floats([2, 4, 3, 4]), floats([2, 1, 3, 4])), -1.0..1.0, true => |(q, k): (Tensor<4>, Tensor<4>)| attention(q, k.clone(), k, None, None, causal());
    attn_one_key: (floats([2, 2, 3, 4]), floats([2, 2, 1, 4])), -1.0..1.0, true => |(q, k): (Tensor<4>, Tensor<4>)| attention(q, k.clone(), k, None, None, plain());
    attn_large_scores: floats([2, 2, 3, 4]), -1.0..1.0, true => |q: Tensor<4>| attention(q.clone() * 100.0, q.clone() * 10.0, q, None, None, plain());
    attn_f64: floats([2, 2, 3, 4]), -1.0..1.0, true => |x: Tensor<4>| every(x, FloatDType::F64);
    attn_f16: floats([2, 2, 3, 4]), -1.0..1.0, true => |x: Tensor<4>| every(x, FloatDType::F16);
    attn_bf16: floats([2, 2, 3, 4]), -1.0..1.0, true => |x: Tensor<4>| every(x, FloatDType::BF16);
    attn_layer_norm: floats([2, 3, 6]), -1.0..1.0, true => |x: Tensor<3>| { let d = x.device(); (layer_norm(x.clone(), on(&d, [6]), None, 1e-5), layer_norm(x, on(&d, [6]), Some(on(&d, [6]) * 2.0), 0.5)) };
    attn_layer_norm_rank_1: floats([6]), -1.0..1.0, false => |x: Tensor<1>| { let w = on(&x.device(), [6]); layer_norm(x, w.clone(), Some(w), 1e-5) };
    attn_layer_norm_offset: floats([2, 3, 6]), -1.0..1.0, true => |x: Tensor<3>| { let w = on(&x.device(), [6]); layer_norm(x + 50.0, w, None, 1e-5) };
    attn_layer_norm_one: floats([2, 3, 1]), -1.0..1.0, true => |x: Tensor<3>| { let w = on(&x.device(), [1]); layer_norm(x, w.clone(), Some(w), 1e-5) };
    attn_batch_norm_rank_2: floats([2, 4]), -1.0..1.0, true => |x: Tensor<2>| { let w = on::<1>(&x.device(), [4]); batch_norm(x, w.clone(), w.clone() * 0.5, w.clone() * 2.0, w.abs() + 0.1, 1e-3) };
    attn_batch_norm_rank_3: floats([2, 4, 5]), -1.0..1.0, true => |x: Tensor<3>| { let w = on::<1>(&x.device(), [4]); batch_norm(x, w.clone(), w.clone() * 0.5, w.clone() * 2.0, w.abs() + 0.1, 0.25) };
    attn_batch_norm_rank_5: floats([2, 4, 2, 3, 2]), -1.0..1.0, true => |x: Tensor<5>| { let w = on::<1>(&x.device(), [4]); batch_norm(x, w.clone(), w.clone() * 0.5, w.clone() * 2.0, w.abs() + 0.1, 1e-5) };
    attn_linear_rank_1: floats([5]), -1.0..1.0, false => |x: Tensor<1>| { let d = x.device(); linear(x, on(&d, [5, 3]), Some(on(&d, [3]))) };
    attn_linear_rank_4: floats([2, 3, 4, 5]), -1.0..1.0, true => |x: Tensor<4>| { let d = x.device(); (linear(x.clone(), on(&d, [5, 3]), None), linear(x, on(&d, [5, 1]), Some(on(&d, [1])))) };
    attn_linear_of_inputs: (floats([2, 5]), floats([5, 3])), -1.0..1.0, false => |(x, w): (Tensor<2>, Tensor<2>)| linear(x, w, None);
    attn_embedding_f16: ints([2, 6], 9), 0.0..1.0, true => |i: Tensor<2, Int>| { let w = on::<2>(&i.device(), [9, 4]).cast(FloatDType::F16); burn::tensor::module::embedding(w, i).cast(FloatDType::F32) };
    attn_embedding_bf16: ints([2, 6], 9), 0.0..1.0, true => |i: Tensor<2, Int>| { let w = on::<2>(&i.device(), [9, 4]).cast(FloatDType::BF16); burn::tensor::module::embedding(w, i).cast(FloatDType::F32) };
    attn_embedding_f64: ints([2, 6], 9), 0.0..1.0, true => |i: Tensor<2, Int>| { let w = on::<2>(&i.device(), [9, 4]).cast(FloatDType::F64); burn::tensor::module::embedding(w, i).cast(FloatDType::F32) };
    attn_embedding_of_input: (ints([2, 6], 9), floats([9, 4])), 0.0..1.0, false => |(i, w): (Tensor<2, Int>, Tensor<2>)| burn::tensor::module::embedding(w, i);
}

fn attn_modules() {
    let device = Device::flex();
    let norm = GroupNormConfig::new(3, 6).with_epsilon(0.1).init(&device);
    layer("attn_group_norm_rank_3", norm, floats([2, 6, 5]), |m, x: Tensor<3>| m.forward(x));
    let norm = LayerNormConfig::new(6).with_epsilon(0.1).init(&device);
    layer("attn_layer_norm_rank_4", norm, floats([2, 3, 2, 6]), |m, x: Tensor<4>| m.forward(x));
    let norm = BatchNormConfig::new(3).with_epsilon(0.1).init(&device);
    layer("attn_batch_norm_module", norm, floats([2, 3, 4]), |m, x: Tensor<3>| m.forward(x));
    let one = LinearConfig::new(1, 1).init(&device);
    layer("attn_linear_one", one, floats([2, 1]), |m, x: Tensor<2>| m.forward(x));
    let one = EmbeddingConfig::new(1, 3).init(&device);
    layer("attn_embedding_one", one, ints([2, 1], 1), |m, x: Tensor<2, Int>| m.forward(x));
}

/// Sequences of any length, one for the queries and one for the keys.
fn attn_of_any_length() {
    let cases = [("attn_any_length", plain()), ("attn_causal_any_length", causal())];
    for (name, options) in cases {
        let exported = Exporter::new()
            .name(name)
            .input("query")
            .input("key")
            .float_range("query", -1.0..1.0)
            .float_range("key", -1.0..1.0)
            .dynamic_axis("query", 0, "batch")
            .dynamic_axis("key", 0, "batch")
            .dynamic_axis("query", 2, "length")
            .dynamic_axis("key", 2, "keys")
            .export(&Nothing, (floats([2, 2, 3, 4]), floats([2, 2, 5, 4])), move |_, (q, k): (Tensor<4>, Tensor<4>)| {
                attention(q, k.clone(), k, None, None, options)
            })
            .expect("attention");
        verify(name, &exported);
    }
}

fn attn_to_itself_of_any_length() {
    let exported = Exporter::new()
        .input("x")
        .float_range("x", -1.0..1.0)
        .dynamic_axis("x", 0, "batch")
        .dynamic_axis("x", 2, "length")
        .export(&Nothing, floats::<4>([2, 2, 3, 4]), |_, x: Tensor<4>| {
            attention(x.clone(), x.clone(), x, None, None, causal())
        })
        .expect("attention");
    assert_eq!(exported.outputs()[0].to_string(), "output f32 [batch, 2, length, 4]");
    verify("attn_to_itself_of_any_length", &exported);
}

fn attn_of_every_opset() {
    for opset in 17..=21 {
        let exported = Exporter::new()
            .opset(opset)
            .input("x")
            .float_range("x", -1.0..1.0)
            .dynamic_axis("x", 0, "batch")
            .export(&Nothing, floats::<4>([2, 2, 3, 4]), |_, x: Tensor<4>| every(x, FloatDType::F32))
            .expect("layers");
        verify(&format!("attn_opset_{opset}"), &exported);
    }
}

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![attn_modules, attn_of_any_length, attn_to_itself_of_any_length, attn_of_every_opset]
}

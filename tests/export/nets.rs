//! Small networks: what a VQ-VAE and a PixelCNN are made of.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{
    BatchNorm, BatchNormConfig, Embedding, EmbeddingConfig, GroupNorm, GroupNormConfig, Linear, LinearConfig,
    PaddingConfig2d,
};
use burn::tensor::activation::{gelu, relu, sigmoid, silu};
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Int, Tensor, s};
use oasis::export::{Exporter, Passes};

use crate::common::{floats, ints, verify};

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![residual_encoder, quantizer_and_lookup, gated_masked_convolution, pixel_shuffle_decoder]
}

#[derive(Module, Debug)]
struct Residual {
    norm: GroupNorm,
    conv: Conv2d,
    out: Conv2d,
}

impl Residual {
    fn new(channels: usize, device: &Device) -> Self {
        Self {
            norm: GroupNormConfig::new(2, channels).init(device),
            conv: Conv2dConfig::new([channels, channels], [3, 3]).with_padding(PaddingConfig2d::Same).init(device),
            out: Conv2dConfig::new([channels, channels], [1, 1]).init(device),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = self.conv.forward(silu(self.norm.forward(x.clone())));
        x + self.out.forward(relu(y))
    }
}

#[derive(Module, Debug)]
struct Encoder {
    patch: Conv2d,
    blocks: Vec<Residual>,
}

fn residual_encoder() {
    let device = Device::flex().autodiff();
    let encoder = Encoder {
        patch: Conv2dConfig::new([1, 8], [4, 4]).with_stride([4, 4]).init(&device),
        blocks: vec![Residual::new(8, &device), Residual::new(8, &device)],
    };
    let exporter = Exporter::new()
        .name("encoder")
        .input("image")
        .output("latents")
        .dynamic_axis("image", 0, "batch")
        .metadata("role", "encoder");
    let sample = || floats::<4>([1, 1, 16, 12]);
    let forward = |m: &Encoder, x| m.blocks.iter().fold(m.patch.forward(x), |x, block| block.forward(x));
    let exported = exporter.export(&encoder, sample(), forward).expect("an encoder");
    assert_eq!(exported.inputs()[0].to_string(), "image f32 [batch, 1, 16, 12]");
    assert_eq!(exported.outputs()[0].to_string(), "latents f32 [batch, 8, 4, 3]");
    let stored = &exported.summary().stored;
    assert!(stored.contains_key("blocks.0.conv.weight") && stored.contains_key("patch.bias"), "{stored:?}");
    verify("residual_encoder", &exported);
    let again = exporter.export(&encoder, sample(), forward).expect("an encoder");
    assert_eq!(exported.bytes(), again.bytes());
}

#[derive(Module, Debug)]
struct Quantizer {
    codebook: Param<Tensor<2>>,
}

impl Quantizer {
    /// The nearest codeword's number at every position.
    fn codes(&self, latents: Tensor<4>) -> Tensor<3, Int> {
        let [batch, depth, height, width] = latents.dims();
        let codebook = self.codebook.val();
        let flat = latents.permute([0, 2, 3, 1]).reshape([batch * height * width, depth]);
        let size = codebook.clone().powi_scalar(2).sum_dim(1).transpose();
        let distance = size - flat.matmul(codebook.transpose()) * 2.0;
        distance.argmin(1).reshape([batch, height, width])
    }

    fn lookup(&self, codes: Tensor<3, Int>) -> Tensor<4> {
        burn::tensor::module::embedding(
            self.codebook.val(),
            codes.clone().reshape([codes.dims()[0], codes.dims()[1] * codes.dims()[2]]),
        )
        .reshape([codes.dims()[0], codes.dims()[1], codes.dims()[2], self.codebook.dims()[1]])
        .permute([0, 3, 1, 2])
    }
}

fn quantizer_and_lookup() {
    let quantizer = Quantizer { codebook: Param::from_tensor(floats([12, 4])) };
    let exported = Exporter::new()
        .input("latents")
        .output("codes")
        .float_range("latents", -1.0..1.0)
        .dynamic_axis("latents", 0, "batch")
        .export(&quantizer, floats::<4>([1, 4, 3, 5]), |m, x| m.codes(x))
        .expect("a quantizer");
    assert_eq!(exported.outputs()[0].to_string(), "codes i64 [batch, 3, 5]");
    verify("quantizer", &exported);
    let exported = Exporter::new()
        .input("codes")
        .output("quantized")
        .int_range("codes", 0..12)
        .dynamic_axis("codes", 0, "batch")
        .export(&quantizer, ints::<3>([1, 3, 5], 12), |m, x| m.lookup(x))
        .expect("a lookup");
    verify("lookup", &exported);
}

#[derive(Module, Debug)]
struct Masked {
    weight: Param<Tensor<4>>,
    bias: Param<Tensor<1>>,
    gate: Conv2d,
    embed: Embedding,
    condition: Embedding,
    project: Linear,
}

impl Masked {
    fn forward(&self, codes: Tensor<3, Int>, condition: Tensor<2, Int>) -> Tensor<4> {
        let [batch, height, width] = codes.dims();
        let device = codes.device();
        let x = self.embed.forward(codes.reshape([batch, height * width]));
        let x = x.reshape([batch, height, width, 6]).permute([0, 3, 1, 2]);
        let weight = self.weight.val();
        let mask = Tensor::ones(weight.dims(), &device)
            .slice_fill(s![.., .., 1, 1..], 0.0)
            .slice_fill(s![.., .., 2.., ..], 0.0);
        let y = conv2d(x, weight * mask, Some(self.bias.val()), ConvOptions::new([1, 1], [1, 1], [1, 1], 1));
        let class = condition.slice(s![.., 0..1]);
        let added = self.project.forward(self.condition.forward(class)).reshape([batch, 8, 1, 1]);
        let y = self.gate.forward(y + added);
        let parts = y.chunk(2, 1);
        parts[0].clone().tanh() * sigmoid(parts[1].clone())
    }
}

fn gated_masked_convolution() {
    let device = Device::flex();
    let net = Masked {
        weight: Param::from_tensor(floats([8, 6, 3, 3])),
        bias: Param::from_tensor(floats([8])),
        gate: Conv2dConfig::new([8, 16], [1, 1]).init(&device),
        embed: EmbeddingConfig::new(12, 6).init(&device),
        condition: EmbeddingConfig::new(4, 5).init(&device),
        project: LinearConfig::new(5, 8).init(&device),
    };
    let exporter = Exporter::new()
        .input("codes")
        .input("condition")
        .output("logits")
        .int_range("codes", 0..12)
        .int_range("condition", 0..4)
        .dynamic_axis("codes", 0, "batch")
        .dynamic_axis("condition", 0, "batch");
    let forward = |m: &Masked, (codes, condition)| m.forward(codes, condition);
    let sample = || (ints::<3>([1, 4, 5], 12), ints::<2>([1, 2], 4));
    let exported = exporter.export(&net, sample(), forward).expect("a prior");
    verify("masked", &exported);
    let summary = exported.summary();
    assert!(summary.stored.contains_key("weight_folded"), "{summary:?}");
    assert!(!summary.stored.contains_key("weight"), "{summary:?}");
    let plain = exporter.clone().passes(Passes::none()).export(&net, sample(), forward).expect("a prior");
    assert!(plain.summary().nodes() > summary.nodes());
    verify("masked_plain", &plain);
}

#[derive(Module, Debug)]
struct Decoder {
    conv: Conv2d,
    norm: BatchNorm,
    out: Conv2d,
    scale: Param<Tensor<4>>,
}

fn pixel_shuffle_decoder() {
    let device = Device::flex();
    let decoder = Decoder {
        conv: Conv2dConfig::new([4, 8], [3, 3]).with_padding(PaddingConfig2d::Same).with_bias(false).init(&device),
        norm: BatchNormConfig::new(8).init(&device),
        out: Conv2dConfig::new([8, 16], [1, 1]).with_bias(false).init(&device),
        scale: Param::from_tensor(floats([1, 16, 1, 1])),
    };
    let exported = Exporter::new()
        .input("latents")
        .output("image")
        .float_range("latents", -1.0..1.0)
        .dynamic_axis("latents", 0, "batch")
        .export(&decoder, floats::<4>([1, 4, 3, 5]), |m, x| {
            let y = gelu(m.norm.forward(m.conv.forward(x)));
            let y = m.out.forward(y) + m.scale.val();
            let [b, c, h, w] = y.dims();
            let y = y.reshape([b, c / 16, 4, 4, h, w]).permute([0, 1, 4, 2, 5, 3]).reshape([b, c / 16, 4 * h, 4 * w]);
            y.clamp(0.0, 1.0)
        })
        .expect("a decoder");
    let operators = &exported.summary().operators;
    assert!(!operators.contains_key("BatchNormalization"), "{operators:?}");
    verify("decoder", &exported);
}

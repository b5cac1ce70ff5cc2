//! The exporter's options: storage of weights, given samples, passes, names.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, GroupNorm, GroupNormConfig, Linear, LinearConfig};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Device, Tensor};
use oasis::ErrorKind;
use oasis::export::{Exporter, Pass, Passes};
use tract_onnx::prelude::*;

use crate::common::{Nothing, floats, verify};

/// One of them needs 8 GiB of memory and 3 GiB of disk, and runs with `--ignored` alone.
pub fn trials() -> Vec<libtest_mimic::Trial> {
    let mut trials = crate::trials![weights_beyond_two_gib];
    trials = trials.into_iter().map(|trial| trial.with_ignored_flag(true)).collect();
    trials.extend(small_trials());
    trials
}

fn small_trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![
        half_weights_are_rounded_in_burn_too,
        a_parameter_may_be_kept_from_rounding,
        large_weights_go_beside_the_model,
        samples_may_be_given,
        samples_that_do_not_fit_are_refused,
        every_pass_can_be_left_out,
        shared_weights_are_stored_once,
        the_same_weights_give_the_same_bytes,
        names_that_clash_are_refused
    ]
}

#[derive(Module, Debug)]
struct Net {
    conv: Conv2d,
    norm: BatchNorm,
    group: GroupNorm,
    table: Param<Tensor<2>>,
    head: Linear,
}

impl Net {
    fn new() -> Self {
        let device = Device::flex();
        Self {
            conv: Conv2dConfig::new([3, 8], [3, 3]).init(&device),
            norm: BatchNormConfig::new(8).init(&device),
            group: GroupNormConfig::new(2, 8).init(&device),
            table: Param::from_tensor(floats::<2>([8, 16]) / 3.0),
            head: LinearConfig::new(16, 10).init(&device),
        }
    }

    /// Convolution, both normalisations, blocks moved into space and two parts of the channels, a head.
    fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let y = relu(relu(self.group.forward(self.norm.forward(self.conv.forward(x)))));
        let [b, _, h, w] = y.dims();
        let wide = y.clone().reshape([b, 2, 2, 2, h, w]).permute([0, 1, 4, 2, 5, 3]).reshape([b, 2, 2 * h, 2 * w]);
        let parts = wide.chunk(2, 1);
        let gate = (parts[0].clone() * parts[1].clone()).mean_dim(2).squeeze_dim::<3>(2).mean_dim(2).reshape([b, 1]);
        let pooled = y.mean_dim(2).mean_dim(3).reshape([b, 8]);
        softmax(self.head.forward(pooled.matmul(self.table.val()) * gate), 1)
    }
}

fn exporter() -> Exporter {
    Exporter::new().input("image").output("classes").dynamic_axis("image", 0, "batch")
}

fn sample() -> Tensor<4> {
    floats([1, 3, 6, 5])
}

fn half_weights_are_rounded_in_burn_too() {
    let net = Net::new();
    let whole = exporter().export(&net, sample(), Net::forward).expect("a net");
    let passes = Passes::default().without(Pass::Fuse);
    let half = exporter().passes(passes).half_weights(true).export(&net, sample(), Net::forward).expect("half a net");
    verify("half_weights", &half);
    assert!(half.bytes().len() < whole.bytes().len());
    assert_eq!(half.inputs()[0].to_string(), "image f32 [batch, 3, 6, 5]");
    assert!(half.summary().operators["Cast"] >= 3, "{}", half.summary());
    let input = half.case(&[("batch", 2)], 1).expect("a case");
    let other = whole.case(&[("batch", 2)], 1).expect("a case");
    assert_ne!(input.expected, other.expected, "the reference is rounded too");
}

fn a_parameter_may_be_kept_from_rounding() {
    let net = Net::new();
    let export = |exporter: Exporter| exporter.export(&net, sample(), Net::forward).expect("a net");
    let all = export(exporter().half_weights(true));
    let kept = export(exporter().half_weights(true).full_precision("table"));
    verify("half_weights_but_one", &kept);
    assert_eq!(all.summary().operators["Cast"], kept.summary().operators["Cast"] + 1);
    assert_eq!(kept.summary().stored["table"], 8 * 16);
}

fn large_weights_go_beside_the_model() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("net.onnx");
    let net = LinearConfig::new(64, 32).init(&Device::flex());
    let exported = Exporter::new()
        .inline_limit(1000)
        .input("x")
        .dynamic_axis("x", 0, "batch")
        .export(&net, floats::<2>([1, 64]), |net: &Linear, x| net.forward(x))
        .expect("a net");
    exported.write(&path).expect("two files");
    let size = |name: &str| std::fs::metadata(folder.path().join(name)).expect("a file").len();
    assert_eq!(size("net.onnx.data"), 64 * 32 * 4);
    assert!(size("net.onnx") < 1000);
    let case = exported.case(&[("batch", 3)], 1).expect("a case");
    let values: Vec<f32> = case.inputs[0].1.iter::<f32>().collect();
    let run = || -> TractResult<Vec<f32>> {
        let mut model = tract_onnx::onnx().model_for_path(&path)?;
        model.set_input_fact(0, InferenceFact::dt_shape(f32::datum_type(), [3, 64]))?;
        let input: Tensor_ = Tensor_::from_shape(&[3, 64], &values)?;
        let output = model.into_optimized()?.into_runnable()?.run(tvec![input.into()])?;
        Ok(output[0].to_plain_array_view::<f32>()?.iter().copied().collect())
    };
    let output = burn::tensor::TensorData::new(run().expect("tract runs it"), [3, 32]);
    assert!(case.compare(&[output], exported.tolerance()).expect("one output")[0].pass());
}

fn weights_beyond_two_gib() {
    let (rows, columns) = (16_384, 36_000);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.onnx");
    let weight = Param::from_tensor(Tensor::<2>::ones([rows, columns], &Device::flex()));
    let exported = Exporter::new()
        .export(&weight, floats::<2>([1, rows]), |weight: &Param<Tensor<2>>, x: Tensor<2>| x.matmul(weight.val()))
        .expect("a large model");
    exported.write(&path).expect("two files");
    let size = |name: &str| std::fs::metadata(folder.path().join(name)).expect("a file").len();
    assert_eq!(size("large.onnx.data"), (rows * columns * 4) as u64);
    assert!(size("large.onnx") < 4096);
}

type Tensor_ = tract_onnx::prelude::Tensor;

fn samples_may_be_given() {
    // A forward pass that takes whole pairs alone: no length that the exporter makes up would do.
    let pairs = |_: &Nothing, x: Tensor<2>| {
        let [length, width] = x.dims();
        assert!([4, 10].contains(&length), "only pairs of known lengths");
        x.reshape([length / 2, 2 * width])
    };
    let exporter = Exporter::new().input("rows").dynamic_axis("rows", 0, "length");
    let exported =
        exporter.export_samples(&Nothing, vec![floats::<2>([4, 3]), floats::<2>([10, 3])], pairs).expect("pairs");
    let case = exported.case(&[("length", 10)], 1).expect("a case");
    for engine in crate::common::engines() {
        let outputs = exported.run(engine.as_ref(), &case.inputs).expect("an engine");
        assert!(case.compare(&outputs, exported.tolerance()).expect("one output")[0].pass());
    }
}

fn samples_that_do_not_fit_are_refused() {
    let refused = |samples: Vec<Tensor<2>>| {
        let exporter = Exporter::new().input("x").dynamic_axis("x", 0, "batch");
        let error = exporter.export_samples(&Nothing, samples, |_, x: Tensor<2>| x * 2.0).expect_err("a usage error");
        assert_eq!(error.kind(), ErrorKind::Usage);
        error.to_string().replacen("cannot export to ONNX: model: ", "", 1)
    };
    assert_eq!(refused(vec![]), "no sample was given");
    let equal = vec![floats([2, 3]), floats([2, 3])];
    assert_eq!(refused(equal), "no two samples differ in the length of batch alone");
    let wider = vec![floats([2, 3]), floats([5, 4])];
    assert_eq!(
        refused(wider),
        "sample 1 has the shapes [[5, 4]] instead of [[5, 3]]: only dynamic axes may differ from sample 0"
    );
}

fn every_pass_can_be_left_out() {
    let net = Net::new();
    let all = Passes::default();
    let without: [(&str, Passes); 8] = [
        ("none", Passes::none()),
        ("fold_constants", all.without(Pass::FoldConstants)),
        ("remove_identities", all.without(Pass::RemoveIdentities)),
        ("fuse", all.without(Pass::Fuse)),
        ("recognise_norms", all.without(Pass::RecogniseNorms)),
        ("rearrange", all.without(Pass::Rearrange)),
        ("join_reshapes", all.without(Pass::JoinReshapes)),
        ("remove_dead", all.without(Pass::RemoveDead)),
    ];
    let export = |passes| exporter().passes(passes).export(&net, sample(), Net::forward).expect("a net");
    let fewest = export(all).summary();
    assert_eq!(fewest.operators["InstanceNormalization"], 1, "{fewest}");
    assert_eq!(fewest.operators["DepthToSpace"], 1, "{fewest}");
    assert_eq!(fewest.operators["Split"], 1, "{fewest}");
    for (name, passes) in without {
        let exported = export(passes);
        verify(&format!("without_{name}"), &exported);
        let summary = exported.summary();
        let more = summary.nodes() > fewest.nodes() || summary.stored.len() > fewest.stored.len();
        assert!(more, "{name} does nothing here: {summary} against {fewest}");
    }
}

#[derive(Module, Debug)]
struct Tied {
    first: Linear,
    second: Linear,
}

fn shared_weights_are_stored_once() {
    let first = LinearConfig::new(6, 6).with_bias(false).init(&Device::flex());
    let net = Tied { second: first.clone(), first };
    let exported = Exporter::new()
        .input("x")
        .export(&net, floats::<2>([2, 6]), |net: &Tied, x| net.second.forward(net.first.forward(x)))
        .expect("a tied net");
    verify("tied", &exported);
    assert_eq!(exported.summary().stored.keys().collect::<Vec<_>>(), ["first.weight"]);
}

fn the_same_weights_give_the_same_bytes() {
    let net = Net::new();
    let bytes = |half| {
        let exported = exporter().half_weights(half).export(&net, sample(), Net::forward);
        exported.expect("a net").into_bytes()
    };
    assert_eq!(bytes(false), bytes(false));
    assert_eq!(bytes(true), bytes(true));
}

fn names_that_clash_are_refused() {
    let refused = |exporter: Exporter| {
        let result = exporter.export(&Nothing, floats::<2>([2, 3]), |_, x: Tensor<2>| x * 2.0);
        result.expect_err("a usage error").to_string().replacen("cannot export to ONNX: model: ", "", 1)
    };
    assert_eq!(refused(Exporter::new().input("x").output("x")), "x is the name of an input and of an output");
    assert_eq!(refused(Exporter::new().input("")), "an input was given an empty name");
    let twice = Exporter::new().input("x").dynamic_axis("x", 0, "a").dynamic_axis("x", 0, "b");
    assert_eq!(refused(twice), "axis 0 of x was given two symbols");
}

//! Dynamic axes, opsets, names.

use burn::nn::LinearConfig;
use burn::tensor::{Device, Tensor};
use oasis::ErrorKind;
use oasis::export::Exporter;

use crate::common::{Nothing, floats, verify};

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![
        two_symbols,
        every_opset,
        an_input_may_be_an_output_and_an_output_may_come_twice,
        shapes_are_fixed_without_a_dynamic_axis,
        usage_errors,
        writes_whole_files
    ]
}

fn two_symbols() {
    let exported = Exporter::new()
        .input("x")
        .dynamic_axis("x", 0, "batch")
        .dynamic_axis("x", 1, "time")
        .export(&Nothing, floats::<3>([2, 4, 3]), |_, x: Tensor<3>| {
            let [b, t, c] = x.dims();
            let flat = x.clone().reshape([b * t, c]);
            (flat, x.permute([1, 0, 2]).reshape([t, b * c]))
        })
        .expect("two symbols");
    let outputs: Vec<String> = exported.outputs().iter().map(ToString::to_string).collect();
    assert_eq!(outputs, ["output_0 f32 [batch*time, 3]", "output_1 f32 [time, 3*batch]"]);
    verify("two_symbols", &exported);
}

fn every_opset() {
    for opset in 17..=21 {
        let exported = Exporter::new()
            .opset(opset)
            .input("x")
            .dynamic_axis("x", 0, "batch")
            .export(&LinearConfig::new(6, 4).init(&Device::flex()), floats::<2>([2, 6]), |m, x| {
                let y = burn::tensor::activation::gelu(m.forward(x));
                let mean = y.clone().mean_dim(1);
                (y - mean.clone(), mean.max())
            })
            .expect("an opset");
        assert_eq!(exported.summary().opset, opset);
        verify(&format!("opset_{opset}"), &exported);
    }
}

fn an_input_may_be_an_output_and_an_output_may_come_twice() {
    let exported = Exporter::new().input("x").export(&Nothing, floats::<2>([2, 3]), |_, x: Tensor<2>| {
        let y = x.clone() * 2.0;
        (x, y.clone(), y)
    });
    let exported = exported.expect("copies");
    let outputs: Vec<String> = exported.outputs().iter().map(ToString::to_string).collect();
    assert_eq!(outputs, ["output_0 f32 [2, 3]", "output_1 f32 [2, 3]", "output_2 f32 [2, 3]"]);
    verify("copies", &exported);
}

fn shapes_are_fixed_without_a_dynamic_axis() {
    let exported =
        Exporter::new().export(&Nothing, floats::<2>([2, 3]), |_, x: Tensor<2>| x * 2.0).expect("a fixed shape");
    assert_eq!(exported.inputs()[0].to_string(), "input f32 [2, 3]");
    verify("fixed", &exported);
}

fn usage_errors() {
    let export = |exporter: Exporter| {
        let result = exporter.export(&Nothing, floats::<2>([2, 3]), |_, x: Tensor<2>| x * 2.0);
        let error = result.expect_err("a usage error");
        assert_eq!(error.kind(), ErrorKind::Usage);
        error.to_string().replacen("cannot export to ONNX: model: ", "", 1)
    };
    assert_eq!(export(Exporter::new().opset(9)), "opset 9 is not in 17 to 21");
    let other = Exporter::new().dynamic_axis("y", 0, "batch");
    assert_eq!(export(other), "there is no input y; the inputs are input");
    let third = Exporter::new().dynamic_axis("input", 2, "batch");
    assert_eq!(export(third), "input has no axis 2, since it has 2 dimensions");
    let two = Exporter::new().input("a").input("b");
    assert_eq!(export(two), "2 input names were given, but the number of inputs is 1");
}

fn writes_whole_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.onnx");
    let exported = Exporter::new().export(&Nothing, floats::<2>([2, 3]), |_, x: Tensor<2>| x * 2.0).expect("a model");
    exported.write(&path).expect("a file");
    assert_eq!(std::fs::read(&path).expect("its bytes"), exported.bytes());
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    let error = exported.write(folder.path().join("no/such/model.onnx")).expect_err("no folder");
    assert_eq!(error.kind(), ErrorKind::Input);
}

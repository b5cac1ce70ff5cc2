//! Versions and operators of others.

use oasis::bundle::Role;
use oasis::onnx::DataType;

use super::{Bundles, odd, toy};
use crate::wire::{Model, node, port};

pub fn critic_role() -> Role {
    Role::Other("critic".to_owned())
}

/// A model of a role of its own.
pub fn critic(size: i64) -> Model {
    let mut model =
        Model::new(vec![port("x", DataType::F32, &[-1, size])], vec![port("y", DataType::F32, &[-1, size])]);
    model.metadata = toy::model(&Role::Encoder).metadata;
    model.metadata[0].1 = "critic".to_owned();
    model.nodes = vec![node("Relu", &["x"], "y", &[])];
    model
}

#[test]
fn versions_and_operators_of_others() {
    let mut all = Bundles::new();
    let versions = [(3, "found IR version 3, expected at least 4"), (11, "found IR version 11, expected at most 10")];
    for (version, says) in versions.into_iter().chain([(i64::MAX, "at most 10"), (-1, "at least 4")]) {
        all.model("an IR version", says, |m| m.ir = version);
    }
    for (version, says) in [(8, "found opset 8, expected at least 9"), (22, "found opset 22, expected at most 21")] {
        all.model("an opset", says, |m| m.opset = version);
    }
    all.model("no standard opset", "no opset of the standard domain", |m| m.domain = "com.example");
    for domain in ["com.example", "ai.onnx.ml", "com.microsoft", " "] {
        all.model(domain, "the standard domain only", |m| m.nodes.push(odd(|node| node.bytes(7, domain))));
    }
    let operators = [
        "Loop",
        "If",
        "Scan",
        "SequenceMap",
        "Constant",
        "NonZero",
        "Einsum",
        "RandomNormal",
        "Multinomial",
        "Unique",
        "Compress",
        "OneHot",
        "EyeLike",
        "Optional",
        "SequenceEmpty",
        "StringConcat",
        "ImageDecoder",
        "relu",
        "",
        "NonMaxSuppression",
        "QLinearConv",
        "Dropout",
        "Flatten",
    ];
    for op in operators {
        all.model(op, "an operator that `oasis export` writes", |m| m.nodes.push(node(op, &[], "odd", &[])));
    }
    for (role, says) in [(critic_role(), "`Loop`"), (Role::PriorStepRow, "expected inputs")] {
        let mut model = critic(4);
        model.nodes = vec![node("Loop", &["x"], "y", &[])];
        all.content("a loop in another role", &role, &model.write(), says);
    }
    all.check("bundles: versions and operators of others", 35);
}

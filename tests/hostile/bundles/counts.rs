//! More of anything than a bundle has.

use oasis::bundle::Role;
use oasis::onnx::DataType;

use super::{Bundles, Message, message, odd, setting};
use crate::wire::{attribute, dim, floats, node, port};

#[test]
fn more_of_anything_than_a_bundle_has() {
    let mut all = Bundles::new();
    let long = "a".repeat(1000);
    all.model("a long name", "bytes in a name, expected at most 512", |m| {
        m.weights.push(floats(&long, &[1], &[0.0]));
    });
    all.model_of(&Role::Encoder, "a long symbol", "bytes in a name", |m| {
        let shape = message().message(1, message().bytes(2, &long)).message(1, dim(1)).message(1, dim(256));
        let kind = message().int(1, 1).message(2, shape.message(1, dim(256)));
        m.inputs[0] = message().bytes(1, "image").message(2, message().message(1, kind));
    });
    all.more("a very long key", "a name of 5000 bytes", message().message(14, message().bytes(1, "k".repeat(5000))));
    all.more(
        "a long value",
        "bytes in a text",
        message().message(14, message().bytes(1, "k").bytes(2, "v".repeat(5000))),
    );
    all.more(
        "a very long value",
        "a text of 2000000 bytes",
        message().message(14, message().bytes(2, "v".repeat(2_000_000))),
    );
    all.more("a long description", "bytes in a text", message().bytes(6, "v".repeat(5000)));
    let keys = |count: usize| (0..count).fold(message(), |all, n| all.message(14, message().bytes(1, n.to_string())));
    all.more("many keys", "metadata properties", keys(100));
    all.more("very many keys", "metadata properties", keys(100_000));
    let sets = (0..100).fold(message(), |all, n| all.message(8, message().bytes(1, n.to_string())));
    all.more("many operator sets", "operator sets", sets);
    all.model("many nodes", "nodes, expected at most 4096", |m| {
        m.weights.push(floats("seed", &[1], &[0.0]));
        (0..5000).for_each(|n| m.nodes.push(node("Relu", &["seed"], &format!("n{n}"), &[])));
    });
    all.model("a million nodes", "more than 131072 nodes", |m| m.nodes.extend(vec![message(); 1_000_000]));
    all.model("many weights", "stored tensors", |m| {
        m.weights.extend((0..5000).map(|n| floats(&format!("w{n}"), &[1], &[0.0])));
    });
    all.model("many dimensions", "dimensions", |m| m.weights.push(floats("w", &[1; 9], &[0.0])));
    all.model("very many dimensions", "more than 32 dimensions", |m| m.weights.push(floats("w", &[1; 1000], &[0.0])));
    all.model("many inputs of a node", "inputs of a node", |m| {
        m.weights.push(floats("seed", &[1], &[0.0]));
        m.nodes.push(node("Max", &["seed"; 1000], "odd", &[]));
    });
    all.model("very many inputs of a node", "inputs of a node", |m| {
        m.nodes.push(node("Max", &[""; 100_000], "odd", &[]))
    });
    all.model("very many outputs", "outputs of a node", |m| {
        m.nodes.push((0..100_000).fold(message().bytes(4, "Split"), |node, _| node.bytes(2, "")));
    });
    all.model("a long list", "values in attribute", |m| {
        m.weights.push(floats("seed", &[1], &[0.0]));
        m.nodes.push(node("Relu", &["seed"], "odd", &[attribute("list", &[1; 1000], true)]));
    });
    all.model("a very long list", "integers in an attribute", |m| {
        m.nodes.push(setting(|a| a.bytes(8, vec![1; 4_000_000])));
    });
    all.model("many attributes", "attributes of a node", |m| {
        let more = |node: Message, n: i32| node.message(5, attribute(&n.to_string(), &[1], false));
        m.nodes.push(odd(|node| (0..1000).fold(node, more)));
    });
    all.model("many inputs", "inputs", |m| {
        m.inputs.extend((0..5000).map(|n| port(&n.to_string(), DataType::F32, &[1])))
    });
    all.model("many outputs", "outputs", |m| {
        m.outputs.extend((0..5000).map(|n| port(&n.to_string(), DataType::F32, &[1])))
    });
    all.model("numbers that grow when they are read", "256 MiB", |m| {
        m.weights.push(message().int(2, 7).bytes(8, "w").bytes(7, vec![1; 40 << 20]));
    });
    let deep = (0..100).fold(message(), |inner, _| {
        message().message(1, odd(|node| node.message(5, message().bytes(1, "g").message(6, inner).int(20, 5))))
    });
    all.content(
        "graphs within graphs",
        &Role::Decoder,
        &message().int(1, 8).message(7, deep).0,
        "graphs within graphs",
    );
    // Numbers that grow take what was said, and no more.
    for case in &mut all.cases {
        case.peak = 400;
    }
    all.check("bundles: more of anything than a bundle has", 22);
}

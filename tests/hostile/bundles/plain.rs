//! Files that are no plain model.

use oasis::bundle::Role;
use oasis::onnx::DataType;

use super::{Bundles, message, odd, setting, toy};
use crate::wire::{Message, floats, ints, node, port, tensor};

#[test]
fn files_that_are_no_plain_model() {
    let mut all = Bundles::new();
    for role in Role::FIXED {
        let second = message().message(7, message().message(1, node("Relu", &["codes"], "y", &[])));
        let bytes = [toy::model(&role).write(), second.0].concat();
        all.content(&format!("a second graph in {role}"), &role, &bytes, "the model has field 7 twice");
    }
    all.more("a second version", "field 1 twice", message().int(1, 8));
    all.more("a second producer", "field 2 twice", message().bytes(2, "other"));
    all.more("an unknown field", "unknown field 99", message().int(99, 1));
    all.more("a field of a newer format", "unknown field 26", message().message(26, message()));
    all.more("functions", "functions", message().message(25, message().bytes(1, "f")));
    all.more("an operator set twice", "is there twice", message().message(8, message().int(2, 17)));
    all.more("a key twice", "is there twice", message().message(14, message().bytes(1, "oasis.role").bytes(2, "x")));
    all.more("a group", "wire type", Message(vec![0x3b, 0x3c]));
    all.more("a length beyond the end", "in the middle", Message(vec![0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f]));
    all.more("text that is not UTF-8", "UTF-8", message().message(14, message().bytes(1, [0xff, 0xfe])));
    all.model("an operator twice", "field 4 twice", |m| m.nodes.push(odd(|node| node.bytes(4, "Tanh"))));
    all.model("an overload", "unknown field 8", |m| m.nodes.push(odd(|node| node.bytes(8, "other"))));
    let attributes: [(&str, &str, Message); 12] = [
        ("a value twice", "twice", setting(|a| a.int(3, 1).int(3, 2).int(20, 2))),
        ("values of two types", "twice", setting(|a| a.int(3, 1).bytes(4, "x").int(20, 2))),
        ("a value of another type", "another type", setting(|a| a.int(3, 1).int(20, 7))),
        ("no value", "no value", setting(|a| a.int(20, 4))),
        ("a function's attribute", "a function's", setting(|a| a.bytes(21, "outer").int(20, 2))),
        ("a sparse attribute", "sparse tensor", setting(|a| a.message(22, message()).int(20, 11))),
        ("sparse attributes", "sparse tensor", setting(|a| a.message(23, message()).int(20, 12))),
        ("a type as an attribute", "a type in", setting(|a| a.message(14, message()).int(20, 13))),
        ("a graph as an attribute", "graph inside", setting(|a| a.message(6, message()).int(20, 5))),
        ("graphs as an attribute", "graph inside", setting(|a| a.message(11, message()).int(20, 10))),
        ("a tensor as an attribute", "a tensor in", setting(|a| a.message(5, floats("", &[1], &[0.0])).int(20, 4))),
        (
            "external data in an attribute",
            "another file",
            setting(|a| a.message(5, floats("", &[1], &[0.0]).int(14, 1)).int(20, 4)),
        ),
    ];
    for (name, says, attribute) in attributes {
        all.model(name, says, |m| m.nodes.push(attribute));
    }
    let entry = |key: &str, value: &str| message().bytes(1, key).bytes(2, value);
    let weights: [(&str, &str, Message); 12] = [
        ("external weights", "another file", floats("w", &[1], &[0.0]).int(14, 1)),
        ("a path outside", "another file", floats("w", &[1], &[0.0]).message(13, entry("location", "/etc/passwd"))),
        ("a segment", "unknown field 3", floats("w", &[1], &[0.0]).message(3, message().int(1, 0))),
        ("weights of text", "unknown field 6", message().int(1, 1).int(2, 8).bytes(8, "w").bytes(6, "x")),
        ("weights of no type", "element type 0", message().int(1, 1).bytes(8, "w").bytes(9, [0; 4])),
        ("weights of two types", "field 2 twice", tensor("w", DataType::F32, &[1], &[0; 4]).int(2, 99)),
        ("raw data twice", "raw data is there twice", floats("w", &[1], &[0.0]).bytes(9, [0; 4])),
        ("data in two fields", "in two fields", floats("w", &[1], &[0.0]).bytes(4, [0; 4])),
        ("a negative shape", "of shape", floats("w", &[-1], &[0.0])),
        ("a shape beyond counting", "of shape", floats("w", &[1 << 40, 1 << 40], &[0.0])),
        ("fewer bytes than the shape", "expected 1000000000000", floats("w", &[1_000_000_000_000], &[0.0])),
        ("a truth value of 2", "truth values", tensor("w", DataType::Bool, &[1], &[2])),
    ];
    for (name, says, weight) in weights {
        all.model(name, says, |m| m.weights.push(weight));
    }
    all.model("a weight twice", "is there twice", |m| m.weights.push(m.weights[0].clone()));
    all.model("sparse weights", "sparse weights", |m| m.more.push((15, message())));
    all.model("an unknown field of a graph", "unknown field 77", |m| m.more.push((77, message())));
    all.model("a graph's name twice", "field 2 twice", |m| m.more.push((2, message())));
    all.model("an input twice", "is there twice", |m| m.inputs.push(m.inputs[0].clone()));
    all.model("an output twice", "is there twice", |m| m.outputs.push(m.outputs[0].clone()));
    all.model("a sequence as an input", "not a tensor", |m| {
        m.inputs.push(message().bytes(1, "list").message(2, message().message(4, message())));
    });
    all.model("an input of no type", "without an element type", |m| m.inputs.push(message().bytes(1, "any")));
    all.model("an input more", "expected inputs", |m| m.inputs.push(port("more", DataType::F32, &[-1])));
    all.model("an output more", "expected outputs", |m| {
        m.nodes.push(node("ConstantOfShape", &["at"], "more", &[]));
        m.weights.push(ints("at", &[1], &[1]));
        m.outputs.push(port("more", DataType::F32, &[1]));
    });
    all.model("a value made twice", "a second value", |m| m.nodes.push(m.nodes[0].clone()));
    all.model("a value from nowhere", "nothing makes before it", |m| m.nodes.push(node("Relu", &["none"], "y", &[])));
    all.model("a circle", "nothing makes before it", |m| m.nodes.push(node("Relu", &["y"], "y", &[])));
    all.model("a weight over a value", "a second value", |m| {
        m.nodes.push(node("Relu", &["w"], "w", &[]));
        m.weights.push(floats("w", &[1], &[0.0]));
    });
    all.model_of(&Role::Decoder, "nodes in no order", "nothing makes before it", |m| m.nodes.reverse());
    all.model("no nodes", "which nothing makes", |m| m.nodes.clear());
    for (name, bytes) in [("nothing", &b""[..]), ("text", b"hello"), ("an archive", b"PK\x03\x04"), ("zeros", &[0; 99])]
    {
        all.content(name, &Role::Prior, bytes, "not a valid ONNX file");
    }
    all.check("bundles: files that are no plain model", 55);
}

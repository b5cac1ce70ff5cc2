//! Models that would take all memory or time.

use oasis::bundle::Role;

use super::operators::{critic, critic_role};
use super::{Bundles, message};
use crate::wire::{Message, Model, attribute, floats, ints, node};

/// A node that makes `odd` of stored integers, and those.
fn bomb(op: &str, inputs: &[&str], attributes: &[Message], stored: Vec<Message>) -> impl FnOnce(&mut Model) + use<> {
    let made = node(op, inputs, "odd", attributes);
    move |model: &mut Model| {
        model.nodes.push(made);
        model.weights.extend(stored);
        model.weights.push(floats("image_like", &[1, 1, 256, 256], &[0.0; 65536]));
    }
}

#[test]
fn models_that_would_take_all_memory_or_time() {
    let mut all = Bundles::new();
    let list = |name: &str, values: &[i64]| attribute(name, values, true);
    let sized = |values: &[i64]| vec![ints("size", &[values.len() as i64], values)];
    let like = "image_like";
    for size in [1_000_000_000, 1 << 40, i64::MAX] {
        all.model("a constant", "at most", bomb("ConstantOfShape", &["size"], &[], sized(&[size])));
        let stored = [sized(&[size]), vec![floats("one", &[1], &[0.0])]].concat();
        all.model("a stretched one", "at most", bomb("Expand", &["one", "size"], &[], stored));
    }
    all.model("a constant beyond counting", "too large", bomb("ConstantOfShape", &["size"], &[], sized(&[1 << 40; 3])));
    all.model("a negative constant", "shape [-1]", bomb("ConstantOfShape", &["size"], &[], sized(&[-1])));
    all.model("tiles", "at most", bomb("Tile", &[like, "size"], &[], sized(&[1, 1, 1000, 1000])));
    all.model("tiles beyond counting", "too large", bomb("Tile", &[like, "size"], &[], sized(&[i64::MAX; 4])));
    all.model("padding", "at most", bomb("Pad", &[like, "size"], &[], sized(&[0, 0, 1 << 19, 0, 0, 0, 1 << 19, 0])));
    all.model("negative padding", "padding", bomb("Pad", &[like, "size"], &[], sized(&[0, 0, -300, 0, 0, 0, 0, 0])));
    let three = |a: i64, b: i64, c: i64| {
        [("from", a), ("to", b), ("by", c)].into_iter().map(|(name, value)| ints(name, &[], &[value])).collect()
    };
    let bounds = ["from", "to", "by"];
    all.model("a range of 10^12", "at most", bomb("Range", &bounds, &[], three(0, 1_000_000_000_000, 1)));
    all.model("a range of everything", "Range", bomb("Range", &bounds, &[], three(i64::MIN, i64::MAX, 1)));
    all.model("a range that goes nowhere", "Range", bomb("Range", &bounds, &[], three(0, 1, 0)));
    let scales = |scale: f32| vec![floats("scales", &[4], &[1.0, 1.0, scale, scale])];
    for scale in [1000.0, 1e30, f32::INFINITY, f32::NAN, -1.0] {
        all.model("a resize", "Resize", bomb("Resize", &[like, "", "scales"], &[], scales(scale)));
    }
    all.model(
        "a resize to sizes",
        "Resize",
        bomb("Resize", &[like, "", "", "size"], &[], sized(&[1, 1, 1 << 20, 1 << 20])),
    );
    let kernel = |size: i64| vec![floats("kernel", &[1, 1, size, size], &vec![0.0; (size * size) as usize])];
    let conv = |attributes: &[Message], size: i64| bomb("Conv", &[like, "kernel"], attributes, kernel(size));
    all.model("a huge kernel", "Conv", conv(&[list("pads", &[256; 4])], 200));
    all.model("huge padding", "Conv", conv(&[list("pads", &[1 << 40; 4])], 3));
    all.model("huge dilations", "Conv", conv(&[list("dilations", &[1 << 40; 2]), list("pads", &[1 << 41; 4])], 3));
    all.model("dilations beyond counting", "Conv", conv(&[list("dilations", &[i64::MAX; 2])], 3));
    all.model("no stride", "Conv", conv(&[list("strides", &[0, 0])], 3));
    all.model("negative padding of a kernel", "Conv", conv(&[list("pads", &[-5; 4])], 3));
    all.model("no groups", "Conv", conv(&[attribute("group", &[0], false)], 3));
    let transposed =
        |stride: i64| bomb("ConvTranspose", &[like, "kernel"], &[list("strides", &[stride; 2])], kernel(3));
    all.model("a huge stride", "ConvTranspose", transposed(1 << 20));
    all.model("a stride beyond counting", "ConvTranspose", transposed(i64::MAX));
    let pool = |kernel: i64, pad: i64| {
        bomb("MaxPool", &[like], &[list("kernel_shape", &[kernel; 2]), list("pads", &[pad; 4])], vec![])
    };
    all.model("a huge pool", "MaxPool", pool(1 << 20, 1 << 20));
    all.model("an empty pool", "MaxPool", pool(0, 0));
    all.model("too many of the largest", "TopK", bomb("TopK", &[like, "size"], &[], sized(&[1 << 40])));
    all.model(
        "blocks of nothing",
        "DepthToSpace",
        bomb("DepthToSpace", &[like], &[attribute("blocksize", &[0], false)], vec![]),
    );
    all.model("a shape that is computed", "only when it is run", |m| {
        m.nodes.push(node("ArgMax", &["numbers"], "places", &[]));
        m.weights.push(floats("numbers", &[1, 4], &[1.0, 2.0, 3.0, 4.0]));
        bomb("Reshape", &[like, "places"], &[], vec![])(m);
    });
    all.model_of(&Role::Encoder, "a table of all pairs", "batch", |m| {
        m.nodes.push(node("Shape", &["image"], "shape", &[]));
        m.nodes.push(node("Gather", &["shape", "twice"], "pair", &[]));
        m.nodes.push(node("ConstantOfShape", &["pair"], "odd", &[]));
        m.weights.push(ints("twice", &[2], &[0, 0]));
    });
    all.model_of(&Role::Encoder, "doubling 40 times", "in one tensor", |m| {
        let name = |index: i32| if index == 0 { "image".to_owned() } else { format!("d{index}") };
        for index in 0..40 {
            let (from, to) = (name(index), name(index + 1));
            m.nodes.push(node("Concat", &[&from, &from], &to, &[attribute("axis", &[2], false)]));
        }
    });
    all.model_of(&Role::Encoder, "many large tensors", "in all tensors", |m| {
        let name = |index: i32| if index == 0 { "wide".to_owned() } else { format!("d{index}") };
        m.weights.push(ints("size", &[1], &[1 << 22]));
        m.nodes.push(node("ConstantOfShape", &["size"], "wide", &[]));
        (0..100).for_each(|index| m.nodes.push(node("Relu", &[&name(index)], &name(index + 1), &[])));
    });
    all.model_of(&Role::Encoder, "hours of work", "multiplications", |m| {
        let name = |index: i32| if index == 0 { "wide".to_owned() } else { format!("d{index}") };
        m.weights.push(ints("size", &[2], &[4096, 4096]));
        m.nodes.push(node("ConstantOfShape", &["size"], "wide", &[]));
        (0..9).for_each(|index| m.nodes.push(node("MatMul", &[&name(index), "wide"], &name(index + 1), &[])));
    });
    all.content("a huge input of another role", &critic_role(), &critic(1 << 40).write(), "in one tensor");
    let mut shapeless = critic(4);
    shapeless.inputs = vec![message().bytes(1, "x").message(2, message().message(1, message().int(1, 1)))];
    all.content("an input of any shape", &critic_role(), &shapeless.write(), "fixed lengths and the batch");
    all.check("bundles: models that would take all memory or time", 40);
}

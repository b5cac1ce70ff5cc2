//! Files that are only looked at.

use std::time::Duration;

use oasis::bundle::Role;

use super::{Bundles, Case, REFUSED, message, odd, setting, toy};
use crate::arguments;
use crate::wire::{Message, Model, attribute, floats, ints, node};

#[test]
fn files_that_are_only_looked_at() {
    let mut all = Bundles::new();
    let toy = |change: &dyn Fn(&mut Model)| {
        let mut model = toy::model(&Role::Encoder);
        change(&mut model);
        model.write()
    };
    all.inspect(
        "an import that nothing uses",
        0,
        &[toy(&|_| ()), message().message(8, message().bytes(1, "x").int(2, 1)).0].concat(),
        "",
    );
    all.inspect("a foreign operator", 0, &toy(&|m| m.nodes.push(odd(|node| node.bytes(7, "com.example")))), "");
    all.inspect("an unknown operator", 0, &toy(&|m| m.nodes.push(node("Convolute", &["image"], "odd", &[]))), "");
    all.inspect(
        "a graph within a node",
        0,
        &toy(&|m| m.nodes.push(setting(|a| a.message(6, message()).int(20, 5)))),
        "",
    );
    all.inspect("a newer format", 0, &toy(&|m| m.ir = 12), "");
    all.inspect("a newer opset", 0, &toy(&|m| m.opset = 99), "");
    all.inspect("an older opset", 0, &toy(&|m| m.opset = 1), "");
    all.inspect("a value from nowhere", 0, &toy(&|m| m.nodes.push(node("Relu", &["none"], "odd", &[]))), "");
    let constant = |size: i64| {
        toy(&move |m| {
            m.nodes.push(node("ConstantOfShape", &["size"], "odd", &[]));
            m.weights.push(ints("size", &[1], &[size]));
        })
    };
    all.inspect("a bomb", 0, &constant(1 << 40), "");
    all.inspect("a bomb beyond counting", 0, &constant(i64::MAX), "");
    all.inspect("a negative bomb", 0, &constant(i64::MIN), "");
    all.inspect(
        "doubling 100 times",
        0,
        &toy(&|m| {
            let name = |index: i32| if index == 0 { "image".to_owned() } else { format!("d{index}") };
            for index in 0..100 {
                let from = name(index);
                m.nodes.push(node("Concat", &[&from, &from], &name(index + 1), &[attribute("axis", &[2], false)]));
            }
        }),
        "",
    );
    // What is made of an input has a shape; what is not told is not followed, and takes no time.
    let axes: Vec<i64> = (0..20_000).collect();
    all.inspect(
        "many times twenty thousand axes",
        0,
        &toy(&|m| {
            let made =
                |index: i32| node("Unsqueeze", &["image"], &format!("u{index}"), &[attribute("axes", &axes, true)]);
            m.nodes.extend((0..50).map(made));
        }),
        "",
    );
    all.inspect(
        "twenty thousand axes more each time",
        0,
        &toy(&|m| {
            let name = |index: i32| if index == 0 { "image".to_owned() } else { format!("u{index}") };
            let made =
                |index: i32| node("Unsqueeze", &[&name(index)], &name(index + 1), &[attribute("axes", &axes, true)]);
            m.nodes.extend((0..50).map(made));
        }),
        "",
    );
    all.inspect(
        "four thousand parts of four thousand axes",
        0,
        &toy(&|m| {
            let parts: Vec<i64> = [256].into_iter().chain(vec![0; 4000]).collect();
            let settings = [attribute("axis", &[-1], false), attribute("split", &parts, true)];
            m.nodes.push(node("Unsqueeze", &["image"], "u", &[attribute("axes", &axes[..4000], true)]));
            m.nodes.push(node("Split", &["u"], "s", &settings));
        }),
        "",
    );
    all.inspect(
        "many times ten thousand parts of an axis, each with its name",
        0,
        &toy(&|m| {
            let names = |index: i32| (0..10_000).map(move |part| format!("s{index}_{part}"));
            let split = |index: i32| {
                message().bytes(1, "image").each(2, names(index), |name| Message(name.into_bytes())).bytes(4, "Split")
            };
            m.nodes.extend((0..8).map(split));
        }),
        "",
    );
    for case in all.cases.iter_mut().rev().take(4) {
        case.work = Duration::from_secs(1);
    }
    all.inspect("nothing but a graph", 0, &message().message(7, message()).0, "");
    all.inspect("a hundred thousand nodes", 0, &toy(&|m| m.nodes = vec![message().bytes(4, "Relu"); 100_000]), "");
    all.cases.last_mut().unwrap().peak = 400;
    all.inspect("a million nodes", 2, &toy(&|m| m.nodes = vec![message(); 1_000_000]), "more than 131072 nodes");
    all.inspect("functions", 2, &[toy(&|_| ()), message().message(25, message()).0].concat(), "functions");
    all.inspect(
        "external data",
        2,
        &toy(&|m| m.weights.push(floats("w", &[1], &[0.0]).int(14, 1))),
        "`w` kept in another file",
    );
    all.inspect("sparse weights", 2, &toy(&|m| m.more.push((15, message()))), "sparse weights");
    all.inspect("a newer format's field", 2, &[toy(&|m| m.ir = 13), message().int(26, 1).0].concat(), "IR version 13");
    all.inspect("no model", 2, b"\x89PNG\r\n\x1a\n", "not a valid ONNX file");
    all.inspect("nothing", 2, b"", "no graph");
    let file = all.scratch.file("hole.onnx", b"");
    std::fs::File::options().write(true).open(&file).unwrap().set_len(1 << 40).unwrap();
    all.cases.push(
        Case::new("a hole of a terabyte", arguments!["inspect", file], 2).says("larger than 1024 MiB").peak(REFUSED),
    );
    all.check("files that are only looked at", 24);
}

//! Graphs that are valid to read and wrong to run: what an engine makes of each is a value or an error.

use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use oasis::ErrorKind;
use oasis::onnx::{DataType, ModelFile};
use oasis::runtime::{Backend, EngineOptions, Tensor, TensorView, engine};

use super::run::run;
use super::wire::{Message, Model, attribute, floats, ints, node, port};

const F32: DataType = DataType::F32;
const I64: DataType = DataType::I64;

/// A graph of one operator on `x`, f32 `[1, 4, 8, 8]`, or on `n`, i64 `[4]`, both of which are zeros when it is run.
fn odd() -> Vec<(String, Vec<u8>)> {
    let list = |name: &str, values: &[i64]| attribute(name, values, true);
    let one = |name: &str, value: i64| attribute(name, &[value], false);
    let f = |values: &[f32]| floats("w", &[values.len() as i64], values);
    let i = |values: &[i64]| ints("w", &[values.len() as i64], values);
    let kernel = |shape: [i64; 4]| floats("w", &shape, &vec![0.5; shape.iter().product::<i64>() as usize]);
    let scalar = |value: i64| ints("w", &[], &[value]);
    let mut graphs = Vec::new();
    let mut add = |op: &str, inputs: &[&str], out: DataType, weights: Vec<Message>, attributes: &[Message]| {
        let x = port("x", F32, &[1, 4, 8, 8]);
        let n = port("n", I64, &[4]);
        let used = [("x", x), ("n", n)].into_iter().filter(|(name, _)| inputs.contains(name)).map(|(_, port)| port);
        let mut model = Model::new(used.collect(), vec![port("y", out, &[1, 4, 8, 8])]);
        model.weights = weights;
        model.nodes = vec![node(op, inputs, "y", attributes)];
        let number = graphs.len();
        graphs.push((format!("{number} {op}"), model.write()));
    };
    for op in ["Div", "Mod"] {
        add(op, &["w", "n"], I64, vec![i(&[7, 7, 7, 7])], &[]);
        add(op, &["n", "w"], I64, vec![i(&[0, 0, 0, 0])], &[]);
    }
    add("Gather", &["x", "w"], F32, vec![i(&[100])], &[one("axis", 1)]);
    add("Gather", &["x", "w"], F32, vec![i(&[-100])], &[one("axis", 1)]);
    add("Gather", &["x", "w"], F32, vec![i(&[0])], &[one("axis", 9)]);
    add("Gather", &["w", "n"], F32, vec![floats("w", &[0], &[])], &[one("axis", 0)]);
    add("GatherElements", &["x", "w"], F32, vec![ints("w", &[1, 1, 1, 1], &[99])], &[one("axis", 1)]);
    add("GatherND", &["x", "w"], F32, vec![ints("w", &[1, 4], &[9, 9, 9, 9])], &[]);
    add(
        "ScatterElements",
        &["x", "w", "v"],
        F32,
        vec![ints("w", &[1, 1, 1, 1], &[99]), floats("v", &[1, 1, 1, 1], &[1.0])],
        &[one("axis", 1)],
    );
    add("ScatterND", &["x", "w", "v"], F32, vec![ints("w", &[1, 4], &[9, 9, 9, 9]), floats("v", &[1], &[1.0])], &[]);
    for shape in [&[3, 3][..], &[-1, -1], &[0, 0], &[-5, 2], &[i64::MAX, i64::MAX], &[]] {
        add("Reshape", &["x", "w"], F32, vec![i(shape)], &[]);
        add("Expand", &["x", "w"], F32, vec![i(shape)], &[]);
    }
    for repeats in [[1, 1, 1, -1], [0, 0, 0, 0], [1, 1, 1, i64::MAX]] {
        add("Tile", &["x", "w"], F32, vec![i(&repeats)], &[]);
    }
    for (starts, ends, axes, steps) in
        [(9, 12, 3, 1), (0, 8, 9, 1), (0, 8, 3, 0), (0, 8, 3, i64::MIN), (i64::MIN, i64::MAX, -9, -1)]
    {
        let weights = [("s", starts), ("e", ends), ("a", axes), ("t", steps)];
        let weights = weights.map(|(name, value)| ints(name, &[1], &[value])).to_vec();
        add("Slice", &["x", "s", "e", "a", "t"], F32, weights, &[]);
    }
    for pads in [[0, 0, -99, 0, 0, 0, 0, 0], [0, 0, i64::MAX, 0, 0, 0, 0, 0], [0, 0, -5, 0, 0, 0, -5, 0]] {
        add("Pad", &["x", "w"], F32, vec![i(&pads)], &[]);
    }
    for (stride, dilation, group, size, pad) in [
        (0, 1, 1, 3, 0),
        (1, 0, 1, 3, 0),
        (1, 1, 0, 3, 0),
        (1, 1, 3, 3, 0),
        (1, 1, 1, 99, 0),
        (-1, 1, 1, 3, 0),
        (1, 1, 1, 3, -9),
        (1, i64::MAX, 1, 3, 0),
        (i64::MAX, 1, 1, 3, 0),
    ] {
        for op in ["Conv", "ConvTranspose"] {
            let attributes = [
                list("kernel_shape", &[size, size]),
                list("strides", &[stride; 2]),
                list("dilations", &[dilation; 2]),
                list("pads", &[pad; 4]),
                one("group", group),
            ];
            add(op, &["x", "w"], F32, vec![kernel([4, 4, size.min(3), size.min(3)])], &attributes);
        }
        let attributes = [list("kernel_shape", &[size, size]), list("strides", &[stride; 2]), list("pads", &[pad; 4])];
        add("MaxPool", &["x"], F32, vec![], &attributes);
        add("AveragePool", &["x"], F32, vec![], &attributes);
    }
    add("Conv", &["x", "w"], F32, vec![kernel([0, 4, 3, 3])], &[]);
    add("Conv", &["x", "w"], F32, vec![kernel([4, 4, 0, 0])], &[]);
    add("Conv", &["x", "w"], F32, vec![f(&[1.0])], &[]);
    for size in [0, -1, 3, i64::MAX] {
        add("DepthToSpace", &["x"], F32, vec![], &[one("blocksize", size)]);
        add("SpaceToDepth", &["x"], F32, vec![], &[one("blocksize", size)]);
    }
    for perm in [&[0, 1][..], &[0, 0, 0, 0], &[9, 8, 7, 6], &[-1, 0, 1, 2]] {
        add("Transpose", &["x"], F32, vec![], &[list("perm", perm)]);
    }
    for axis in [9, -9, i64::MAX, i64::MIN] {
        for op in ["Softmax", "LogSoftmax", "ArgMin", "ArgMax", "Flatten", "Concat", "Split"] {
            let out = if op.starts_with("Arg") { I64 } else { F32 };
            add(op, &["x"], out, vec![], &[one("axis", axis)]);
        }
        for op in ["ReduceSum", "ReduceMean", "ReduceMax", "Squeeze", "Unsqueeze"] {
            add(op, &["x", "w"], F32, vec![i(&[axis])], &[]);
        }
        add("CumSum", &["x", "w"], F32, vec![scalar(axis)], &[]);
        add("Cast", &["x"], F32, vec![], &[one("to", axis)]);
    }
    add("Concat", &["x", "w"], F32, vec![kernel([2, 3, 8, 8])], &[one("axis", 0)]);
    add("Split", &["x", "w"], F32, vec![i(&[9, -5])], &[one("axis", 1)]);
    add("MatMul", &["x", "w"], F32, vec![kernel([1, 1, 3, 3])], &[]);
    add("Gemm", &["x", "w"], F32, vec![kernel([1, 1, 3, 3])], &[]);
    add("Add", &["x", "w"], F32, vec![kernel([1, 4, 7, 8])], &[]);
    add("Add", &["x", "n"], F32, vec![], &[]);
    add("Where", &["x", "x", "x"], F32, vec![], &[]);
    for (low, high) in [(1.0, -1.0), (f32::NAN, 1.0), (0.0, f32::NAN)] {
        add("Clip", &["x", "l", "h"], F32, vec![floats("l", &[], &[low]), floats("h", &[], &[high])], &[]);
    }
    add("OneHot", &["n", "w", "v"], F32, vec![scalar(-3), floats("v", &[2], &[0.0, 1.0])], &[]);
    add("OneHot", &["n", "w", "v"], F32, vec![scalar(0), floats("v", &[2], &[0.0, 1.0])], &[]);
    for delta in [0, -1] {
        let weights = vec![ints("s", &[], &[0]), ints("e", &[], &[8]), ints("d", &[], &[delta])];
        add("Range", &["s", "e", "d"], I64, weights, &[]);
    }
    for k in [99, -1, 0] {
        add("TopK", &["x", "w"], F32, vec![i(&[k])], &[]);
    }
    add("BatchNormalization", &["x", "w", "w", "w", "w"], F32, vec![f(&[1.0])], &[]);
    add("LayerNormalization", &["x", "w"], F32, vec![f(&[1.0])], &[one("axis", 9)]);
    add("InstanceNormalization", &["x", "w", "w"], F32, vec![f(&[1.0])], &[]);
    add("Resize", &["x", "", "w"], F32, vec![f(&[1.0, 1.0, 0.0, -1.0])], &[]);
    add("ConstantOfShape", &["w"], F32, vec![i(&[-1, 4])], &[]);
    add("Einsum", &["x", "x"], F32, vec![], &[]);
    add("Identity", &[], F32, vec![], &[]);
    add("Upsample", &["x", "w"], F32, vec![f(&[1.0, 1.0, 1e9, 1e9])], &[]);
    add("Trilu", &["x", "w"], F32, vec![scalar(i64::MIN)], &[]);
    add("EyeLike", &["n"], F32, vec![], &[]);
    add("Pow", &["n", "w"], I64, vec![i(&[-1, -2, i64::MIN, i64::MAX])], &[]);
    add("BitShift", &["n", "w"], I64, vec![i(&[64, 100, -1, i64::MAX])], &[]);
    add("Sub", &["w", "v"], I64, vec![i(&[i64::MIN]), ints("v", &[1], &[i64::MAX])], &[]);
    add("Div", &["w", "v"], I64, vec![i(&[i64::MIN]), ints("v", &[1], &[-1])], &[]);
    add("Abs", &["w"], I64, vec![i(&[i64::MIN])], &[]);
    add("Identity", &["nowhere"], F32, vec![], &[]);
    graphs
}

/// What an engine makes of a graph: `values`, or an error's kind and words.
fn outcome(backend: Backend, options: &EngineOptions, bytes: &[u8]) -> Result<(), (ErrorKind, String)> {
    let ran = || -> oasis::Result<()> {
        let file = ModelFile::read("odd.onnx", bytes.to_vec())?;
        let session = engine(backend, options)?.load(&file)?;
        let inputs = &file.model().graph.inputs;
        let shape =
            |port: &oasis::onnx::Port| port.dims().iter().map(|dim| dim.fixed().unwrap_or(1)).collect::<Vec<_>>();
        let zeros: Vec<_> = inputs.iter().map(|port| Tensor::zeros(port.dtype, &shape(port)).unwrap()).collect();
        let named: Vec<(&str, TensorView<'_>)> =
            inputs.iter().zip(&zeros).map(|(port, tensor)| (port.name.as_str(), tensor.view())).collect();
        session.run(&named).map(drop)
    };
    ran().map_err(|error| (error.kind(), error.message()))
}

/// Runs one odd graph on one engine; a part of the tests below, which say which.
#[test]
#[ignore = "a part of other tests"]
fn one_odd_graph() {
    let number: usize = std::env::var("OASIS_ODD").unwrap().parse().unwrap();
    let backend = std::env::var("OASIS_ODD_BACKEND").unwrap().parse().unwrap();
    let (name, bytes) = &odd()[number];
    println!();
    for threads in [1, 2] {
        match outcome(backend, &EngineOptions::default().threads(threads), bytes) {
            Ok(()) => println!("odd: {name}: values"),
            Err((kind, text)) => println!("odd: {name}: {kind:?}: {text}"),
        }
    }
}

/// Runs every odd graph on an engine, each in a process of its own with little memory; gives what was said of each, and
/// those that ended in another way than by a value or an error of the right kind.
fn outcomes(backend: &str) -> (Vec<String>, Vec<String>) {
    let graphs = odd();
    let next = AtomicUsize::new(0);
    let (said, wrong) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    let Some((name, _)) = graphs.get(number) else { break };
                    let mut child = Command::new(std::env::current_exe().unwrap());
                    child.args(["--exact", "odd::one_odd_graph", "--ignored", "--nocapture", "--test-threads", "1"]);
                    child.env("OASIS_ODD", number.to_string()).env("OASIS_ODD_BACKEND", backend);
                    let ran = run(&mut child);
                    let lines: Vec<_> = ran.stdout.lines().filter_map(|line| line.strip_prefix("odd: ")).collect();
                    let right =
                        |line: &&str| [": values", ": Model: ", ": Runtime: "].iter().any(|end| line.contains(end));
                    let printed = ran.stderr.contains("panicked at");
                    // The smallest integer divided by -1 is a fault of the processor there: `--isolate` is for such.
                    let known = backend == "ort" && name.ends_with(" Div") && ran.signal == Some(libc::SIGFPE);
                    if known {
                        continue;
                    }
                    if ran.code != Some(0) || lines.len() != 2 || !lines.iter().all(right) || printed || ran.peak > 1024
                    {
                        wrong.lock().unwrap().push(format!("{name}: {ran:?}"));
                    }
                    said.lock().unwrap().extend(lines.into_iter().map(str::to_owned));
                }
            });
        }
    });
    let (said, wrong) = (said.into_inner().unwrap(), wrong.into_inner().unwrap());
    println!("odd graphs on {backend}: {} tries, {} as they must be", graphs.len(), graphs.len() - wrong.len());
    (said, wrong)
}

#[test]
fn odd_graphs_are_values_or_errors_on_tract() {
    let (said, wrong) = outcomes("tract");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let panics =
        |step: &str| said.iter().filter(|line| line.contains(step) && line.contains("tract panicked: ")).count();
    let (loading, running) = (panics("cannot load"), panics("failed on"));
    println!("panics of tract: {loading} while loading, {running} while running");
    assert!(loading > 0 && running > 0, "no panic is among them: the guard is not tried");
}

#[test]
fn odd_graphs_are_values_or_errors_on_onnx_runtime() {
    if std::env::var_os("ORT_DYLIB_PATH").is_none() {
        assert!(std::env::var_os("OASIS_REQUIRE_ORT").is_none(), "ORT_DYLIB_PATH names no library");
        eprintln!("SKIPPED: needs ORT_DYLIB_PATH");
        return;
    }
    let (_, wrong) = outcomes("ort");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

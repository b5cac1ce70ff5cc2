//! What the reader accepts, the writer writes back as it was; what a bundle may hold, engines load or refuse.

use bytes::Bytes;
use oasis::bundle::{Role, read_model};
use oasis::onnx::{Attribute, DataType, Dim, Graph, Model, ModelFile, Node, Port, Tensor};
use oasis::runtime::{Backend, EngineOptions, engine};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// One change of a file's bytes.
#[derive(Debug, Clone)]
enum Change {
    Flip(u8),
    Insert(Vec<u8>),
    Remove(usize),
    /// Repeats so many bytes.
    Repeat(usize),
    /// Copies so many bytes from another place.
    Copy(usize, Index),
    Cut,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (1_u8..).prop_map(Change::Flip),
        2 => vec(any::<u8>(), 1..6).prop_map(Change::Insert),
        1 => (1_usize..9).prop_map(Change::Remove),
        2 => (1_usize..200).prop_map(Change::Repeat),
        1 => (1_usize..200, any::<Index>()).prop_map(|(length, from)| Change::Copy(length, from)),
        1 => Just(Change::Cut),
    ]
}

/// Most changes are made where nodes lie, at the start, or where metadata do, at the end.
fn changed(bytes: &[u8], changes: &[(Index, bool, Change)]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (place, at_end, change) in changes {
        let reach = bytes.len().clamp(1, 12_000);
        let at = if *at_end { bytes.len().saturating_sub(1 + place.index(reach)) } else { place.index(reach) };
        let end = |length: usize| (at + length).min(bytes.len());
        match change {
            Change::Flip(bits) => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= bits;
                }
            }
            Change::Insert(more) => drop(bytes.splice(at..at, more.iter().copied())),
            Change::Remove(length) => drop(bytes.drain(at..end(*length))),
            Change::Repeat(length) => {
                let part = bytes[at..end(*length)].to_vec();
                bytes.splice(at..at, part);
            }
            Change::Copy(length, from) => {
                let from = from.index(reach).min(bytes.len());
                let part = bytes[from..(from + length).min(bytes.len())].to_vec();
                bytes.splice(at..at, part);
            }
            Change::Cut => bytes.truncate(at),
        }
    }
    bytes
}

fn shipped(role: &Role) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("onnx");
    std::fs::read(folder.join(role.file_name())).unwrap()
}

fn roles() -> Vec<Role> {
    Role::FIXED.into_iter().chain(Role::STEPS).collect()
}

/// Checks that a file that is read at all is written and read again as it is; gives the file that an engine would get.
fn read(role: &Role, bytes: Vec<u8>) -> Option<ModelFile> {
    let bytes = Bytes::from(bytes);
    let model = Model::read(&bytes).ok()?;
    let written = Bytes::from(model.write());
    let again = Model::read(&written).expect("what was written is read");
    assert_eq!(again.write(), written);
    // A number that is none is not equal to itself.
    if model == model.clone() {
        assert!(again == model);
    }
    let file = read_model(role, "changed.onnx", bytes).ok()?;
    let given = Model::read(file.bytes()).expect("what an engine is given is read");
    assert_eq!(given.write(), *file.bytes());
    Some(file)
}

/// Loads a file on an engine, which may refuse it.
fn load(backend: Backend, file: &ModelFile) -> bool {
    let engine = engine(backend, &EngineOptions::default().threads(1)).unwrap();
    match engine.load(file) {
        Ok(_) => true,
        Err(error) => {
            assert!(!error.why().is_empty() && error.subject().to_string() == "changed.onnx", "{error}");
            false
        }
    }
}

fn cases(backend: Option<Backend>, count: u32) {
    let originals: Vec<_> = roles().into_iter().map(|role| (shipped(&role), role)).collect();
    let (mut read_all, mut accepted, mut loaded) = (0, 0, 0);
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: count, ..ProptestConfig::default() });
    let counts = std::cell::RefCell::new((&mut read_all, &mut accepted, &mut loaded));
    let inputs = (select(originals), vec((any::<Index>(), prop::bool::weighted(0.2), change()), 1..4));
    runner
        .run(&inputs, |((bytes, role), changes)| {
            let mut counts = counts.borrow_mut();
            *counts.0 += 1;
            if let Some(file) = read(&role, changed(&bytes, &changes)) {
                *counts.1 += 1;
                *counts.2 += usize::from(backend.is_some_and(|backend| load(backend, &file)));
            }
            Ok(())
        })
        .unwrap();
    println!("{count} files: {read_all} tried, {accepted} that a bundle may hold, {loaded} loaded by {backend:?}");
}

#[test]
fn changed_files_are_written_as_they_are_read_and_tract_loads_or_refuses_them() {
    cases(None, 2000);
    cases(Some(Backend::Tract), 120);
}

#[test]
#[ignore = "a part of the next test: a process loads one ONNX Runtime"]
fn ort_loads_or_refuses() {
    cases(Some(Backend::Ort), 300);
}

#[cfg(feature = "ort")]
#[test]
fn ort_loads_or_refuses_changed_files_where_a_library_is_named() {
    if std::env::var_os("ORT_DYLIB_PATH").is_none() {
        return;
    }
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    let output =
        command.args(["--exact", "reader::ort_loads_or_refuses", "--ignored", "--nocapture"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

fn text() -> impl Strategy<Value = String> {
    "[a-z\u{e9}\u{1F600}/.0-9]{0,6}"
}

fn tensor() -> impl Strategy<Value = Tensor> {
    let types = select(vec![DataType::F32, DataType::I64, DataType::U8, DataType::F16, DataType::Bool, DataType::I4]);
    (types, vec(0_usize..4, 0..4)).prop_flat_map(|(dtype, dims)| {
        let bytes = dtype.bits() * dims.iter().product::<usize>();
        let byte = if dtype == DataType::Bool { 0..=1_u8 } else { 0..=255 };
        vec(byte, bytes.div_ceil(8)).prop_map(move |data| Tensor { dtype, dims: dims.clone(), data: data.into() })
    })
}

fn attribute(graph: impl Strategy<Value = Graph> + Clone + 'static) -> impl Strategy<Value = Attribute> {
    let float = || prop::num::f32::NORMAL | prop::num::f32::ZERO | prop::num::f32::INFINITE;
    prop_oneof![
        any::<i64>().prop_map(Attribute::Int),
        vec(any::<i64>(), 0..5).prop_map(Attribute::Ints),
        float().prop_map(Attribute::Float),
        vec(float(), 0..5).prop_map(Attribute::Floats),
        text().prop_map(Attribute::Text),
        vec(text(), 0..3).prop_map(Attribute::Texts),
        tensor().prop_map(Attribute::Tensor),
        vec(tensor(), 0..3).prop_map(Attribute::Tensors),
        graph.clone().prop_map(|graph| Attribute::Graph(Box::new(graph))),
        vec(graph, 0..2).prop_map(Attribute::Graphs),
    ]
}

fn ports(kind: &'static str) -> impl Strategy<Value = Vec<Port>> {
    let dim = prop_oneof![(0_usize..1 << 40).prop_map(Dim::Fixed), text().prop_map(Dim::Symbol), Just(Dim::Unknown)];
    let types = (0_i64..=22).prop_map(|number| DataType::from_number(number).unwrap());
    vec((types, vec(dim, 0..4)), 0..3).prop_map(move |ports| {
        let port = |(index, (dtype, dims))| Port::new(format!("{kind}{index}"), dtype, dims);
        ports.into_iter().enumerate().map(port).collect()
    })
}

/// A graph, in whose attributes graphs lie so many deep.
fn graph(depth: usize) -> BoxedStrategy<Graph> {
    let inner = if depth == 0 { Just(Graph::default()).boxed() } else { graph(depth - 1) };
    let attributes = vec(attribute(inner), 0..4).prop_map(|values| {
        values.into_iter().enumerate().map(|(index, value)| (format!("a{index}").into(), value)).collect()
    });
    let node = (text(), text(), text(), vec(text(), 0..4), vec(text(), 0..3), attributes).prop_map(
        |(name, op, domain, inputs, outputs, attributes)| Node {
            name,
            op: op.into(),
            domain,
            inputs,
            outputs,
            attributes,
        },
    );
    let stored = vec(tensor(), 0..3)
        .prop_map(|all| all.into_iter().enumerate().map(|(index, tensor)| (format!("w{index}"), tensor)).collect());
    (text(), vec(node, 0..3), stored, ports("x"), ports("y"))
        .prop_map(|(name, nodes, initializers, inputs, outputs)| Graph { name, nodes, initializers, inputs, outputs })
        .boxed()
}

fn model() -> impl Strategy<Value = Model> {
    let texts = (text(), text(), text());
    let pairs = vec((text(), any::<i64>()), 0..3);
    (any::<i64>(), texts, pairs, vec(text(), 0..3), graph(2)).prop_map(
        |(ir_version, (producer, producer_version, doc), opsets, metadata, graph)| Model {
            ir_version,
            producer,
            producer_version,
            doc,
            opsets: opsets.into_iter().enumerate().map(|(index, (name, n))| (format!("{index}{name}"), n)).collect(),
            metadata: metadata.into_iter().enumerate().map(|(index, text)| (format!("k{index}"), text)).collect(),
            graph,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn models_of_any_content_are_written_and_read(model in model()) {
        let bytes = Bytes::from(model.write());
        let read = Model::read(&bytes).unwrap();
        prop_assert_eq!(read.write(), bytes.as_ref());
        prop_assert_eq!(read, model);
    }
}

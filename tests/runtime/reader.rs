//! What the reader accepts, the writer writes back as it was; what a bundle may hold, engines load or refuse.

use bytes::Bytes;
use oasis::bundle::{Role, read_model};
use oasis::onnx::{Attribute, DataType, Model, ModelFile, Tensor};
use oasis::runtime::{Backend, EngineOptions, engine};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;

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

/// So many cases, the same in every run; none is kept in a file.
fn settings(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() }
}

fn cases(backend: Option<Backend>, count: u32) {
    let originals: Vec<_> = roles().into_iter().map(|role| (shipped(&role), role)).collect();
    let mut runner = proptest::test_runner::TestRunner::new(settings(count));
    let counts = std::cell::RefCell::new((0, 0));
    let inputs = (select(originals), vec((any::<Index>(), prop::bool::weighted(0.2), change()), 1..4));
    runner
        .run(&inputs, |((bytes, role), changes)| {
            if let Some(file) = read(&role, changed(&bytes, &changes)) {
                let mut counts = counts.borrow_mut();
                counts.0 += 1;
                counts.1 += usize::from(backend.is_some_and(|backend| load(backend, &file)));
            }
            Ok(())
        })
        .unwrap();
    let (accepted, loaded) = counts.into_inner();
    println!("{count} files: {accepted} that a bundle may hold, {loaded} loaded by {backend:?}");
}

/// One change of what a model says.
#[derive(Debug, Clone)]
enum Edit {
    /// Another integer in an attribute or a small stored tensor.
    Number(Index, i64),
    /// Another operator.
    Operator(Index, &'static str),
    /// Another value for a node to read.
    Input(Index, Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let numbers = [-2, -1, 0, 1, 2, 3, 4, 5, 7, 8, 31, 32, 64, 100, 1000, 1 << 20, 1 << 40, i64::MAX, i64::MIN];
    let operators = ["Relu", "Add", "MatMul", "Reshape", "Transpose", "Concat", "Softmax", "ArgMax", "Tile", "Expand"];
    prop_oneof![
        4 => (any::<Index>(), select(numbers.to_vec())).prop_map(|(place, number)| Edit::Number(place, number)),
        1 => (any::<Index>(), select(operators.to_vec())).prop_map(|(place, name)| Edit::Operator(place, name)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(node, from)| Edit::Input(node, from)),
    ]
}

fn edited(model: &mut Model, edit: &Edit) {
    let graph = &mut model.graph;
    match edit {
        Edit::Operator(place, name) => place.get_mut(&mut graph.nodes).op = (*name).into(),
        Edit::Input(place, from) => {
            let made: Vec<_> = graph.nodes.iter().flat_map(|node| node.outputs.iter().cloned()).collect();
            let made = from.get(&made).clone();
            if let Some(input) = place.get_mut(&mut graph.nodes).inputs.first_mut() {
                *input = made;
            }
        }
        Edit::Number(place, number) => {
            let small = |tensor: &Tensor| tensor.dtype == DataType::I64 && tensor.data.len() <= 64;
            let stored: Vec<_> = graph.initializers.iter_mut().filter(|(_, tensor)| small(tensor)).collect();
            let attributes =
                graph.nodes.iter_mut().flat_map(|node| &mut node.attributes).flat_map(|(_, value)| match value {
                    Attribute::Int(one) => std::slice::from_mut(one),
                    Attribute::Ints(list) => list.as_mut_slice(),
                    _ => &mut [],
                });
            let mut attributes: Vec<_> = attributes.collect();
            let elements: usize = stored.iter().map(|(_, tensor)| tensor.data.len() / 8).sum();
            if attributes.len() + elements == 0 {
                return;
            }
            let mut at = place.index(attributes.len() + elements);
            if let Some(attribute) = attributes.get_mut(at) {
                **attribute = *number;
                return;
            }
            at -= attributes.len();
            for (_, tensor) in stored {
                let count = tensor.data.len() / 8;
                if at < count {
                    let mut data = tensor.data.to_vec();
                    data[8 * at..8 * at + 8].copy_from_slice(&number.to_le_bytes());
                    tensor.data = data.into();
                    return;
                }
                at -= count;
            }
        }
    }
}

/// Loads models that say something else than what was exported, where a bundle may hold them.
fn edits(backend: Backend, count: u32) {
    let originals: Vec<_> =
        roles().into_iter().map(|role| (Model::read(&shipped(&role).into()).unwrap(), role)).collect();
    let counts = std::cell::RefCell::new((0, 0));
    let mut runner = proptest::test_runner::TestRunner::new(settings(count));
    let choices = (any::<Index>(), vec(edit(), 1..3));
    runner
        .run(&choices, |(which, edits)| {
            let (mut model, role) = which.get(&originals).clone();
            edits.iter().for_each(|edit| edited(&mut model, edit));
            if let Some(file) = read(&role, model.write()) {
                let mut counts = counts.borrow_mut();
                counts.0 += 1;
                counts.1 += usize::from(load(backend, &file));
            }
            Ok(())
        })
        .unwrap();
    let (accepted, loaded) = counts.into_inner();
    println!("{count} models: {accepted} that a bundle may hold, {loaded} loaded by {backend}");
}

#[test]
fn changed_files_are_written_as_they_are_read_and_tract_loads_or_refuses_them() {
    cases(None, 2000);
    cases(Some(Backend::Tract), 120);
    edits(Backend::Tract, 200);
}

#[test]
#[ignore = "a part of the next test: a process loads one ONNX Runtime"]
fn ort_loads_or_refuses() {
    cases(Some(Backend::Ort), 300);
    edits(Backend::Ort, 300);
}

#[cfg(feature = "ort")]
#[test]
fn ort_loads_or_refuses_changed_files_where_a_library_is_named() {
    if super::skips::library().is_none() {
        return;
    }
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    let output =
        command.args(["--exact", "reader::ort_loads_or_refuses", "--ignored", "--nocapture"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

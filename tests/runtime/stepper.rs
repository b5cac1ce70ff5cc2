//! Models with state, run step by step.

use ndarray::{Array2, ArrayD, arr2};
use oasis::bundle::{Role, read_model};
use oasis::onnx::{Attribute, DataType, Dim, Graph, Model, ModelFile, Node, Port, State};
use oasis::runtime::{Backend, Engine, EngineOptions, Session, Stepper, Tensor, TensorView, TensorViewMut, engine};
use oasis::{ErrorKind, Result, Subject};

fn symbol(name: &str) -> Dim {
    Dim::Symbol(name.to_owned())
}

fn node(op: &'static str, inputs: &[&str], output: &str, axis: Option<i64>) -> Node {
    let attributes = axis.map(|axis| ("axis".into(), Attribute::Int(axis)));
    Node {
        name: output.to_owned(),
        op: op.into(),
        inputs: inputs.iter().map(|name| (*name).to_owned()).collect(),
        outputs: vec![output.to_owned()],
        attributes: attributes.into_iter().collect(),
        ..Node::default()
    }
}

/// `x` `[batch, 1]` behind all that came before it, and the sum of `x` so far.
fn model(states: &[State]) -> Model {
    let pair = |name: &str, length: Dim| Port::new(name, DataType::F32, [symbol("batch"), length]);
    let graph = Graph {
        name: "steps".to_owned(),
        inputs: vec![pair("x", Dim::Fixed(1)), pair("seen", symbol("past")), pair("total", Dim::Fixed(1))],
        outputs: vec![pair("next_seen", symbol("past+1")), pair("sum", Dim::Fixed(1)), pair("next", Dim::Fixed(1))],
        nodes: vec![
            node("Concat", &["seen", "x"], "next_seen", Some(1)),
            node("Add", &["x", "total"], "next", None),
            node("Identity", &["next"], "sum", None),
        ],
        ..Graph::default()
    };
    let metadata = states.iter().flat_map(State::metadata).collect();
    Model { ir_version: 8, opsets: vec![(String::new(), 18)], metadata, graph, ..Model::default() }
}

fn seen(length: usize) -> State {
    State::new("seen", "next_seen", [symbol("batch"), Dim::Fixed(length)]).grows(1)
}

fn total() -> State {
    State::new("total", "next", [symbol("batch"), Dim::Fixed(1)])
}

fn file(states: &[State]) -> ModelFile {
    ModelFile::from_model("steps.onnx", model(states)).unwrap()
}

/// A session that only runs the model, in Rust.
struct Plain;

impl Session for Plain {
    fn run(&self, inputs: &[(&str, TensorView<'_>)]) -> Result<Vec<(String, Tensor)>> {
        let input = |name: &str| match inputs.iter().find(|(input, _)| *input == name) {
            Some((_, TensorView::F32(values))) => values.view().into_dimensionality::<ndarray::Ix2>().unwrap(),
            _ => panic!("no {name}"),
        };
        let all = ndarray::concatenate(ndarray::Axis(1), &[input("seen"), input("x")]).unwrap();
        let sum = &input("x") + &input("total");
        let named = [("next_seen", all), ("sum", sum.clone()), ("next", sum)];
        Ok(named.map(|(name, values)| (name.to_owned(), Tensor::F32(values.into_dyn()))).into())
    }
}

/// What a stepper gives and keeps, whatever runs it.
fn counts(mut stepper: Stepper) {
    for batch in [1, 3, 2] {
        for number in 1..=6 {
            let x = Array2::<f32>::from_elem((batch, 1), number as f32);
            let expected = Array2::from_elem((batch, 1), (number * (number + 1) / 2) as f32);
            if number % 2 == 0 {
                let mut sum = Array2::<f32>::zeros((batch, 1));
                let buffers = &mut [("sum", TensorViewMut::floats(&mut sum))];
                stepper.step_into(&[("x", TensorView::floats(&x))], buffers).unwrap();
                assert_eq!(sum, expected);
            } else {
                let outputs = stepper.step(&[("x", TensorView::floats(&x))]).unwrap();
                assert_eq!(outputs, [("sum".to_owned(), Tensor::F32(expected.into_dyn()))]);
            }
            let Some(TensorView::F32(seen)) = stepper.state("seen") else { panic!("a state") };
            assert_eq!(seen, ArrayD::from_shape_fn(vec![batch, number as usize], |at| (at[1] + 1) as f32));
        }
        stepper.reset();
        assert!(stepper.state("seen").is_none());
    }
}

/// Everything that holds for every engine.
pub fn check(engine: &dyn Engine) {
    let file = file(&[seen(0), total()]);
    counts(Stepper::load(engine, &file).unwrap());

    // The same without a word in the file.
    let bare = ModelFile::from_model("bare.onnx", model(&[])).unwrap();
    assert!(bare.states().unwrap().is_empty());
    counts(Stepper::load(engine, &bare.with_states(vec![seen(0), total()])).unwrap());

    // A state that is set goes on from there.
    let mut stepper = Stepper::load(engine, &file).unwrap();
    stepper.set_state("seen", Tensor::F32(arr2(&[[7.0_f32, 8.0]]).into_dyn())).unwrap();
    let x = arr2(&[[9.0_f32]]);
    stepper.step(&[("x", TensorView::floats(&x))]).unwrap();
    let Some(TensorView::F32(now)) = stepper.state("seen") else { panic!("a state") };
    assert_eq!(now, arr2(&[[7.0, 8.0, 9.0]]).into_dyn());

    // A model that lengthens a state of which its file does not say that it grows.
    let stays = State::new("seen", "next_seen", [symbol("batch"), Dim::Fixed(2)]);
    let wrong = ModelFile::from_model("wrong.onnx", model(&[stays, total()])).unwrap();
    let mut stepper = Stepper::load(engine, &wrong).unwrap();
    let error = stepper.step(&[("x", TensorView::floats(&x))]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Model | ErrorKind::Runtime), "{error}");
}

#[test]
fn tract_keeps_states() {
    for threads in [1, 2] {
        check(engine(Backend::Tract, &EngineOptions::default().threads(threads)).unwrap().as_ref());
    }
}

#[test]
fn an_engine_that_only_runs_models_keeps_states() {
    let session: Box<dyn Session> = Box::new(Plain);
    counts(Stepper::new(session, &file(&[seen(0), total()])).unwrap());
    let mut stepper = Stepper::new(Box::new(Plain) as Box<dyn Session>, &file(&[seen(0), total()])).unwrap();
    let x = arr2(&[[1.0_f32]]);
    let mut none = arr2(&[[0.0_f32]]);
    let buffers = &mut [("mean", TensorViewMut::floats(&mut none))];
    let error = stepper.step_into(&[("x", TensorView::floats(&x))], buffers).unwrap_err();
    assert_eq!((error.kind(), error.why()), (ErrorKind::Model, "expected one of next_seen, sum, next"));
    let stays = State::new("seen", "next_seen", [symbol("batch"), Dim::Fixed(2)]);
    let mut stepper = Stepper::new(Box::new(Plain) as Box<dyn Session>, &file(&[stays, total()])).unwrap();
    let error = stepper.step(&[("x", TensorView::floats(&x))]).unwrap_err();
    let why = "found [1, 3] in steps.onnx, expected [1, 2] as before the step";
    assert_eq!((error.kind(), error.subject(), error.why()), (ErrorKind::Model, &Subject::tensor("next_seen"), why));
}

#[test]
fn sizes_that_no_machine_has_are_refused_before_the_first_step() {
    let tract = engine(Backend::Tract, &EngineOptions::default()).unwrap();
    let x = arr2(&[[1.0_f32]]);
    for length in [1 << 29, usize::MAX] {
        let mut stepper = Stepper::load(tract.as_ref(), &file(&[seen(length), total()])).unwrap();
        let error = stepper.step(&[("x", TensorView::floats(&x))]).unwrap_err();
        assert_eq!((error.kind(), error.subject()), (ErrorKind::Model, &Subject::tensor("seen")));
        assert!(error.why().ends_with("expected at most 1073741824 bytes"), "{error}");
    }
    let free = State::new("seen", "next_seen", [symbol("batch"), symbol("past")]).grows(1);
    let mut stepper = Stepper::load(tract.as_ref(), &file(&[free, total()])).unwrap();
    let error = stepper.step(&[("x", TensorView::floats(&x))]).unwrap_err();
    assert_eq!(
        (error.why(), error.hints()[0].as_str()),
        ("no input has its size `past`", "set its value with `set_state`")
    );
    stepper.set_state("seen", Tensor::F32(ArrayD::zeros(vec![1, 0]))).unwrap();
    stepper.step(&[("x", TensorView::floats(&x))]).unwrap();
}

/// The shape of a step of a prior, with these properties in its metadata.
fn step_of_a_prior(metadata: &[(&str, &str)]) -> Result<ModelFile> {
    let port = |name: &str, dtype, rest: &[usize]| {
        let rest = rest.iter().map(|size| Dim::Fixed(*size));
        Port::new(name, dtype, [symbol("batch")].into_iter().chain(rest).collect::<Vec<_>>())
    };
    let state = [2, 4, 3];
    let graph = Graph {
        name: "step".to_owned(),
        inputs: vec![
            port("code", DataType::I64, &[]),
            port("mirrored", DataType::I64, &[5]),
            port("context", DataType::F32, &[8]),
            port("left", DataType::F32, &state),
        ],
        outputs: vec![port("logits", DataType::F32, &[8]), port("next", DataType::F32, &state)],
        nodes: vec![node("Identity", &["context"], "logits", None), node("Identity", &["left"], "next", None)],
        ..Graph::default()
    };
    let metadata = metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let model = Model { ir_version: 8, opsets: vec![(String::new(), 18)], metadata, graph, ..Model::default() };
    read_model(&Role::PriorStepCode, "step.onnx", model.write())
}

#[test]
fn a_role_tells_of_its_states_where_the_file_does_not() {
    let dims = vec![symbol("batch"), Dim::Fixed(2), Dim::Fixed(4), Dim::Fixed(3)];
    let expected = [State::new("left", "next", dims)];
    assert_eq!(step_of_a_prior(&[]).unwrap().states().unwrap(), expected);
    let told = [("oasis.state.left.output", "next"), ("oasis.state.left.start", "batch,2,4,3")];
    assert_eq!(step_of_a_prior(&told).unwrap().states().unwrap(), expected);
    let others = [
        vec![("oasis.state.left.output", "next"), ("oasis.state.left.start", "7,2,4,3")],
        vec![("oasis.state.left.output", "next"), ("oasis.state.left.grows", "0")],
        vec![("oasis.state.context.output", "logits")],
    ];
    for metadata in others {
        let error = step_of_a_prior(&metadata).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Model);
        assert!(error.why().ends_with("expected next to left, of zeros and of one shape"), "{error}");
    }
    let error = step_of_a_prior(&[("oasis.state.left.output", "none")]).unwrap_err();
    assert!(error.why().starts_with("found no output `none`"), "{error}");
}

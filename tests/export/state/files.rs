//! What a file says of its state, and what a stepper makes of that alone.

use burn::tensor::{Device, Tensor};
use oasis::ErrorKind;
use oasis::export::{Exported, Exporter};
use oasis::onnx::ModelFile;
use oasis::runtime::{Stepper, Tensor as Value, TensorView};

use super::zeros;
use crate::common::{Nothing, engines};

pub fn trials() -> Vec<libtest_mimic::Trial> {
    crate::trials![a_file_alone_tells_what_to_do, steppers_share_a_session, a_step_that_fails_loses_the_state]
}

/// The sum of all inputs so far, and the inputs themselves.
fn sums() -> Exported {
    Exporter::new()
        .name("state_sums")
        .input("x")
        .output("sum")
        .dynamic_axis("x", 0, "batch")
        .dynamic_axis("total", 0, "batch")
        .dynamic_axis("all", 0, "batch")
        .dynamic_axis("all", 1, "length")
        .state("sums", (zeros([1, 2]), zeros([1, 0, 2])))
        .named([("total", "next_total"), ("all", "next_all")])
        .export(&Nothing, zeros([1, 2]), |_, x, (total, all): (Tensor<2>, Tensor<3>)| {
            let total = total + x.clone();
            (total.clone(), (total, Tensor::cat(vec![all, x.unsqueeze_dim::<3>(1)], 1)))
        })
        .unwrap()
}

fn written() -> ModelFile {
    ModelFile::read("sums.onnx", sums().into_bytes()).unwrap()
}

/// Sums of a step on rows of one value each.
fn step(stepper: &mut Stepper, values: &[f32]) -> Vec<f32> {
    let x = ndarray::Array2::from_shape_fn((values.len(), 2), |(row, _)| values[row]);
    let outputs = stepper.step(&[("x", TensorView::floats(&x))]).unwrap_or_else(|why| panic!("{why}"));
    let [(name, Value::F32(sums))] = &outputs[..] else { panic!("{outputs:?}") };
    assert_eq!((name.as_str(), sums.shape()), ("sum", &[values.len(), 2][..]));
    sums.iter().step_by(2).copied().collect()
}

fn a_file_alone_tells_what_to_do() {
    let file = written();
    let metadata: Vec<_> = file.model().metadata.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let expected = [
        ("oasis.state.total.output", "next_total"),
        ("oasis.state.total.start", "batch,2"),
        ("oasis.state.all.output", "next_all"),
        ("oasis.state.all.start", "batch,0,2"),
        ("oasis.state.all.grows", "1"),
    ];
    let told: Vec<_> = metadata.iter().filter(|(key, _)| key.starts_with("oasis.state.")).copied().collect();
    assert_eq!(told, expected);
    for engine in engines() {
        let mut stepper = Stepper::load(engine.as_ref(), &file).unwrap();
        assert!(stepper.state("total").is_none(), "there is no state before the first step");
        for _ in 0..2 {
            assert_eq!(step(&mut stepper, &[1.0, 10.0]), [1.0, 10.0]);
            assert_eq!(step(&mut stepper, &[2.0, 20.0]), [3.0, 30.0]);
            let Some(TensorView::F32(all)) = stepper.state("all") else { panic!("a state") };
            assert_eq!(all, ndarray::arr3(&[[[1.0, 1.0], [2.0, 2.0]], [[10.0, 10.0], [20.0, 20.0]]]).into_dyn());
            stepper.reset();
            // Another batch.
            assert_eq!(step(&mut stepper, &[5.0]), [5.0]);
            assert_eq!(step(&mut stepper, &[5.0]), [10.0]);
            stepper.reset();
        }
    }
}

fn steppers_share_a_session() {
    let file = written();
    for engine in engines() {
        let session: std::sync::Arc<dyn oasis::runtime::Session> = engine.load(&file).unwrap().into();
        let [mut one, mut two] = [(); 2].map(|()| Stepper::new(session.clone(), &file).unwrap());
        for round in 1..5_u8 {
            assert_eq!(step(&mut one, &[1.0]), [f32::from(round)]);
            assert_eq!(step(&mut two, &[3.0]), [3.0 * f32::from(round)]);
        }
        // A state that goes from one stepper to the other, and on to another thread.
        let Some(TensorView::F32(total)) = one.state("total") else { panic!("a state") };
        two.set_state("total", Value::F32(total.to_owned())).unwrap();
        let moved = std::thread::spawn(move || step(&mut two, &[3.0]));
        assert_eq!(moved.join().unwrap(), [7.0]);
        let error = one.set_state("sum", Value::F32(ndarray::ArrayD::zeros(vec![1]))).unwrap_err();
        assert_eq!((error.kind(), error.why()), (ErrorKind::Usage, "expected one of total, all"));
    }
}

fn a_step_that_fails_loses_the_state() {
    let file = written();
    for engine in engines() {
        let mut stepper = Stepper::load(engine.as_ref(), &file).unwrap();
        let wrong = ndarray::Array2::<f32>::zeros((1, 3));
        let right = ndarray::Array2::<f32>::zeros((2, 2));
        let error = stepper.step(&[("x", TensorView::floats(&wrong))]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Model, "{error}");
        assert_eq!(step(&mut stepper, &[4.0]), [4.0], "there was nothing to lose");
        // A batch of another size than the state's.
        let error = stepper.step(&[("x", TensorView::floats(&right))]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Model, "{error}");
        let error = stepper.step(&[("x", TensorView::floats(&right))]).unwrap_err();
        assert_eq!((error.kind(), error.why()), (ErrorKind::Runtime, "the last step failed, and its state is lost"));
        stepper.reset();
        assert_eq!(step(&mut stepper, &[1.0, 2.0]), [1.0, 2.0]);
        let total = ndarray::Array2::<f32>::zeros((2, 2));
        let given = [("x", TensorView::floats(&right)), ("total", TensorView::floats(&total))];
        let error = stepper.step(&given).unwrap_err();
        assert!(error.why().starts_with("found an input of this name"), "{error}");
    }
    let plain = Exporter::new().export(&Nothing, Tensor::<1>::zeros([2], &Device::flex()), |_, x| x + 1.0).unwrap();
    let error = plain.stepper(engines()[0].as_ref()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Model);
    assert!(error.why().starts_with("found no metadata `oasis.state.INPUT.output`"), "{error}");
}

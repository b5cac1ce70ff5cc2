//! Sessions that write into the caller's buffers.

use ndarray::{Array3, Array4, s};
use oasis::ErrorKind;
use oasis::bundle::Role;
use oasis::runtime::{Backend, Engine, EngineOptions, Tensor, TensorView, TensorViewMut, engine};

use super::toy;

/// What a session writes equals what it returns, in any buffer that fits; one that does not is refused.
pub fn check(engine: &dyn Engine) {
    let (_dir, bundle) = toy::bundle();
    let session = engine.load(bundle.file(&Role::Encoder).unwrap()).unwrap();
    for count in [1, 3] {
        let images = toy::images(count);
        let inputs = [("image", TensorView::floats(&images))];
        let Tensor::F32(expected) = session.run(&inputs).unwrap().pop().unwrap().1 else { panic!("floats") };

        let mut whole = Array4::<f32>::from_elem((count, toy::D, toy::GRID, toy::GRID), f32::NAN);
        session.run_into(&inputs, &mut [("latents", TensorViewMut::floats(&mut whole))]).unwrap();
        assert_eq!(whole.view().into_dyn(), expected);

        // Every second row of a larger buffer: not in one piece, and nothing beside it is touched.
        let mut large = Array4::<f32>::from_elem((count, toy::D, 2 * toy::GRID, toy::GRID), 9.0);
        let mut part = large.slice_mut(s![.., .., ..;2, ..]);
        session.run_into(&inputs, &mut [("latents", TensorViewMut::floats(&mut part))]).unwrap();
        assert_eq!(part.view().into_dyn(), expected);
        assert!(large.slice(s![.., .., 1..;2, ..]).iter().all(|value| *value == 9.0));

        let mut codes = Array3::<i64>::zeros((count, toy::GRID, toy::GRID));
        let mut small = Array4::<f32>::zeros((count, toy::D, toy::GRID, toy::GRID - 1));
        let mut more = Array4::<f32>::zeros((count + 1, toy::D, toy::GRID, toy::GRID));
        let wrong = [
            ("codes", TensorViewMut::floats(&mut whole), "found output `codes`, expected latents"),
            ("latents", TensorViewMut::integers(&mut codes), "found a buffer of i64 for `latents`, expected f32"),
            ("latents", TensorViewMut::floats(&mut small), ""),
            ("latents", TensorViewMut::floats(&mut more), ""),
        ];
        for (name, buffer, why) in wrong {
            let shown = format!("{name} {:?}", buffer.shape());
            let error = session.run_into(&inputs, &mut [(name, buffer)]).expect_err(&shown);
            assert!(matches!(error.kind(), ErrorKind::Model | ErrorKind::Runtime), "{shown}: {error}");
            assert!(error.to_string().contains(why), "{shown}: {error}");
        }
        // Buffers of outputs that are not wanted may be left out.
        session.run_into(&inputs, &mut []).unwrap();
    }
}

#[test]
fn tract_writes_into_buffers() {
    for threads in [1, 2] {
        check(engine(Backend::Tract, &EngineOptions::default().threads(threads)).unwrap().as_ref());
    }
}

//! What the graphs of a bundle give, held against their contract whenever one is run.

use std::fmt::Display;

use ndarray::ArrayViewD;

use crate::bundle::{Role, Sizes};
use crate::engine::{Kept, Session, Tensor, TensorView, TensorViewMut};
use crate::onnx::ModelFile;
use crate::{Error, ErrorKind, Result};

/// How far outside 0..1 a pixel may be, as engines round: five grey levels of 256.
const SLACK: f32 = 0.02;

/// A session of a graph of a bundle. Its results are finite, its codes are those of the codebook and its pixels are in
/// 0..1, or it is an error.
pub(super) struct Checked {
    session: Box<dyn Session>,
    engine: String,
    model: String,
    role: Role,
    sizes: Sizes,
}

impl Checked {
    /// The session of `file`, which has that role in a bundle of these sizes, on the engine of that name.
    pub(super) fn new(session: Box<dyn Session>, engine: &str, role: &Role, file: &ModelFile, sizes: Sizes) -> Self {
        let (engine, model) = (engine.to_owned(), file.name().to_owned());
        Self { session, engine, model, role: role.clone(), sizes }
    }

    /// Checks the values of an output.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] where they break the contract.
    fn check(&self, output: &str, values: &TensorView<'_>) -> Result<()> {
        let codes = self.sizes.codebook_size as i64;
        let finite = || "finite values".to_owned();
        let (found, expected) = match (&self.role, values) {
            // Of another model nothing is known.
            (Role::Other(_), _) => return Ok(()),
            (Role::Quantizer, TensorView::I64(values)) => {
                (first(values, |code| (0..codes).contains(&code)), format!("codes from 0 to {}", codes - 1))
            }
            (Role::Decoder, TensorView::F32(values)) => {
                (first(values, |pixel| (-SLACK..=1.0 + SLACK).contains(&pixel)), "values in 0..1".to_owned())
            }
            (_, TensorView::F32(values)) => (first(values, f32::is_finite), finite()),
            (_, TensorView::F64(values)) => (first(values, f64::is_finite), finite()),
            (_, TensorView::F16(values)) => (first(values, half::f16::is_finite), finite()),
            (_, TensorView::Bf16(values)) => (first(values, half::bf16::is_finite), finite()),
            _ => return Ok(()),
        };
        let Some(found) = found else { return Ok(()) };
        let why = format!("found {found} in `{output}` of the {}, expected {expected}", self.role);
        Err(Error::new(ErrorKind::Model, format!("{} gives wrong values", self.engine), &self.model, why)
            .hint(format!("set `backend` to another engine, or export the {} again", self.role)))
    }
}

/// The first value that does not fit, as text.
fn first<T: Copy + Display>(values: &ArrayViewD<'_, T>, fits: impl Fn(T) -> bool) -> Option<String> {
    // Without an early end inside a chunk, so that the compiler uses vector instructions.
    let all = |values: &[T]| values.chunks(1024).all(|some| some.iter().fold(true, |all, value| all & fits(*value)));
    if values.as_slice().is_some_and(all) {
        return None;
    }
    values.iter().find(|value| !fits(**value)).map(T::to_string)
}

impl Session for Checked {
    fn run(&self, inputs: &[(&str, TensorView<'_>)]) -> Result<Vec<(String, Tensor)>> {
        let outputs = self.session.run(inputs)?;
        outputs.iter().try_for_each(|(name, values)| self.check(name, &values.view()))?;
        Ok(outputs)
    }

    fn run_into(&self, inputs: &[(&str, TensorView<'_>)], outputs: &mut [(&str, TensorViewMut<'_>)]) -> Result<()> {
        self.session.run_into(inputs, outputs)?;
        outputs.iter().try_for_each(|(name, values)| self.check(name, &values.view()))
    }

    fn step(
        &self,
        inputs: &[(&str, TensorView<'_>)],
        states: &mut [Kept],
        outputs: &mut [(&str, TensorViewMut<'_>)],
    ) -> Result<Vec<(String, Tensor)>> {
        let rest = self.session.step(inputs, states, outputs)?;
        outputs.iter().try_for_each(|(name, values)| self.check(name, &values.view()))?;
        states.iter().try_for_each(|kept| self.check(&kept.state().output, &kept.view()?))?;
        rest.iter().try_for_each(|(name, values)| self.check(name, &values.view()))?;
        Ok(rest)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2, s};

    use super::*;
    use crate::onnx::{Model, State};

    /// Gives the same values whatever it is given.
    struct Gives(Tensor);

    impl Session for Gives {
        fn run(&self, _: &[(&str, TensorView<'_>)]) -> Result<Vec<(String, Tensor)>> {
            Ok(vec![("values".to_owned(), self.0.clone())])
        }
    }

    /// What the error says of values that a graph of that role gives; `None` where they are accepted.
    fn wrong(role: &Role, values: Tensor) -> Option<String> {
        let graph = crate::onnx::Graph { name: "toy".to_owned(), ..Default::default() };
        let model = Model { ir_version: 8, opsets: vec![(String::new(), 18)], graph, ..Default::default() };
        let file = ModelFile::from_model("toy.onnx", model).unwrap();
        let sizes = Sizes { grid: [2, 2], codebook_size: 8, latent_dim: 4 };
        let mut buffer = values.clone();
        let session = Checked::new(Box::new(Gives(values)), "tract", role, &file, sizes);
        let returned = session.run(&[]).map(drop);
        let written = session.run_into(&[], &mut [("values", buffer.view_mut())]);
        let returned_by_step = session.step(&[], &mut [], &mut []).map(drop);
        let written_by_step = session.step(&[], &mut [], &mut [("values", buffer.view_mut())]).map(drop);
        let mut states = [Kept::new(State::new("before", "values", []), buffer.clone())];
        let kept = session.step(&[], &mut states, &mut []).map(drop);
        let told = |ran: Result<()>| ran.err().map(|error| (error.kind(), error.message()));
        let [returned, others @ ..] = [returned, written, returned_by_step, written_by_step, kept].map(told);
        assert!(others.iter().all(|other| *other == returned), "{returned:?} {others:?}");
        returned.map(|(kind, text)| {
            assert_eq!(kind, ErrorKind::Model);
            text.strip_prefix("tract gives wrong values: toy.onnx: found ").unwrap().to_owned()
        })
    }

    fn floats(value: f32) -> Tensor {
        let mut values = Array1::zeros(3000);
        values[2500] = value;
        Tensor::F32(values.into_dyn())
    }

    #[test]
    fn values_that_are_not_finite_are_errors_of_every_role() {
        let roles = Role::FIXED.into_iter().chain(Role::STEPS);
        for role in roles {
            for (value, found) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
                let expected = if role == Role::Decoder { "values in 0..1" } else { "finite values" };
                let said = format!("{found} in `values` of the {role}, expected {expected}");
                assert_eq!(wrong(&role, floats(value)), Some(said));
            }
            assert_eq!(wrong(&role, floats(1.0)), None);
        }
        let half = Tensor::F16(ndarray::arr1(&[half::f16::INFINITY]).into_dyn());
        assert_eq!(wrong(&Role::Prior, half).unwrap(), "inf in `values` of the prior, expected finite values");
        assert_eq!(wrong(&Role::Other("mine".to_owned()), floats(f32::NAN)), None);
    }

    #[test]
    fn codes_and_pixels_outside_their_range_are_errors() {
        for (code, fits) in [(0, true), (7, true), (8, false), (-1, false), (i64::MAX, false)] {
            let said = format!("{code} in `values` of the quantizer, expected codes from 0 to 7");
            let found = wrong(&Role::Quantizer, Tensor::I64(ndarray::arr1(&[0, code]).into_dyn()));
            assert_eq!(found, (!fits).then_some(said));
        }
        for (pixel, fits) in [(0.0, true), (1.01, true), (-0.01, true), (1.1, false), (-0.1, false), (255.0, false)] {
            assert_eq!(wrong(&Role::Decoder, floats(pixel)).is_none(), fits, "{pixel}");
        }
        assert_eq!(wrong(&Role::Encoder, floats(1e30)), None);
    }

    #[test]
    fn values_that_do_not_lie_in_one_piece_are_looked_at_too() {
        let mut values = Array2::<f32>::zeros((4, 4));
        values[[1, 0]] = f32::NAN;
        assert_eq!(first(&values.slice(s![.., ..;2]).into_dyn(), f32::is_finite).as_deref(), Some("NaN"));
        assert_eq!(first(&values.slice(s![..;2, ..]).into_dyn(), f32::is_finite), None);
    }
}

//! Checking a model against the module it came from.

use burn::backend::TensorData;

use super::compare::{Comparison, Tolerance};
use super::engine::{load, named_tensors, to_burn};
use super::exported::Exported;
use crate::Result;
use crate::engine::{Engine, Session};
use crate::onnx::DataType;

impl Exported {
    /// How far an engine may be from Burn: as close as the narrowest float the forward pass computes with allows.
    pub fn tolerance(&self) -> Tolerance {
        let has = |dtype| self.operations().iter().any(|operation| operation.dtype == dtype);
        match (has(DataType::Bf16), has(DataType::F16)) {
            (true, _) => Tolerance { atol: 2e-2, rtol: 2e-2 },
            (_, true) => Tolerance { atol: 2e-3, rtol: 5e-3 },
            _ => Tolerance::default(),
        }
    }

    /// Runs `n` random cases ([`Self::cases`]) through an engine and compares with Burn, within [`Self::tolerance`],
    /// [scaled](Tolerance::scaled) to each output: one comparison an output, over all cases.
    ///
    /// Three cases or more draw every kind of value. What an integer input may hold is known from
    /// [`Exporter::int_range`](super::Exporter::int_range) alone; [`Comparison::assumed`] names the inputs without it.
    ///
    /// ```
    /// # #[cfg(all(feature = "flex", feature = "tract"))] {
    /// # use burn::{module::Module, nn::LinearConfig, tensor::{Device, Tensor}};
    /// use oasis::runtime::{Backend, EngineOptions, engine};
    ///
    /// # let device = Device::flex();
    /// # let net = LinearConfig::new(4, 2).init(&device);
    /// let exported = oasis::export::Exporter::new()
    ///     .export(&net, Tensor::<2>::zeros([3, 4], &device), |net, x| net.forward(x))?;
    /// let tract = engine(Backend::Tract, &EngineOptions::default())?;
    /// assert!(exported.verify(tract.as_ref(), 3)?.iter().all(|output| output.pass()));
    /// # }
    /// # Ok::<(), oasis::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where the engine cannot run here, or cannot load or run the model;
    /// [`ErrorKind::Check`](crate::ErrorKind::Check) for a wrong number or shape of outputs;
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) where the forward pass panics in Burn. Values that are too far
    /// apart are no error: see [`Comparison::pass`].
    pub fn verify(&self, engine: &dyn Engine, n: usize) -> Result<Vec<Comparison>> {
        let session = load(engine, self.model())?;
        let tolerance = self.tolerance();
        self.compared(n, 0, |expected| tolerance.scaled(expected), |inputs| run(session.as_ref(), inputs))
    }

    /// Runs an engine on named inputs and gives the outputs in the model's order.
    ///
    /// # Errors
    ///
    /// Where the engine cannot run here, or cannot load or run the model.
    pub fn run(&self, engine: &dyn Engine, inputs: &[(String, TensorData)]) -> Result<Vec<TensorData>> {
        run(load(engine, self.model())?.as_ref(), inputs)
    }

    /// [`Self::verify`] with any way to run the model: `engine` takes the named inputs and returns the outputs in the
    /// model's order. The same seed gives the same cases.
    ///
    /// # Errors
    ///
    /// What the engine returns; [`ErrorKind::Check`](crate::ErrorKind::Check) for a wrong number or shape of outputs;
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) where the forward pass panics in Burn.
    pub fn verify_with(
        &self,
        n: usize,
        seed: u64,
        tolerance: Tolerance,
        engine: impl FnMut(&[(String, TensorData)]) -> Result<Vec<TensorData>>,
    ) -> Result<Vec<Comparison>> {
        self.compared(n, seed, |_| tolerance, engine)
    }

    /// One comparison an output over `n` cases, each within the tolerance for its values.
    fn compared(
        &self,
        n: usize,
        seed: u64,
        tolerance: impl Fn(&TensorData) -> Tolerance,
        mut engine: impl FnMut(&[(String, TensorData)]) -> Result<Vec<TensorData>>,
    ) -> Result<Vec<Comparison>> {
        let mut worst: Vec<Comparison> = Vec::new();
        for case in self.cases(n, seed)? {
            let results = engine(&case.inputs)?;
            for (index, comparison) in case.compared(&results, &tolerance)?.into_iter().enumerate() {
                match worst.get_mut(index) {
                    Some(known) => known.merge(&comparison),
                    None => worst.push(comparison),
                }
            }
        }
        let assumed = self.assumed_ranges().into_iter().map(|(input, range)| (input.to_owned(), range));
        let assumed: Vec<_> = assumed.collect();
        worst.iter_mut().for_each(|comparison| comparison.assumed.clone_from(&assumed));
        Ok(worst)
    }
}

/// Runs a loaded model on Burn's tensors, by input names, and gives its outputs in the model's order.
///
/// # Errors
///
/// [`ErrorKind::Check`](crate::ErrorKind::Check) for a quantised tensor, and what the session returns.
pub(crate) fn run(session: &dyn Session, inputs: &[(String, TensorData)]) -> Result<Vec<TensorData>> {
    let tensors = named_tensors(inputs)?;
    let views: Vec<_> = tensors.iter().map(|(name, tensor)| (*name, tensor.view())).collect();
    Ok(session.run(&views)?.iter().map(|(_, tensor)| to_burn(tensor)).collect())
}

//! Exporting functions that belong to no module.

use burn::module::Module;

use super::api::Exporter;
use super::exported::Exported;
use super::values::Values;
use crate::Result;

/// A module without parameters.
#[derive(Module, Debug)]
struct Nothing;

impl Exporter {
    /// Exports a function of tensors that belongs to no module. Tensors that the function brings along must be on the
    /// device of its input: `table.to_device(&x.device())`.
    ///
    /// ```
    /// # #[cfg(feature = "flex")] {
    /// # use burn::tensor::{Device, Tensor};
    /// # use oasis::export::Exporter;
    /// let x = Tensor::<2>::zeros([2, 3], &Device::flex());
    /// let exported = Exporter::new().export_fn((x.clone(), x), |(a, b): (Tensor<2>, Tensor<2>)| (a + b).tanh())?;
    /// assert_eq!(exported.inputs().len(), 2);
    /// # }
    /// # Ok::<(), oasis::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Exporter::export`].
    pub fn export_fn<I, O, F>(&self, sample: I, function: F) -> Result<Exported>
    where
        I: Values + Send + 'static,
        O: Values,
        F: Fn(I) -> O + Send + 'static,
    {
        self.export(&Nothing, sample, move |_, values| function(values))
    }

    /// [`Exporter::export_fn`] with samples at several lengths of the dynamic axes, as
    /// [`export_samples`](Exporter::export_samples) takes them.
    ///
    /// # Errors
    ///
    /// Those of [`Exporter::export_samples`].
    pub fn export_fn_samples<I, O, F>(&self, samples: Vec<I>, function: F) -> Result<Exported>
    where
        I: Values + Send + 'static,
        O: Values,
        F: Fn(I) -> O + Send + 'static,
    {
        self.export_samples(&Nothing, samples, move |_, values| function(values))
    }
}

//! What the files of `tests/export` use, with both exporters in place of the checks.

use burn::module::Module;
use burn_onnx::export::{ExportInput, ExportOutput};
use oasis::export::{Exported, Values};

use crate::both::Exporter;
pub use crate::samples::{Nothing, floats, ints};

/// A function of tensors; `batch` makes axis 0 of every input dynamic.
pub fn check<I, O>(
    name: &str,
    sample: I,
    range: std::ops::Range<f64>,
    batch: bool,
    f: impl Fn(I) -> O + Send + Sync + 'static,
) where
    I: Values + ExportInput + Send + 'static,
    O: Values + ExportOutput,
{
    let mut exporter = Exporter::new().name(name);
    for index in 0..sample.count() {
        let input = format!("in{index}");
        exporter = exporter.input(&input).float_range(&input, range.clone());
        if batch {
            exporter = exporter.dynamic_axis(&input, 0, "batch");
        }
    }
    exporter.export(&Nothing, sample, move |_, x| f(x)).unwrap_or_else(|e| panic!("{e}"));
}

/// A module with a dynamic batch.
pub fn layer<M, I, O>(name: &str, module: M, sample: I, f: impl Fn(&M, I) -> O + Send + Sync + 'static)
where
    M: Module + 'static,
    I: Values + ExportInput + Send + 'static,
    O: Values + ExportOutput,
{
    let exporter = Exporter::new().name(name).input("x").float_range("x", -1.0..1.0).dynamic_axis("x", 0, "batch");
    exporter.export(&module, sample, f).unwrap_or_else(|e| panic!("{e}"));
}

/// Says which cases go past both exporters: those that call oasis themselves.
pub fn verify(name: &str, _: &Exported) {
    println!("not compared: {name}");
}

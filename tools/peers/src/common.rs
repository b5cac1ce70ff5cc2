//! What the files of `tests/export` use, with both exporters in place of the checks.

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor, TensorData};
use burn_onnx::export::{ExportInput, ExportOutput};
use oasis::export::{Exported, Values};

use crate::both::Exporter;

/// A module without parameters.
#[derive(Module, Debug)]
pub struct Nothing;

/// Floats that count up from -1 in uneven steps.
pub fn floats<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    let count = shape.iter().product::<usize>();
    let values: Vec<f32> = (0..count).map(|i| ((i * 37 + 11) % 101) as f32 / 50.0 - 1.0).collect();
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

/// Integers of 0 to `end`, `end` excluded.
pub fn ints<const D: usize>(shape: [usize; D], end: i64) -> Tensor<D, Int> {
    let count = shape.iter().product::<usize>() as i64;
    let values: Vec<i64> = (0..count).map(|i| (i * 7 + end - 1) % end).collect();
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

/// A function of tensors; `batch` makes axis 0 of every input dynamic.
pub fn check<I, O>(name: &str, sample: I, range: std::ops::Range<f64>, batch: bool, f: impl Fn(I) -> O + 'static)
where
    I: Values + ExportInput + 'static,
    O: Values + ExportOutput,
{
    let mut specs = Vec::new();
    sample.specs(&mut specs);
    let mut exporter = Exporter::new().name(name);
    for index in 0..specs.len() {
        let input = format!("in{index}");
        exporter = exporter.input(&input).float_range(&input, range.clone());
        if batch {
            exporter = exporter.dynamic_axis(&input, 0, "batch");
        }
    }
    exporter.export(&Nothing, sample, move |_, x| f(x)).unwrap_or_else(|e| panic!("{e}"));
}

/// A module with a dynamic batch.
pub fn layer<M, I, O>(name: &str, module: M, sample: I, f: impl Fn(&M, I) -> O + 'static)
where
    M: Module + 'static,
    I: Values + ExportInput + 'static,
    O: Values + ExportOutput,
{
    let exporter = Exporter::new().name(name).input("x").float_range("x", -1.0..1.0).dynamic_axis("x", 0, "batch");
    exporter.export(&module, sample, f).unwrap_or_else(|e| panic!("{e}"));
}

/// Says which cases go past both exporters: those that call oasis themselves.
pub fn verify(name: &str, _: &Exported) {
    println!("not compared: {name}");
}

/// Cases of single functions: `name: sample, float range, batch => function`.
#[macro_export]
macro_rules! functions {
    ($($name:ident: $sample:expr, $range:expr, $batch:expr => $f:expr;)*) => {
        pub fn functions() -> Vec<libtest_mimic::Trial> {
            $(fn $name() {
                $crate::common::check(stringify!($name), $sample, $range, $batch, $f);
            })*
            $crate::trials![$($name),*]
        }
    };
}

/// Plain functions as cases.
#[macro_export]
macro_rules! trials {
    ($($name:ident),* $(,)?) => {
        vec![$(libtest_mimic::Trial::test(stringify!($name), || {
            $name();
            Ok(())
        })),*]
    };
}

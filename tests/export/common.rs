//! Exporting a function and checking it on every engine.

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor, TensorData};
use oasis::export::{Exported, Exporter, Tolerance, Values};

use crate::engines;

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

/// Exports a function of tensors and checks it; `batch` makes axis 0 of every input dynamic.
pub fn check<I, O>(name: &str, sample: I, range: std::ops::Range<f64>, batch: bool, f: impl Fn(I) -> O + 'static)
where
    I: Values + 'static,
    O: Values,
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
    let exported = exporter.export(&Nothing, sample, move |_, x| f(x)).unwrap_or_else(|e| panic!("{e}"));
    verify(name, &exported);
}

/// Checks a model on tract, and on ONNX Runtime where it is.
pub fn verify(name: &str, exported: &Exported) {
    verify_on(name, exported, true);
}

/// [`verify`], with tract left out where it cannot run the model.
pub fn verify_on(name: &str, exported: &Exported, on_tract: bool) {
    if let Some(folder) = std::env::var_os("OASIS_KEEP_ONNX") {
        let path = std::path::Path::new(&folder).join(format!("{name}.onnx"));
        exported.write(path).expect("a kept model");
    }
    let judge = |engine: &str, comparisons: Vec<oasis::export::Comparison>| {
        for comparison in comparisons {
            assert!(comparison.pass(), "{name} on {engine}: {comparison:?}\n{}", exported.summary());
        }
    };
    #[cfg(feature = "ort")]
    if std::env::var_os("ORT_DYLIB_PATH").is_some() {
        let run = |inputs: &[_]| engines::ort(exported.bytes(), inputs).expect("ONNX Runtime is set");
        let result = exported.verify(3, 7, Tolerance::default(), run);
        judge("ort", result.unwrap_or_else(|e| panic!("{name}: {e}\n{}", exported.summary())));
    }
    if on_tract {
        let result = exported.verify(3, 7, Tolerance::default(), |inputs| engines::tract(exported.bytes(), inputs));
        judge("tract", result.unwrap_or_else(|e| panic!("{name}: {e}\n{}", exported.summary())));
    }
}

/// Tests of single functions: `name: sample, float range, batch => function`.
#[macro_export]
macro_rules! functions {
    ($($name:ident: $sample:expr, $range:expr, $batch:expr => $f:expr;)*) => {$(
        #[test]
        fn $name() {
            $crate::common::check(stringify!($name), $sample, $range, $batch, $f);
        }
    )*};
}

//! What test cases are written with.

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor, TensorData};

/// A module without parameters.
#[derive(Module, Debug)]
pub struct Nothing;

/// Floats that count up from -1 in uneven steps.
pub fn floats<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    let count = shape.iter().product::<usize>();
    let values: Vec<f32> = (0..count).map(|i| ((i * 37 + 11) % 101) as f32 / 50.0 - 1.0).collect();
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

/// Integers of 0 to `end`, `end` excluded, of the device's own type.
pub fn ints<const D: usize>(shape: [usize; D], end: i64) -> Tensor<D, Int> {
    let count = shape.iter().product::<usize>() as i64;
    let values: Vec<i64> = (0..count).map(|i| (i * 7 + end - 1) % end).collect();
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

/// Test cases of single functions: `name: sample, float range, batch => function`.
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

/// Plain functions as test cases.
#[macro_export]
macro_rules! trials {
    ($($name:ident),* $(,)?) => {
        vec![$({
            let name = concat!(module_path!(), "::", stringify!($name)).replacen("export::", "", 1);
            libtest_mimic::Trial::test(name, || {
                $name();
                Ok(())
            })
        }),*]
    };
}

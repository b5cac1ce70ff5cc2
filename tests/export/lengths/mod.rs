//! Functions of dynamic lengths as people write them, on both engines at lengths that no recording used.

mod images;
mod numbers;
mod refused;
mod sequences;

use libtest_mimic::Trial;
use oasis::export::{Exporter, Values};

use crate::common::{Nothing, at_lengths};

pub fn trials() -> Vec<Trial> {
    [images::trials(), numbers::trials(), refused::trials(), sequences::trials()].into_iter().flatten().collect()
}

/// Which axes of which inputs are dynamic, and the lengths to check at.
pub struct Axes {
    axes: &'static [(usize, usize, &'static str)],
    lengths: &'static [&'static [(&'static str, usize)]],
}

/// `[batch, time, ...]`.
pub const SEQUENCE: Axes = Axes {
    axes: &[(0, 0, "batch"), (0, 1, "time")],
    lengths: &[
        &[("batch", 1), ("time", 7)],
        &[("batch", 6), ("time", 13)],
        &[("batch", 3), ("time", 43)],
        &[("batch", 2), ("time", 96)],
        &[("batch", 1), ("time", 211)],
    ],
};

/// `[time, ...]`.
pub const TIME: Axes = Axes { axes: &[(0, 0, "time")], lengths: &[&[("time", 4)], &[("time", 9)], &[("time", 97)]] };

/// Two inputs `[batch, ...]` of different lengths.
pub const TWO: Axes = Axes {
    axes: &[(0, 0, "batch"), (1, 0, "batch"), (0, 1, "past"), (1, 1, "time")],
    lengths: &[
        &[("batch", 1), ("past", 9), ("time", 11)],
        &[("batch", 4), ("past", 37), ("time", 5)],
        &[("batch", 2), ("past", 5), ("time", 78)],
    ],
};

/// `[batch, channels, height, width]` with dynamic pictures.
pub const PICTURE: Axes = Axes {
    axes: &[(0, 2, "height"), (0, 3, "width")],
    lengths: &[
        &[("height", 13), ("width", 11)],
        &[("height", 27), ("width", 34)],
        &[("height", 50), ("width", 23)],
        &[("height", 71), ("width", 96)],
    ],
};

/// `[batch, channels, height, width]`, all but the channels dynamic.
pub const PICTURES: Axes = Axes {
    axes: &[(0, 0, "batch"), (0, 2, "height"), (0, 3, "width")],
    lengths: &[
        &[("batch", 1), ("height", 13), ("width", 11)],
        &[("batch", 4), ("height", 27), ("width", 34)],
        &[("batch", 3), ("height", 51), ("width", 24)],
    ],
};

/// Exports a function with dynamic axes and checks it at the lengths of these.
pub fn check<I, O>(name: &str, axes: &Axes, sample: I, f: impl Fn(I) -> O + Send + 'static)
where
    I: Values + Send + 'static,
    O: Values,
{
    let mut exporter = Exporter::new().name(name);
    let inputs = axes.axes.iter().map(|(input, ..)| input + 1).max().unwrap_or(0);
    for input in 0..inputs {
        exporter = exporter.input(format!("in{input}")).float_range(format!("in{input}"), -1.0..1.0);
    }
    for (input, axis, symbol) in axes.axes {
        exporter = exporter.dynamic_axis(format!("in{input}"), *axis, *symbol);
    }
    let exported = exporter.export(&Nothing, sample, move |_, x| f(x)).unwrap_or_else(|e| panic!("{e}"));
    at_lengths(name, &exported, axes.lengths);
}

/// Test cases of single functions: `name: axes, sample => function`.
#[macro_export]
macro_rules! lengths {
    ($($name:ident: $axes:expr, $sample:expr => $f:expr;)*) => {
        pub fn trials() -> Vec<libtest_mimic::Trial> {
            $(fn $name() {
                $crate::lengths::check(concat!("len_", stringify!($name)), &$axes, $sample, $f);
            })*
            $crate::trials![$($name),*]
        }
    };
}

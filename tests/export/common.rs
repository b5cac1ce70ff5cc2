//! Exporting a function and checking it on every engine.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use burn::module::Module;
use burn::tensor::{Int, IntDType, Tensor};
use oasis::export::{Comparison, Exported, Exporter, Values};
use oasis::runtime::{Backend, Engine, EngineOptions, engine};

use crate::listed::NODES;
use crate::nodes::nodes;
pub use crate::samples::{Nothing, floats, ints};
use crate::{coverage, exceptions};

/// [`ints`] of 64 bits, as those of a model are.
pub fn longs<const D: usize>(shape: [usize; D], end: i64) -> Tensor<D, Int> {
    ints(shape, end).cast(IntDType::I64)
}

/// An exporter with inputs `in0`, `in1`...; `batch` makes axis 0 of each dynamic, `timed` axis 1 of so many.
pub fn exporter<I: Values>(name: &str, sample: &I, range: std::ops::Range<f64>, batch: bool, timed: usize) -> Exporter {
    let mut exporter = Exporter::new().name(name);
    for index in 0..sample.count() {
        let input = format!("in{index}");
        exporter = exporter.input(&input).float_range(&input, range.clone());
        if batch {
            exporter = exporter.dynamic_axis(&input, 0, "batch");
        }
        if index < timed {
            exporter = exporter.dynamic_axis(&input, 1, "time");
        }
    }
    exporter
}

/// Exports a function of tensors and checks it; `batch` makes axis 0 of every input dynamic.
pub fn check<I, O>(name: &str, sample: I, range: std::ops::Range<f64>, batch: bool, f: impl Fn(I) -> O + Send + 'static)
where
    I: Values + Send + 'static,
    O: Values,
{
    let exporter = exporter(name, &sample, range, batch, 0);
    let exported = exporter.export(&Nothing, sample, move |_, x| f(x)).unwrap_or_else(|e| panic!("{e}"));
    verify(name, &exported);
}

/// Exports a module with a dynamic batch and checks it.
pub fn layer<M, I, O>(name: &str, module: M, sample: I, f: impl Fn(&M, I) -> O + Send + 'static)
where
    M: Module + 'static,
    I: Values + Send + 'static,
    O: Values,
{
    let exported = Exporter::new()
        .name(name)
        .input("x")
        .float_range("x", -1.0..1.0)
        .dynamic_axis("x", 0, "batch")
        .export(&module, sample, f)
        .unwrap_or_else(|e| panic!("{e}"));
    verify(name, &exported);
}

/// Checks a model on random inputs at lengths of its dynamic axes that were not recorded.
pub fn verify(name: &str, exported: &Exported) {
    on_every_engine(name, exported, |engine| exported.verify(engine, 3));
}

/// Checks a network on batches of 1 and 7, and on two lengths of time where it has such an axis.
pub fn network(name: &str, exported: &Exported) {
    on_every_engine(name, exported, |engine| {
        let mut all = Vec::new();
        for (batch, time) in [(1, 27), (7, 5)] {
            let mut lengths = vec![("batch", batch), ("time", time)];
            lengths.retain(|(name, _)| exported.axes().contains(name));
            let case = exported.case(&lengths, batch as u64)?;
            all.extend(case.compare(&exported.run(engine, &case.inputs)?, exported.tolerance())?);
        }
        Ok(all)
    });
}

/// Checks a model at these lengths of its dynamic axes.
pub fn at_lengths(name: &str, exported: &Exported, lengths: &[&[(&str, usize)]]) {
    let cases: Vec<_> = (0_u64..)
        .zip(lengths)
        .map(|(seed, at)| (at, exported.case(at, seed).unwrap_or_else(|why| panic!("{name}: {why}"))))
        .collect();
    on_every_engine(name, exported, |engine| {
        let mut all = Vec::new();
        for (at, case) in &cases {
            let outputs = exported.run(engine, &case.inputs)?;
            let compared = case.compare(&outputs, exported.tolerance())?;
            if let Some(failed) = compared.iter().find(|comparison| !comparison.pass()) {
                eprintln!("{name} at {at:?}: {failed:?}");
            }
            all.extend(compared);
        }
        Ok(all)
    });
}

/// Runs a check on every engine. One that is known to be unable to run the model must fail, or its exception is stale.
fn on_every_engine(name: &str, exported: &Exported, check: impl Fn(&dyn Engine) -> oasis::Result<Vec<Comparison>>) {
    if let Some(folder) = std::env::var_os("OASIS_KEEP_ONNX") {
        let path = std::path::Path::new(&folder).join(format!("{name}.onnx"));
        exported.write(path).expect("a kept model");
    }
    NODES.check(name, &nodes(exported));
    coverage::lowered(exported.operations());
    for engine in engines() {
        let result = catch_unwind(AssertUnwindSafe(|| check(engine.as_ref())));
        let failure = match result {
            Err(panic) => Some(format!("panicked: {}", message(panic.as_ref()))),
            Ok(Err(error)) => Some(error.to_string()),
            Ok(Ok(comparisons)) => {
                comparisons.iter().find(|comparison| !comparison.pass()).map(|failed| format!("{failed:?}"))
            }
        };
        match (exceptions::reason(name, engine.name()), failure) {
            (None, None) => coverage::passed(engine.name(), exported.operations()),
            (Some(_), Some(_)) => {}
            (None, Some(why)) => panic!("{name} on {}: {why}\n{}", engine.name(), exported.summary()),
            (Some(reason), None) => panic!("{name} runs on {}: drop the exception ({reason})", engine.name()),
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("no message").to_owned()
}

/// tract, and ONNX Runtime where it can be found.
pub fn engines() -> &'static [Box<dyn Engine>] {
    static ENGINES: OnceLock<Vec<Box<dyn Engine>>> = OnceLock::new();
    ENGINES.get_or_init(|| {
        let options = EngineOptions::default().threads(1);
        let made = |backend| engine(backend, &options).and_then(|engine| engine.check().map(|_| engine));
        let mut engines = vec![made(Backend::Tract).expect("tract is part of the binary")];
        match made(Backend::Ort) {
            Ok(ort) => engines.push(ort),
            Err(why) if std::env::var_os("OASIS_REQUIRE_ORT").is_some() => panic!("{why}"),
            Err(why) => eprintln!("not tested on ONNX Runtime: {why}"),
        }
        engines
    })
}

//! Exporting one forward pass with both exporters.

use std::fs;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use burn::module::Module;
use burn_onnx::export::{AxisSpec, ExportError, ExportInput, ExportOutput, InputSpec, OnnxExporter, OnnxModel};
use oasis::export::{Exported, Values};
use oasis::onnx::Dim;
use onnx_ir::{Message, ModelProto};

/// What `count_burn_onnx.py` read from burn-onnx's source: a family and a name on every line.
const LOWERED: &str = include_str!("../burn_onnx_lowered.txt");

/// What became of one forward pass: how many nodes, or why there is no model.
pub struct Row {
    pub name: String,
    pub oasis: Result<usize, String>,
    /// With the shapes of the sample.
    pub fixed: Result<usize, String>,
    /// With the dynamic axes that oasis was given; nothing where there are none.
    pub dynamic: Option<Result<usize, String>>,
    /// The operations of Burn that burn-onnx has no lowering for.
    pub lacking: Vec<String>,
}

static ROWS: Mutex<Vec<Row>> = Mutex::new(Vec::new());
static FOLDER: OnceLock<PathBuf> = OnceLock::new();

fn locked() -> MutexGuard<'static, Vec<Row>> {
    ROWS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The rows since the last call.
pub fn rows() -> Vec<Row> {
    std::mem::take(&mut *locked())
}

/// Where to write the models from now on.
pub fn keep_in(folder: PathBuf) {
    FOLDER.set(folder).expect("one folder");
}

/// Whether burn-onnx has a lowering for an operation, in some of its forms at least.
pub fn is_lowered(family: &str, name: &str) -> bool {
    LOWERED.lines().any(|line| line.split_once(' ') == Some((family, name)))
}

/// [`oasis::export::Exporter`], with burn-onnx's beside it.
#[derive(Debug, Clone)]
pub struct Exporter {
    name: String,
    oasis: oasis::export::Exporter,
}

impl Exporter {
    pub fn new() -> Self {
        Self { name: String::new(), oasis: oasis::export::Exporter::new() }
    }

    pub fn name(self, name: impl Into<String>) -> Self {
        let name = name.into();
        Self { oasis: self.oasis.name(&name), name }
    }

    pub fn input(self, name: impl Into<String>) -> Self {
        Self { oasis: self.oasis.input(name), ..self }
    }

    pub fn output(self, name: impl Into<String>) -> Self {
        Self { oasis: self.oasis.output(name), ..self }
    }

    pub fn dynamic_axis(self, input: impl Into<String>, axis: usize, symbol: impl Into<String>) -> Self {
        Self { oasis: self.oasis.dynamic_axis(input, axis, symbol), ..self }
    }

    pub fn int_range(self, input: impl Into<String>, range: Range<i64>) -> Self {
        Self { oasis: self.oasis.int_range(input, range), ..self }
    }

    pub fn float_range(self, input: impl Into<String>, range: Range<f64>) -> Self {
        Self { oasis: self.oasis.float_range(input, range), ..self }
    }

    /// Exports with both, notes what came of it, and returns oasis's model.
    pub fn export<M, I, O, F>(&self, module: &M, sample: I, forward: F) -> oasis::Result<Exported>
    where
        M: Module + 'static,
        I: Values + ExportInput + Send + 'static,
        O: Values + ExportOutput,
        F: Fn(&M, I) -> O + Send + Sync + 'static,
    {
        let forward = Arc::new(forward);
        let shared = Arc::clone(&forward);
        let exported = self.oasis.export(module, sample.clone(), move |module: &M, sample: I| shared(module, sample));
        // burn-onnx leaves the mode to its caller.
        let module = module.valid();
        let run = |module: &M, sample: I| forward(module, sample);
        let fixed = self.attempt("fixed", || OnnxExporter::new().export(&module, sample.clone(), run));
        let dynamic = exported.as_ref().ok().and_then(|exported| {
            let specs = specs(exported)?;
            // Two samples that differ in every dynamic axis and in nothing else.
            let mut samples = exported.cases(2, 0).expect("cases").into_iter().map(|case| {
                let mut values = case.inputs.into_iter().map(|(_, value)| value);
                sample.rebuilt(&mut values)
            });
            let (first, second) = (samples.next()?, samples.next()?);
            let export = || OnnxExporter::new().export_dynamic(&module, first, second, &specs, run);
            Some(self.attempt("dynamic", export))
        });
        if let Ok(exported) = &exported {
            self.keep("oasis", exported.bytes());
        }
        locked().push(Row {
            name: self.name.clone(),
            oasis: exported.as_ref().map(|exported| exported.summary().nodes()).map_err(|why| short(&why.to_string())),
            fixed,
            dynamic,
            lacking: exported.as_ref().map(lacking).unwrap_or_default(),
        });
        exported
    }

    /// Runs burn-onnx and counts the nodes; a panic counts as an error.
    fn attempt(&self, form: &str, export: impl FnOnce() -> Result<OnnxModel, ExportError>) -> Result<usize, String> {
        let hook = take_hook();
        set_hook(Box::new(|_| {}));
        let result = catch_unwind(AssertUnwindSafe(export));
        set_hook(hook);
        let model = match result {
            Ok(result) => result.map_err(|error| reason(&error))?,
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
                return Err(format!("panic: {}", short(text.unwrap_or("without a message"))));
            }
        };
        self.keep(&format!("burn-onnx-{form}"), model.as_bytes());
        let read =
            ModelProto::parse_from_bytes(model.as_bytes()).map_err(|why| format!("cannot be read back: {why}"))?;
        Ok(read.graph.node.len())
    }

    fn keep(&self, exporter: &str, bytes: &[u8]) {
        if let Some(folder) = FOLDER.get() {
            let path = folder.join(format!("{}.{exporter}.onnx", self.name));
            fs::write(&path, bytes).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        }
    }
}

/// The axes of a model's inputs in burn-onnx's terms; nothing where all are fixed.
fn specs(exported: &Exported) -> Option<Vec<InputSpec>> {
    let axis = |size: &Dim| match size {
        Dim::Symbol(symbol) => AxisSpec::dynamic(symbol),
        _ => AxisSpec::Static,
    };
    let spec = |dims: &[Dim]| InputSpec::new(dims.iter().map(axis).collect::<Vec<_>>());
    let specs: Vec<InputSpec> = exported.inputs().iter().map(|port| spec(port.dims())).collect();
    specs.iter().flat_map(|spec| &spec.axes).any(|axis| *axis != AxisSpec::Static).then_some(specs)
}

fn lacking(exported: &Exported) -> Vec<String> {
    let lacking = exported.operations().iter().filter(|operation| !is_lowered(operation.family, operation.name));
    let mut names: Vec<String> = lacking.map(|operation| format!("{}::{}", operation.family, operation.name)).collect();
    names.sort();
    names.dedup();
    names
}

/// An error in one line: of an unsupported operation its names alone, not all of its settings.
fn reason(error: &ExportError) -> String {
    match error {
        ExportError::UnsupportedOperation { operation, kind } if kind.contains('{') => {
            // `NumericFloat(F32, PowiScalar(ScalarOpIr { ..`: the last word is the type of the settings.
            let head = kind.split('{').next().unwrap_or(kind);
            let mut words: Vec<&str> =
                head.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
            words.pop();
            format!("unsupported operation {operation}: {}", words.join(" "))
        }
        other => short(&other.to_string()),
    }
}

fn short(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(160).collect()
}

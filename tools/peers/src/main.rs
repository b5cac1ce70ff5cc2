//! oasis's exporter and burn-onnx's on the same networks: which succeeds, with how many nodes.
//!
//! ```text
//! cargo run -p oasis-peers -- [--keep FOLDER]
//! ```

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use burn::module::Module;
use burn_onnx::export::{AxisSpec, ExportError, ExportInput, ExportOutput, InputSpec, OnnxExporter, OnnxModel};
use clap::Parser;
use oasis::export::{Exported, Size, Values, operation};
use onnx_ir::{Message, ModelProto};

#[allow(dead_code)]
#[macro_use]
#[path = "../../../tests/export/networks/mod.rs"]
mod networks;

use networks::Network;

/// What `count_burn_onnx.py` read from burn-onnx's source: a family and a name on every line.
const LOWERED: &str = include_str!("../burn_onnx_lowered.txt");

/// Compares oasis's exporter with burn-onnx's.
#[derive(Parser)]
struct Arguments {
    /// Also write every model to this folder.
    #[arg(long)]
    keep: Option<PathBuf>,
}

/// A model of burn-onnx's exporter, or why there is none.
type Attempt = Result<OnnxModel, String>;

struct Row {
    name: &'static str,
    oasis: oasis::Result<Exported>,
    /// With the shapes of the sample.
    fixed: Attempt,
    /// With the dynamic axes of the network; nothing where it has none.
    dynamic: Option<Attempt>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut rows = Vec::new();
    macro_rules! compare_all {
        ($($name:ident: $module:ident::$make:ident;)*) => {
            $(rows.push(compare(stringify!($name), networks::$module::$make()));)*
        };
    }
    each_network!(compare_all);
    if let Some(folder) = &arguments.keep {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        rows.iter().try_for_each(|row| keep(folder, row))?;
    }
    print(&rows)?;
    let failed: Vec<&str> = rows.iter().filter(|row| row.oasis.is_err()).map(|row| row.name).collect();
    anyhow::ensure!(failed.is_empty(), "oasis cannot export {}", failed.join(", "));
    Ok(())
}

fn compare<M, I, O>(name: &'static str, network: Network<M, I, O>) -> Row
where
    M: Module + 'static,
    I: Values + ExportInput + 'static,
    O: Values + ExportOutput + 'static,
{
    let Network { exporter, module, sample, forward } = network;
    let oasis = exporter.export(&module, sample.clone(), forward);
    // burn-onnx leaves the mode to its caller.
    let module = module.valid();
    let fixed = attempt(|| OnnxExporter::new().export(&module, sample.clone(), forward));
    let dynamic = oasis.as_ref().ok().and_then(|exported| {
        let specs = specs(exported)?;
        // Two samples that differ in every dynamic axis and in nothing else.
        let mut samples = exported.cases(2, 0).into_iter().map(|case| {
            let mut values = case.inputs.into_iter().map(|(_, value)| value);
            sample.rebuilt(&mut values)
        });
        let (first, second) = (samples.next()?, samples.next()?);
        Some(attempt(|| OnnxExporter::new().export_dynamic(&module, first, second, &specs, forward)))
    });
    Row { name, oasis, fixed, dynamic }
}

/// The axes of a model's inputs in burn-onnx's terms; nothing where all are fixed.
fn specs(exported: &Exported) -> Option<Vec<InputSpec>> {
    let axis = |size: &Size| match size {
        Size::Symbol(symbol) => AxisSpec::dynamic(symbol),
        _ => AxisSpec::Static,
    };
    let specs: Vec<InputSpec> =
        exported.inputs().iter().map(|port| InputSpec::new(port.dims.iter().map(axis).collect::<Vec<_>>())).collect();
    specs.iter().flat_map(|spec| &spec.axes).any(|axis| *axis != AxisSpec::Static).then_some(specs)
}

/// Runs burn-onnx; a panic counts as an error.
fn attempt(export: impl FnOnce() -> Result<OnnxModel, ExportError>) -> Attempt {
    let hook = take_hook();
    set_hook(Box::new(|_| {}));
    let result = catch_unwind(AssertUnwindSafe(export));
    set_hook(hook);
    match result {
        Ok(result) => result.map_err(|error| reason(&error)),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(format!("panic: {}", first_line(text.unwrap_or("without a message"))))
        }
    }
}

/// An error in one line: of an unsupported operation its names alone, not all of its settings.
fn reason(error: &ExportError) -> String {
    match error {
        ExportError::UnsupportedOperation { operation, kind } if kind.contains('{') => {
            // `NumericFloat(F32, PowiScalar(ScalarOpIr { ..`: the last word is the type of the settings.
            let head = kind.split('{').next().unwrap_or(kind);
            let mut words: Vec<&str> = head.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
            words.pop();
            format!("unsupported operation {operation}: {}", words.join(" "))
        }
        other => first_line(&other.to_string()),
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(160).collect()
}

fn nodes(model: &OnnxModel) -> Result<usize> {
    let model = ModelProto::parse_from_bytes(model.as_bytes()).context("burn-onnx's model cannot be read back")?;
    Ok(model.graph.node.len())
}

fn keep(folder: &Path, row: &Row) -> Result<()> {
    let mut models = Vec::new();
    models.extend(row.oasis.as_ref().ok().map(|exported| ("oasis", exported.bytes())));
    models.extend(row.fixed.as_ref().ok().map(|model| ("burn-onnx", model.as_bytes())));
    let dynamic = row.dynamic.as_ref().and_then(|attempt| attempt.as_ref().ok());
    models.extend(dynamic.map(|model| ("burn-onnx-dynamic", model.as_bytes())));
    for (exporter, bytes) in models {
        let path = folder.join(format!("{}.{exporter}.onnx", row.name));
        fs::write(&path, bytes).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// The operations of a network that burn-onnx has no lowering for.
fn lacking(exported: &Exported) -> Vec<String> {
    let mut names: Vec<String> = exported
        .operations()
        .iter()
        .filter(|operation| !is_lowered(operation.family, operation.name))
        .map(|operation| format!("{}::{}", operation.family, operation.name))
        .collect();
    names.sort();
    names.dedup();
    names
}

fn is_lowered(family: &str, name: &str) -> bool {
    LOWERED.lines().any(|line| line.split_once(' ') == Some((family, name)))
}

fn print(rows: &[Row]) -> Result<()> {
    println!("| network | oasis, dynamic | burn-onnx, fixed | burn-onnx, dynamic | burn-onnx lacks |");
    println!("|---|---|---|---|---|");
    let cell = |attempt: &Attempt| -> Result<String> {
        Ok(match attempt {
            Ok(model) => format!("{} nodes", nodes(model)?),
            Err(why) => why.replace('|', "/"),
        })
    };
    for row in rows {
        let (ours, lacks) = match &row.oasis {
            Ok(exported) => (format!("{} nodes", exported.summary().nodes()), lacking(exported).join(", ")),
            Err(error) => (first_line(&error.to_string()).replace('|', "/"), String::new()),
        };
        let dynamic = row.dynamic.as_ref().map_or(Ok("-".into()), cell)?;
        println!("| {} | {ours} | {} | {dynamic} | {lacks} |", row.name, cell(&row.fixed)?);
    }
    let count = |succeeded: &dyn Fn(&Row) -> bool| rows.iter().filter(|row| succeeded(row)).count();
    println!();
    println!("networks: {}", rows.len());
    println!("exported by oasis: {}", count(&|row| row.oasis.is_ok()));
    println!("exported by burn-onnx, fixed shapes: {}", count(&|row| row.fixed.is_ok()));
    println!("exported by burn-onnx, dynamic axes: {}", count(&|row| matches!(row.dynamic, Some(Ok(_)))));
    let forward = operation::FORWARD;
    let ours = forward.iter().filter(|(family, name)| {
        !operation::NOT_LOWERED.iter().any(|(not_family, not_name, ..)| (not_family, not_name) == (family, name))
    });
    let theirs = forward.iter().filter(|(family, name)| is_lowered(family, name));
    println!("operations of Burn, of {}: oasis {}, burn-onnx {}", forward.len(), ours.count(), theirs.count());
    Ok(())
}

//! `oasis inspect`: layers, shapes, parameters, metadata, hashes.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use oasis::bundle::{Bundle, keys};
use oasis::coverage::Coverage;
use oasis::onnx::{Dim, Port};
use oasis::runtime::FileSummary;
use serde_json::json;

use super::context::Context;
use super::exit::Exit;

/// Show the layers, shapes, parameters, metadata and hashes of a bundle or an ONNX file.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A bundle's folder or an ONNX file [default: --bundle, or the embedded bundle]
    #[arg(value_name = "BUNDLE|FILE.onnx")]
    what: Option<PathBuf>,
    /// Show which of Burn's operations can be exported, and which engines run them
    #[arg(long, conflicts_with = "what")]
    export_coverage: bool,
}

pub fn run(args: Args, context: &Context) -> oasis::Result<Exit> {
    if args.export_coverage {
        let coverage = Coverage::shipped();
        context.result(&coverage, || coverage.text())?;
        return Ok(Exit::Done);
    }
    let path = args.what.as_deref().or(context.bundle.as_deref());
    let files = match path {
        Some(file) if file.is_file() => BTreeMap::from([inspect_one(file)?]),
        path => Bundle::resolve(path)?.inspect(),
    };
    context.result(&json!({ "files": files }), || files.iter().map(|(role, file)| text(role, file)).collect())?;
    Ok(Exit::Done)
}

/// A file outside of a bundle, with the role that its metadata tells, or else its name.
fn inspect_one(path: &Path) -> oasis::Result<(String, FileSummary)> {
    let summary = FileSummary::read(path)?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok((summary.metadata.get(keys::ROLE).cloned().unwrap_or(stem), summary))
}

fn text(role: &str, file: &FileSummary) -> String {
    let mut text = format!(
        "{role}: {} nodes, {} parameters, {} bytes, opset {}, IR {}, by {}\n  sha256 {}\n",
        file.nodes, file.parameters, file.bytes, file.opset, file.ir_version, file.producer, file.sha256
    );
    let ports = |ports: &[Port]| ports.iter().map(Port::to_string).collect::<Vec<_>>().join(", ");
    let _ = writeln!(text, "  {} -> {}", ports(&file.inputs), ports(&file.outputs));
    for (key, value) in &file.metadata {
        let _ = writeln!(text, "  {key}: {value}");
    }
    for fault in &file.faults {
        let _ = writeln!(text, "  not for a bundle: {fault}");
    }
    let _ = writeln!(text, "  {:<52} {:<22} {:<22} {:>10}", "layer", "operation", "output shape", "parameters");
    for layer in &file.layers {
        let shape = layer.shape.as_deref().map_or("?".to_owned(), dims);
        let parameters = if layer.parameters == 0 { String::new() } else { layer.parameters.to_string() };
        let _ = writeln!(text, "  {:<52} {:<22} {shape:<22} {parameters:>10}", layer.name, layer.op);
    }
    text.push('\n');
    text
}

fn dims(dims: &[Dim]) -> String {
    let dims: Vec<String> = dims.iter().map(ToString::to_string).collect();
    format!("[{}]", dims.join(", "))
}

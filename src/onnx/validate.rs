//! What holds for every model that an engine is given.

use std::ops::RangeInclusive;

use super::dtype::DataType;
use super::graph::Graph;
use super::model::Model;
use super::port::Port;

/// Opset versions that are accepted.
const OPSETS: RangeInclusive<i64> = 9..=21;
/// Versions of the file format that are accepted.
const IR_VERSIONS: RangeInclusive<i64> = 4..=10;

/// What was found where something else was expected.
pub(super) struct Broken {
    pub found: String,
    pub expected: String,
}

fn broken(found: impl Into<String>, expected: impl Into<String>) -> Broken {
    Broken { found: found.into(), expected: expected.into() }
}

/// Checks that a model is of an accepted version, uses the standard operators alone and declares the types of its
/// inputs and outputs.
pub(super) fn check(model: &Model) -> Result<(), Broken> {
    if !IR_VERSIONS.contains(&model.ir_version) {
        let expected = format!("{} to {}", IR_VERSIONS.start(), IR_VERSIONS.end());
        return Err(broken(format!("IR version {}", model.ir_version), expected));
    }
    if let Some((domain, _)) = model.opsets.iter().find(|(domain, _)| !domain.is_empty()) {
        return Err(broken(format!("operators of `{domain}`"), "the standard domain only"));
    }
    match model.opset() {
        Some(opset) if OPSETS.contains(&opset) => {}
        found => {
            let found = found.map_or("no opset".to_owned(), |opset| format!("opset {opset}"));
            return Err(broken(found, format!("{} to {}", OPSETS.start(), OPSETS.end())));
        }
    }
    let untyped = |port: &&Port| port.dtype == DataType::Undefined;
    if let Some(port) = model.graph.inputs.iter().chain(&model.graph.outputs).find(untyped) {
        return Err(broken(format!("`{}` without an element type", port.name), "one for every input and output"));
    }
    check_domains(&model.graph)
}

fn check_domains(graph: &Graph) -> Result<(), Broken> {
    for node in &graph.nodes {
        if !node.domain.is_empty() {
            let found = format!("operator `{}` of `{}`", node.op, node.domain);
            return Err(broken(found, "the standard domain only"));
        }
        node.graphs().try_for_each(check_domains)?;
    }
    Ok(())
}

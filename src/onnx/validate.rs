//! What holds for every model that an engine is given.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use super::broken::Broken;
use super::dtype::DataType;
use super::graph::{Graph, Node};
use super::model::Model;
use super::port::Port;
use super::sound::check_settings;

/// Opset versions that are accepted.
const OPSETS: RangeInclusive<i64> = 9..=21;
/// Versions of the file format that are accepted.
pub(super) const IR_VERSIONS: RangeInclusive<i64> = 4..=10;

/// Checks that a model is of an accepted version, uses the standard operators alone, declares the types of its inputs
/// and outputs, and makes every value once and before it is read.
pub(crate) fn check(model: &Model) -> Result<(), Broken> {
    within("IR version", model.ir_version, &IR_VERSIONS)?;
    if let Some(node) = all_nodes(&model.graph).into_iter().find(|node| !node.domain.is_empty()) {
        let found = format!("operator `{}` of `{}`", node.op, node.domain);
        return Err(Broken::new(found, "the standard domain only"));
    }
    match model.opset() {
        Some(opset) => within("opset", opset, &OPSETS)?,
        None => return Err(Broken::new("no opset of the standard domain", spelled(&OPSETS))),
    }
    let untyped = |port: &&Port| port.dtype == DataType::Undefined;
    if let Some(port) = model.graph.inputs.iter().chain(&model.graph.outputs).find(untyped) {
        return Err(Broken::new(format!("`{}` without an element type", port.name), "one for every input and output"));
    }
    check_order(&model.graph, &mut HashSet::new())?;
    check_settings(&model.graph)
}

fn spelled(accepted: &RangeInclusive<i64>) -> String {
    format!("{} to {}", accepted.start(), accepted.end())
}

/// Checks a version, and says on which side of the accepted ones it is.
fn within(what: &str, version: i64, accepted: &RangeInclusive<i64>) -> Result<(), Broken> {
    let found = format!("{what} {version}");
    match version {
        newer if newer > *accepted.end() => Err(Broken::new(found, format!("at most {}", accepted.end()))),
        older if older < *accepted.start() => Err(Broken::new(found, format!("at least {}", accepted.start()))),
        _ => Ok(()),
    }
}

/// Every node, those of graphs within graphs included.
fn all_nodes(graph: &Graph) -> Vec<&Node> {
    let inner = graph.nodes.iter().flat_map(Node::graphs).flat_map(all_nodes);
    graph.nodes.iter().chain(inner).collect()
}

/// Checks that every value is made once and before it is read; `made` are the values of the graphs around it, and is
/// left as it was found.
fn check_order<'a>(graph: &'a Graph, made: &mut HashSet<&'a str>) -> Result<(), Broken> {
    let mut own = Vec::new();
    let mut make = |name: &'a str, made: &mut HashSet<&'a str>| match made.insert(name) {
        true => {
            own.push(name);
            Ok(())
        }
        false => Err(Broken::new(format!("a second value `{name}`"), "each value made once")),
    };
    let inputs = graph.inputs.iter().map(|port| &port.name);
    for name in inputs.chain(graph.initializers.iter().map(|(name, _)| name)) {
        make(name, made)?;
    }
    for node in &graph.nodes {
        if let Some(name) = node.inputs.iter().find(|name| !name.is_empty() && !made.contains(name.as_str())) {
            let found = format!("operator `{}` that reads `{name}`, which nothing makes before it", node.op);
            return Err(Broken::new(found, "nodes in the order that they are run in"));
        }
        node.graphs().try_for_each(|inner| check_order(inner, made))?;
        for name in node.outputs.iter().filter(|name| !name.is_empty()) {
            make(name, made)?;
        }
    }
    if let Some(port) = graph.outputs.iter().find(|port| !made.contains(port.name.as_str())) {
        return Err(Broken::new(format!("output `{}`, which nothing makes", port.name), "a value"));
    }
    for name in own {
        made.remove(name);
    }
    Ok(())
}

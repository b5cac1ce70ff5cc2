//! Whatever depends on stored tensors alone, computed at export.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use super::types::types;
use crate::engine::Engine;
use crate::export::builder::GraphBuilder;
use crate::export::engine::{load, to_model};
use crate::onnx::{Node, Port, Tensor};

/// Results up to this many bytes are stored even where they are larger than what they are made of.
const SMALL: usize = 64 * 1024;

/// Folds constants on an engine.
#[derive(Clone)]
pub(crate) struct Folder(Arc<dyn Engine>);

impl Folder {
    pub fn new(engine: Arc<dyn Engine>) -> Self {
        Self(engine)
    }

    /// On tract, where it is part of the build.
    pub fn built_in() -> Option<Self> {
        #[cfg(feature = "tract")]
        {
            use crate::runtime::{Backend, EngineOptions, engine};
            let options = EngineOptions::default().threads(1);
            engine(Backend::Tract, &options).ok().map(|engine| Self(engine.into()))
        }
        #[cfg(not(feature = "tract"))]
        {
            None
        }
    }

    pub(super) fn run(&self, graph: &mut GraphBuilder, opset: i64) {
        let constant = constant_nodes(graph);
        let wanted = boundary(graph, &constant);
        if wanted.is_empty() {
            return;
        }
        let together = self.evaluate(graph, &constant, &wanted, opset);
        let results: Vec<(String, Tensor)> = match together {
            Some(results) => wanted.into_iter().zip(results).collect(),
            // One result that cannot be computed here must not keep the others from it.
            None => wanted
                .into_iter()
                .filter_map(|name| {
                    let result = self.evaluate(graph, &constant, std::slice::from_ref(&name), opset)?.pop()?;
                    Some((name, result))
                })
                .collect(),
        };
        store(graph, &constant, results);
    }

    /// The values of `wanted`, in that order; none where the engine cannot compute them.
    fn evaluate(
        &self,
        graph: &GraphBuilder,
        constant: &HashSet<usize>,
        wanted: &[String],
        opset: i64,
    ) -> Option<Vec<Tensor>> {
        let (nodes, sources) = cone(graph, constant, wanted);
        let mut part = GraphBuilder {
            nodes: nodes.into_iter().cloned().collect(),
            constants: sources.into_iter().map(|name| (name.clone(), graph.constants[name].clone())).collect(),
            ..Default::default()
        };
        let types = types(&part);
        let port = |name: &String| Some(Port { name: name.clone(), dtype: *types.get(name)?, shape: None });
        part.outputs = wanted.iter().map(port).collect::<Option<_>>()?;
        let outputs = load(self.0.as_ref(), &part.into_model("constants", opset))
            .and_then(|session| session.run(&[]))
            .inspect_err(|why| tracing::debug!("not folded: {}: {why}", wanted.join(", ")))
            .ok()?;
        outputs.iter().map(|(_, tensor)| to_model(tensor)).collect()
    }
}

impl fmt::Debug for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Folder({})", self.0.name())
    }
}

/// Stores results, and lets the nodes that read them read the stored tensors.
fn store(graph: &mut GraphBuilder, constant: &HashSet<usize>, results: Vec<(String, Tensor)>) {
    let mut to = HashMap::new();
    for (name, result) in results {
        let (source, bytes) = sources(graph, constant, &name);
        if result.data.len() > bytes.max(SMALL) {
            continue;
        }
        let stem = source.unwrap_or_else(|| name.clone());
        let mut stored = format!("{stem}_folded");
        let mut count = 1;
        while graph.constants.get(&stored).is_some_and(|other| *other != result) {
            count += 1;
            stored = format!("{stem}_folded{count}");
        }
        graph.constants.insert(stored.clone(), result);
        to.insert(name, stored);
    }
    graph.redirect(&to);
}

/// The positions of nodes whose every input is known.
fn constant_nodes(graph: &GraphBuilder) -> HashSet<usize> {
    let mut known: HashSet<&String> = graph.constants.keys().collect();
    let mut nodes = HashSet::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        let all = node.inputs.iter().all(|input| input.is_empty() || known.contains(input));
        if all && !node.inputs.is_empty() {
            known.extend(&node.outputs);
            nodes.insert(index);
        }
    }
    nodes
}

/// Known values that nodes which are not known read.
fn boundary(graph: &GraphBuilder, constant: &HashSet<usize>) -> Vec<String> {
    let made: HashSet<&String> = constant.iter().flat_map(|i| &graph.nodes[*i].outputs).collect();
    let mut wanted = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        if constant.contains(&index) {
            continue;
        }
        for input in &node.inputs {
            if made.contains(input) && !wanted.contains(input) {
                wanted.push(input.clone());
            }
        }
    }
    wanted
}

/// The nodes that `wanted` values are made by, in order, and the stored tensors they read.
fn cone<'a>(graph: &'a GraphBuilder, constant: &HashSet<usize>, wanted: &[String]) -> (Vec<&'a Node>, Vec<&'a String>) {
    let mut needed: HashSet<&String> = wanted.iter().collect();
    let mut nodes = Vec::new();
    let mut stored = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate().rev() {
        if constant.contains(&index) && node.outputs.iter().any(|output| needed.contains(output)) {
            nodes.push(node);
            needed.extend(&node.inputs);
        }
    }
    nodes.reverse();
    for name in graph.constants.keys() {
        if needed.contains(name) {
            stored.push(name);
        }
    }
    (nodes, stored)
}

/// The stored tensor a result is named after, and the bytes of all that it is made of.
fn sources(graph: &GraphBuilder, constant: &HashSet<usize>, name: &String) -> (Option<String>, usize) {
    let (_, stored) = cone(graph, constant, std::slice::from_ref(name));
    let bytes = stored.iter().map(|name| graph.constants[*name].data.len()).sum();
    let largest = stored
        .iter()
        .filter(|name| !name.starts_with("constant_"))
        .max_by_key(|name| graph.constants[**name].data.len());
    (largest.map(ToString::to_string), bytes)
}

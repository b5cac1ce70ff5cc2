//! How much of everything a model of a bundle may hold, make and cost.
//!
//! The numbers beside each limit are those of the largest of the models that the presets make (`oasis`, `oasis-hd` and
//! `keras`), so that a model of one's own has room to be larger by far.

use crate::onnx::{self, Attribute, Broken, Budget, Dim, Model, Node, Port, Tensor};

/// The most files of a bundle; six roles are known.
pub(super) const FILES: usize = 32;
/// The most bytes of all files of a bundle together; 16 MiB are what `oasis export` keeps to.
pub(super) const BYTES: u64 = 128 << 20;
/// The longest side of a grid of codes: one code a pixel of the frame.
pub(super) const GRID: usize = 256;
/// The most codewords; presets have up to 1,024.
pub(super) const CODEBOOK: usize = 1 << 16;
/// The longest codeword; presets have up to 32 numbers.
pub(super) const LATENT: usize = 1 << 12;

/// Nodes; 188.
const NODES: usize = 1 << 12;
/// Stored tensors; 107.
const TENSORS: usize = 1 << 12;
/// Inputs of a model, and outputs of one; 4 and 2.
const PORTS: usize = 16;
/// Inputs of a node, and outputs of one; 7.
const ENDS: usize = 1 << 9;
/// Values that nodes make, all together; 205.
const VALUES: usize = 1 << 14;
/// Dimensions of a tensor; 6.
const RANK: usize = 8;
/// Numbers or texts in a list that is an attribute's value; 6.
const LIST: usize = 256;
/// Bytes of a name: of a value, a node, a metadata key; 42.
const NAME: usize = 512;
/// Bytes of other text: a metadata value, a description, a text that is an attribute; 65.
const TEXT: usize = 1 << 12;
/// Metadata properties; 7.
const METADATA: usize = 64;

/// What a model may make and cost for a batch of one. The shipped files take up to 1,179,648 elements at once, 9,289,188 in
/// all and 440,446,971 multiplications; those of the presets up to 25,690,112, 37,870,548 and 4,302,315,526.
pub(super) const BUDGET: Budget = Budget { tensor: 1 << 26, total: 1 << 28, work: 1 << 36, rank: RANK };

/// Checks that a model holds nothing but operators that `oasis export` writes, and costs no more than the budget.
pub(super) fn check_cost(model: &Model) -> Result<(), Broken> {
    onnx::cost(&model.graph, BUDGET).map(|_| ())
}

/// Checks that a model holds no more of anything than a bundle's may, and no graphs or tensors within nodes.
pub(super) fn check_counts(model: &Model) -> Result<(), Broken> {
    let graph = &model.graph;
    let at_most = |what: &str, found: usize, most: usize| match found <= most {
        true => Ok(()),
        false => Err(Broken::new(format!("{found} {what}"), format!("at most {most}"))),
    };
    at_most("nodes", graph.nodes.len(), NODES)?;
    at_most("stored tensors", graph.initializers.len(), TENSORS)?;
    at_most("values", graph.nodes.iter().map(|node| node.outputs.len()).sum(), VALUES)?;
    at_most("inputs", graph.inputs.len(), PORTS)?;
    at_most("outputs", graph.outputs.len(), PORTS)?;
    at_most("metadata properties", model.metadata.len(), METADATA)?;
    let ranks = graph.inputs.iter().chain(&graph.outputs).map(|port| port.dims().len());
    let ranks = ranks.chain(graph.initializers.iter().map(|(_, tensor)| tensor.dims.len()));
    at_most("dimensions", ranks.max().unwrap_or(0), RANK)?;
    at_most("bytes in a name", longest(names(model)), NAME)?;
    let texts = [&model.producer, &model.producer_version, &model.doc];
    let texts = texts.into_iter().chain(model.metadata.iter().map(|(_, value)| value));
    at_most("bytes in a text", longest(texts.map(String::as_str)), TEXT)?;
    for node in &graph.nodes {
        at_most("inputs of a node", node.inputs.len(), ENDS)?;
        at_most("outputs of a node", node.outputs.len(), ENDS)?;
        for (key, value) in &node.attributes {
            check_attribute(node, key, value)?;
        }
    }
    Ok(())
}

/// Why no file of a bundle may hold a model, in words: the first rule of each kind that it breaks.
pub(super) fn faults(model: &Model) -> Vec<String> {
    let checks = [onnx::check, check_counts, check_cost];
    checks.iter().filter_map(|check| check(model).err()).map(|broken| broken.to_string()).collect()
}

/// Every name in a model.
fn names(model: &Model) -> impl Iterator<Item = &str> {
    let graph = &model.graph;
    fn symbol(dim: &Dim) -> Option<&String> {
        match dim {
            Dim::Symbol(name) => Some(name),
            _ => None,
        }
    }
    let ports = graph.inputs.iter().chain(&graph.outputs);
    let ports = ports.flat_map(|port: &Port| port.dims().iter().filter_map(symbol).chain([&port.name]));
    let nodes = graph.nodes.iter().flat_map(|node| node.inputs.iter().chain(&node.outputs).chain([&node.name]));
    let weights = graph.initializers.iter().map(|(name, _): &(String, Tensor)| name);
    let keys = model.metadata.iter().map(|(key, _)| key);
    ports.chain(nodes).chain(weights).chain(keys).chain([&graph.name]).map(String::as_str)
}

fn longest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(str::len).max().unwrap_or(0)
}

/// Checks an attribute's kind and size. The one stored tensor that an attribute holds is what `ConstantOfShape` fills with.
fn check_attribute(node: &Node, key: &str, value: &Attribute) -> Result<(), Broken> {
    let refuse = |found: String, expected: String| {
        let place = format!("attribute `{key:.64}` of operator `{}` at `{}`", node.op, node.name);
        Err(Broken::new(format!("{found} in {place}"), expected))
    };
    let list = |length: usize| match length <= LIST {
        true => Ok(()),
        false => refuse(format!("{length} values"), format!("at most {LIST}")),
    };
    let text = |length: usize| match length <= TEXT {
        true => Ok(()),
        false => refuse(format!("{length} bytes"), format!("at most {TEXT}")),
    };
    match value {
        Attribute::Int(_) | Attribute::Float(_) => Ok(()),
        Attribute::Ints(values) => list(values.len()),
        Attribute::Floats(values) => list(values.len()),
        Attribute::Text(value) => text(value.len()),
        Attribute::Texts(values) => list(values.len()).and_then(|()| text(longest(values.iter().map(String::as_str)))),
        Attribute::Tensor(tensor) if node.op == "ConstantOfShape" && tensor.elements() == Some(1) => Ok(()),
        Attribute::Graph(_) | Attribute::Graphs(_) => refuse("a graph inside".into(), "no control flow".into()),
        _ => refuse("a tensor".into(), "tensors among the weights".into()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::bundle::{Bundle, Role};

    #[test]
    fn the_shipped_files_are_far_below_every_limit() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("onnx");
        let bundle = Bundle::open(&folder).unwrap();
        for (role, file) in bundle.files() {
            let cost = onnx::cost(&file.model().graph, BUDGET).unwrap();
            assert!(cost.tensor <= BUDGET.tensor / 8 && cost.total <= BUDGET.total / 8, "{role}: {cost:?}");
            assert!(cost.work <= BUDGET.work / 64, "{role}: {cost:?}");
            assert!(faults(file.model()).is_empty());
        }
        let mut model = bundle.file(&Role::Encoder).unwrap().model().clone();
        model.graph.nodes[0].op = "Loop".into();
        assert_eq!(faults(&model).len(), 1);
    }
}

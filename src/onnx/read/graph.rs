//! Graphs and their nodes.

use std::collections::HashSet;

use super::error::ReadError;
use super::names::{standard, unique};
use super::port::read_port;
use super::room::{Room, below, or_empty};
use super::tensor::read_tensor;
use crate::onnx::fields::{Fields, Malformed, Value};
use crate::onnx::graph::{Attribute, Graph, Node};
use crate::onnx::limits;
use crate::onnx::schema::{attribute, attribute_type as kind, graph, node};

/// Reads a graph that lies `depth` graphs deep in the file.
pub(super) fn read_graph(room: &mut Room<'_>, bytes: &[u8], depth: usize) -> Result<Graph, ReadError> {
    if depth > limits::DEPTH {
        return Err(ReadError::unsupported("graphs within graphs", format!("at most {} of them", limits::DEPTH)));
    }
    room.hold(size_of::<Graph>())?;
    let mut name = None;
    let mut read = Graph::default();
    let mut fields = Fields::new("a graph", bytes);
    while let Some((number, value)) = fields.next()? {
        match number {
            graph::NODE => read.nodes.push(read_node(room, value.bytes()?, depth)?),
            graph::NAME => fields.keep(&mut name, room.name(value)?)?,
            graph::INITIALIZER => read.initializers.push(read_tensor(room, value.bytes()?)?),
            graph::INPUT => read.inputs.push(read_port(room, value.bytes()?)?),
            graph::OUTPUT => read.outputs.push(read_port(room, value.bytes()?)?),
            graph::SPARSE_INITIALIZER => return Err(ReadError::unsupported("sparse weights", "plain weights")),
            _ => fields.skip(&graph::SKIPPED)?,
        }
        // Stored tensors may be listed among the inputs too.
        below(read.inputs.len(), limits::PORTS + read.initializers.len(), "inputs of a graph")?;
        below(read.outputs.len(), limits::PORTS, "outputs of a graph")?;
    }
    unique("weight", read.initializers.iter().map(|(name, _)| name))?;
    unique("input", read.inputs.iter().map(|port| &port.name))?;
    unique("output", read.outputs.iter().map(|port| &port.name))?;
    let stored: HashSet<_> = read.initializers.iter().map(|(name, _)| name).collect();
    read.inputs.retain(|port| !stored.contains(&port.name));
    read.name = name.unwrap_or_default();
    Ok(read)
}

fn read_node(room: &mut Room<'_>, bytes: &[u8], depth: usize) -> Result<Node, ReadError> {
    room.node()?;
    let [mut name, mut op, mut domain] = [None; 3];
    let mut read = Node::default();
    let mut fields = Fields::new("a node", bytes);
    while let Some((number, value)) = fields.next()? {
        match number {
            node::INPUT => read.inputs.push(room.name(value)?),
            node::OUTPUT => read.outputs.push(room.name(value)?),
            node::NAME => fields.keep(&mut name, value)?,
            node::OP_TYPE => fields.keep(&mut op, value)?,
            node::ATTRIBUTE => {
                let (name, value) = read_attribute(room, value.bytes()?, depth)?;
                if read.attribute(&name).is_some() {
                    return Err(Malformed(format!("attribute `{name}` of a node is there twice")).into());
                }
                read.attributes.push((name.into(), value));
            }
            node::DOMAIN => fields.keep(&mut domain, value)?,
            _ => fields.skip(&node::SKIPPED)?,
        }
        below(read.inputs.len(), limits::ENDS, "inputs of a node")?;
        below(read.outputs.len(), limits::ENDS, "outputs of a node")?;
        below(read.attributes.len(), limits::ATTRIBUTES, "attributes of a node")?;
    }
    let mut text = |value: Option<Value<'_>>| or_empty(value, |value| room.name(value));
    read.name = text(name)?;
    read.op = text(op)?.into();
    read.domain = standard(text(domain)?);
    Ok(read)
}

fn read_attribute(room: &mut Room<'_>, bytes: &[u8], depth: usize) -> Result<(String, Attribute), ReadError> {
    room.hold(size_of::<(String, Attribute)>())?;
    let (mut name, mut kind, mut found) = (None, None, None);
    let mut fields = Fields::new("an attribute", bytes);
    while let Some((number, value)) = fields.next()? {
        match number {
            attribute::NAME => fields.keep(&mut name, room.name(value)?)?,
            attribute::TYPE => fields.keep(&mut kind, value.int()?)?,
            attribute::F => fields.keep(&mut found, Attribute::Float(value.float()?))?,
            attribute::I => fields.keep(&mut found, Attribute::Int(value.int()?))?,
            attribute::S => fields.keep(&mut found, Attribute::Text(room.text(value)?))?,
            attribute::T => fields.keep(&mut found, Attribute::Tensor(read_tensor(room, value.bytes()?)?.1))?,
            attribute::G => {
                fields.keep(&mut found, Attribute::Graph(Box::new(read_graph(room, value.bytes()?, depth + 1)?)))?;
            }
            attribute::FLOATS => match found.get_or_insert(Attribute::Floats(Vec::new())) {
                Attribute::Floats(list) => room.floats(value, list)?,
                _ => return Err(several()),
            },
            attribute::INTS => match found.get_or_insert(Attribute::Ints(Vec::new())) {
                Attribute::Ints(list) => room.ints(value, list, limits::LIST, "integers in an attribute")?,
                _ => return Err(several()),
            },
            attribute::STRINGS => match found.get_or_insert(Attribute::Texts(Vec::new())) {
                Attribute::Texts(list) => {
                    below(list.len() + 1, limits::LIST, "texts in an attribute")?;
                    list.push(room.text(value)?);
                }
                _ => return Err(several()),
            },
            attribute::TENSORS => match found.get_or_insert(Attribute::Tensors(Vec::new())) {
                Attribute::Tensors(list) => list.push(read_tensor(room, value.bytes()?)?.1),
                _ => return Err(several()),
            },
            attribute::GRAPHS => match found.get_or_insert(Attribute::Graphs(Vec::new())) {
                Attribute::Graphs(list) => list.push(read_graph(room, value.bytes()?, depth + 1)?),
                _ => return Err(several()),
            },
            attribute::SPARSE_TENSOR | attribute::SPARSE_TENSORS => {
                return Err(ReadError::unsupported("a sparse tensor in an attribute", "plain tensors"));
            }
            attribute::TP | attribute::TYPE_PROTOS => {
                return Err(ReadError::unsupported("a type in an attribute", "numbers, texts and tensors"));
            }
            attribute::REF_ATTR_NAME => {
                return Err(ReadError::unsupported("an attribute that refers to a function's", "plain operators"));
            }
            _ => fields.skip(&attribute::SKIPPED)?,
        }
    }
    let name = name.unwrap_or_default();
    let refuse = |why: &str| Err(Malformed(format!("attribute `{name}` of a node {why}")).into());
    match (found, kind) {
        (Some(found), None) => Ok((name, found)),
        (Some(found), Some(kind)) if kind_of(&found) == kind => Ok((name, found)),
        (Some(_), Some(_)) => refuse("has a value of another type than it says"),
        (None, kind) => match kind.and_then(default_of) {
            Some(found) => Ok((name, found)),
            None => refuse("has no value"),
        },
    }
}

fn several() -> ReadError {
    "an attribute has several values".into()
}

/// The number of an attribute's type.
fn kind_of(attribute: &Attribute) -> i64 {
    match attribute {
        Attribute::Float(_) => kind::FLOAT,
        Attribute::Int(_) => kind::INT,
        Attribute::Text(_) => kind::STRING,
        Attribute::Tensor(_) => kind::TENSOR,
        Attribute::Graph(_) => kind::GRAPH,
        Attribute::Floats(_) => kind::FLOATS,
        Attribute::Ints(_) => kind::INTS,
        Attribute::Texts(_) => kind::STRINGS,
        Attribute::Tensors(_) => kind::TENSORS,
        Attribute::Graphs(_) => kind::GRAPHS,
    }
}

/// The value of an attribute of that type whose value is left out.
fn default_of(number: i64) -> Option<Attribute> {
    Some(match number {
        kind::FLOAT => Attribute::Float(0.0),
        kind::INT => Attribute::Int(0),
        kind::STRING => Attribute::Text(String::new()),
        kind::FLOATS => Attribute::Floats(Vec::new()),
        kind::INTS => Attribute::Ints(Vec::new()),
        kind::STRINGS => Attribute::Texts(Vec::new()),
        kind::TENSORS => Attribute::Tensors(Vec::new()),
        kind::GRAPHS => Attribute::Graphs(Vec::new()),
        _ => return None,
    })
}

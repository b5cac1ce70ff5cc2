//! Graphs and their nodes.

use std::collections::HashSet;

use bytes::Bytes;

use super::error::ReadError;
use super::names::{standard, unique};
use super::port::read_port;
use super::tensor::read_tensor;
use crate::onnx::fields::{Fields, Malformed, Value};
use crate::onnx::graph::{Attribute, Graph, Node};
use crate::onnx::schema::{attribute, attribute_type as kind, graph, node};

/// How deep graphs may lie within graphs.
const MAX_DEPTH: usize = 16;

/// Reads a graph that lies `depth` graphs deep in the file.
pub(super) fn read_graph(file: &Bytes, bytes: &[u8], depth: usize) -> Result<Graph, ReadError> {
    if depth > MAX_DEPTH {
        return Err(ReadError::unsupported("graphs within graphs", format!("at most {MAX_DEPTH} of them")));
    }
    let mut name = None;
    let mut read = Graph::default();
    let mut fields = Fields::new("a graph", bytes);
    while let Some((number, value)) = fields.next()? {
        match number {
            graph::NODE => read.nodes.push(read_node(file, value.bytes()?, depth)?),
            graph::NAME => fields.keep(&mut name, value.text()?)?,
            graph::INITIALIZER => read.initializers.push(read_tensor(file, value.bytes()?)?),
            graph::INPUT => read.inputs.push(read_port(value.bytes()?)?),
            graph::OUTPUT => read.outputs.push(read_port(value.bytes()?)?),
            graph::SPARSE_INITIALIZER => return Err(ReadError::unsupported("sparse weights", "plain weights")),
            _ => fields.skip(&graph::SKIPPED)?,
        }
    }
    unique("weight", read.initializers.iter().map(|(name, _)| name))?;
    unique("input", read.inputs.iter().map(|port| &port.name))?;
    let stored: HashSet<_> = read.initializers.iter().map(|(name, _)| name).collect();
    read.inputs.retain(|port| !stored.contains(&port.name));
    read.name = name.unwrap_or_default();
    Ok(read)
}

fn read_node(file: &Bytes, bytes: &[u8], depth: usize) -> Result<Node, ReadError> {
    let [mut name, mut op, mut domain] = [None; 3];
    let mut read = Node::default();
    let mut fields = Fields::new("a node", bytes);
    while let Some((number, value)) = fields.next()? {
        match number {
            node::INPUT => read.inputs.push(value.text()?),
            node::OUTPUT => read.outputs.push(value.text()?),
            node::NAME => fields.keep(&mut name, value)?,
            node::OP_TYPE => fields.keep(&mut op, value)?,
            node::ATTRIBUTE => {
                let (name, value) = read_attribute(file, value.bytes()?, depth)?;
                if read.attribute(&name).is_some() {
                    return Err(Malformed(format!("attribute `{name}` of a node is there twice")).into());
                }
                read.attributes.push((name.into(), value));
            }
            node::DOMAIN => fields.keep(&mut domain, value)?,
            _ => fields.skip(&node::SKIPPED)?,
        }
    }
    let text = |value: Option<Value<'_>>| value.map_or(Ok(String::new()), Value::text);
    read.name = text(name)?;
    read.op = text(op)?.into();
    read.domain = standard(text(domain)?);
    Ok(read)
}

fn read_attribute(file: &Bytes, bytes: &[u8], depth: usize) -> Result<(String, Attribute), ReadError> {
    let (mut name, mut kind, mut found) = (None, None, None);
    let tensor = |value: Value<'_>| Ok::<_, ReadError>(read_tensor(file, value.bytes()?)?.1);
    let graph = |value: Value<'_>| read_graph(file, value.bytes()?, depth + 1);
    let mut fields = Fields::new("an attribute", bytes);
    while let Some((number, value)) = fields.next()? {
        match number {
            attribute::NAME => fields.keep(&mut name, value.text()?)?,
            attribute::TYPE => fields.keep(&mut kind, value.int()?)?,
            attribute::F => fields.keep(&mut found, Attribute::Float(value.float()?))?,
            attribute::I => fields.keep(&mut found, Attribute::Int(value.int()?))?,
            attribute::S => fields.keep(&mut found, Attribute::Text(value.text()?))?,
            attribute::T => fields.keep(&mut found, Attribute::Tensor(tensor(value)?))?,
            attribute::G => fields.keep(&mut found, Attribute::Graph(Box::new(graph(value)?)))?,
            attribute::FLOATS => match found.get_or_insert(Attribute::Floats(Vec::new())) {
                Attribute::Floats(list) => value.floats(list)?,
                _ => return Err(several()),
            },
            attribute::INTS => match found.get_or_insert(Attribute::Ints(Vec::new())) {
                Attribute::Ints(list) => value.ints(list)?,
                _ => return Err(several()),
            },
            attribute::STRINGS => match found.get_or_insert(Attribute::Texts(Vec::new())) {
                Attribute::Texts(list) => list.push(value.text()?),
                _ => return Err(several()),
            },
            attribute::TENSORS => match found.get_or_insert(Attribute::Tensors(Vec::new())) {
                Attribute::Tensors(list) => list.push(tensor(value)?),
                _ => return Err(several()),
            },
            attribute::GRAPHS => match found.get_or_insert(Attribute::Graphs(Vec::new())) {
                Attribute::Graphs(list) => list.push(graph(value)?),
                _ => return Err(several()),
            },
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

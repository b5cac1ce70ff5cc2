//! `onnx.proto`, as far as it matters here: messages into [`Model`].

use super::{Dim, ElementType, Initializer, Model, Node, Port};
use crate::bundle::wire::{Fields, Malformed, Value};

pub(super) fn model(bytes: &[u8]) -> Result<Model, Malformed> {
    let mut model = Model::default();
    let mut graph = None;
    let mut fields = Fields::new(bytes);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => model.ir_version = value.int()?,
            2 => model.producer = value.text()?,
            7 => graph = Some(value.bytes()?),
            8 => {
                let (domain, version) = pair(value.bytes()?, |f| {
                    Ok(match f {
                        Value::Varint(v) => Some(v as i64),
                        _ => None,
                    })
                })?;
                let domain = if domain == "ai.onnx" { String::new() } else { domain };
                model.opsets.insert(domain, version.unwrap_or(0));
            }
            14 => {
                let (key, text) = pair(value.bytes()?, |f| f.text().map(Some))?;
                model.metadata.insert(key, text.unwrap_or_default());
            }
            25 => model.functions += 1,
            _ => {}
        }
    }
    let graph = graph.ok_or("it holds no graph")?;
    parse_graph(&mut model, bytes, graph)?;
    Ok(model)
}

/// A message whose field 1 is text and whose field 2 is `second`.
fn pair<'a, T>(
    bytes: &'a [u8],
    second: impl Fn(Value<'a>) -> Result<Option<T>, Malformed>,
) -> Result<(String, Option<T>), Malformed> {
    let (mut key, mut found) = (String::new(), None);
    let mut fields = Fields::new(bytes);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => key = value.text()?,
            2 => found = second(value)?,
            _ => {}
        }
    }
    Ok((key, found))
}

fn parse_graph(model: &mut Model, file: &[u8], graph: &[u8]) -> Result<(), Malformed> {
    let mut fields = Fields::new(graph);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => model.nodes.push(parse_node(value.bytes()?)?),
            5 => model.initializers.push(parse_tensor(file, value.bytes()?)?),
            11 => model.inputs.push(parse_port(value.bytes()?)?),
            12 => model.outputs.push(parse_port(value.bytes()?)?),
            15 => model.sparse_initializers += 1,
            _ => {}
        }
    }
    let Model { inputs, initializers, .. } = model;
    inputs.retain(|port| initializers.iter().all(|init| init.name != port.name));
    Ok(())
}

fn parse_node(bytes: &[u8]) -> Result<Node, Malformed> {
    let mut node = Node {
        name: String::new(),
        op: String::new(),
        domain: String::new(),
        inputs: vec![],
        outputs: vec![],
        has_subgraph: false,
        attribute_elements: 0,
    };
    let mut fields = Fields::new(bytes);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => node.inputs.push(value.text()?),
            2 => node.outputs.push(value.text()?),
            3 => node.name = value.text()?,
            4 => node.op = value.text()?,
            5 => {
                let mut attribute = Fields::new(value.bytes()?);
                while let Some((number, value)) = attribute.next()? {
                    match number {
                        6 | 11 => node.has_subgraph = true,
                        5 | 10 => {
                            let tensor = parse_tensor(&[], value.bytes()?)?;
                            if tensor.external {
                                return Err("a tensor attribute is kept in another file".into());
                            }
                            if tensor.dtype.is_float() {
                                node.attribute_elements += tensor.elements().unwrap_or(0);
                            }
                        }
                        _ => {}
                    }
                }
            }
            7 => node.domain = value.text()?,
            _ => {}
        }
    }
    Ok(node)
}

fn parse_tensor(file: &[u8], bytes: &[u8]) -> Result<Initializer, Malformed> {
    let mut tensor =
        Initializer { name: String::new(), dtype: ElementType(0), shape: vec![], data: None, external: false };
    let mut pieces = 0;
    let mut fields = Fields::new(bytes);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => value.ints(&mut tensor.shape)?,
            2 => tensor.dtype = ElementType(value.int()?),
            8 => tensor.name = value.text()?,
            // Packed floats and doubles are laid out as raw data is.
            4 | 9 | 10 => {
                pieces += 1;
                if let Value::Bytes(data) = value {
                    let start = (data.as_ptr() as usize).wrapping_sub(file.as_ptr() as usize);
                    tensor.data = Some(start..start.wrapping_add(data.len()));
                }
            }
            13 => tensor.external = true,
            14 => tensor.external |= value.int()? == 1,
            _ => {}
        }
    }
    if pieces != 1 || tensor.data.as_ref().is_some_and(|data| data.end > file.len()) {
        tensor.data = None;
    }
    Ok(tensor)
}

fn parse_port(bytes: &[u8]) -> Result<Port, Malformed> {
    let mut port = Port { name: String::new(), dtype: ElementType(0), shape: vec![] };
    let mut fields = Fields::new(bytes);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => port.name = value.text()?,
            2 => {
                let mut kinds = Fields::new(value.bytes()?);
                while let Some((number, value)) = kinds.next()? {
                    if number == 1 {
                        parse_tensor_type(&mut port, value.bytes()?)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(port)
}

fn parse_tensor_type(port: &mut Port, bytes: &[u8]) -> Result<(), Malformed> {
    let mut fields = Fields::new(bytes);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => port.dtype = ElementType(value.int()?),
            2 => {
                let mut shape = Fields::new(value.bytes()?);
                while let Some((number, value)) = shape.next()? {
                    if number != 1 {
                        continue;
                    }
                    let mut dim = Dim::Unknown;
                    let mut fields = Fields::new(value.bytes()?);
                    while let Some((number, value)) = fields.next()? {
                        match number {
                            1 => dim = Dim::Fixed(value.int()?),
                            2 => dim = Dim::Symbol(value.text()?),
                            _ => {}
                        }
                    }
                    port.shape.push(dim);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

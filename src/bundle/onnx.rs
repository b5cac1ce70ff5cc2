//! What an ONNX file says about itself: interface, nodes, initializers, metadata; no weights are copied.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::Serialize;

use super::wire::{Fields, Malformed, Value};

/// An element type of a tensor, as ONNX numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ElementType(pub i64);

impl ElementType {
    /// 32-bit floats.
    pub const F32: Self = Self(1);
    /// 64-bit signed integers.
    pub const I64: Self = Self(7);

    /// Bytes an element, where the type has a fixed size of whole bytes.
    pub fn size(self) -> Option<usize> {
        match self.0 {
            2 | 3 | 9 => Some(1),
            4 | 5 | 10 | 16 => Some(2),
            1 | 6 | 12 => Some(4),
            7 | 11 | 13 | 14 => Some(8),
            15 => Some(16),
            _ => None,
        }
    }

    /// Whether it is a type of floats.
    pub fn is_float(self) -> bool {
        matches!(self.0, 1 | 10 | 11 | 16)
    }
}

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 17] = [
            "undefined",
            "f32",
            "u8",
            "i8",
            "u16",
            "i16",
            "i32",
            "i64",
            "string",
            "bool",
            "f16",
            "f64",
            "u32",
            "u64",
            "c64",
            "c128",
            "bf16",
        ];
        match usize::try_from(self.0).ok().and_then(|index| NAMES.get(index)) {
            Some(name) => f.write_str(name),
            None => write!(f, "type {}", self.0),
        }
    }
}

/// One dimension of a declared shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Dim {
    /// A fixed size.
    Fixed(i64),
    /// A named size that may differ from call to call.
    Symbol(String),
    /// Not declared.
    Unknown,
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(size) => write!(f, "{size}"),
            Self::Symbol(name) => f.write_str(name),
            Self::Unknown => f.write_str("?"),
        }
    }
}

/// A graph input or output: name, element type, shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// The tensor's name.
    pub name: String,
    /// Its element type.
    pub dtype: ElementType,
    /// Its declared shape.
    pub shape: Vec<Dim>,
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape: Vec<_> = self.shape.iter().map(Dim::to_string).collect();
        write!(f, "{} {} [{}]", self.name, self.dtype, shape.join(","))
    }
}

impl Serialize for Port {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut port = serializer.serialize_struct("Port", 3)?;
        port.serialize_field("name", &self.name)?;
        port.serialize_field("dtype", &self.dtype.to_string())?;
        port.serialize_field("shape", &self.shape)?;
        port.end()
    }
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name; may be empty.
    pub name: String,
    /// The operator, such as `Conv`.
    pub op: String,
    /// The operator's domain; empty is the standard one.
    pub domain: String,
    /// Names of the tensors it reads.
    pub inputs: Vec<String>,
    /// Names of the tensors it makes.
    pub outputs: Vec<String>,
    /// Whether an attribute holds a graph of its own (`If`, `Loop`, `Scan`).
    pub has_subgraph: bool,
    /// Elements of the tensors of floats among its attributes.
    pub attribute_elements: u64,
}

/// A constant tensor of the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initializer {
    /// Its name.
    pub name: String,
    /// Its element type.
    pub dtype: ElementType,
    /// Its shape.
    pub shape: Vec<i64>,
    /// Where its little-endian elements lie in the file, where they lie there in one piece.
    pub data: Option<Range<usize>>,
    /// Whether the values are kept in another file.
    pub external: bool,
}

impl Initializer {
    /// The number of elements, or `None` where the shape is negative or overflows.
    pub fn elements(&self) -> Option<u64> {
        self.shape.iter().try_fold(1_u64, |product, &dim| product.checked_mul(u64::try_from(dim).ok()?))
    }
}

/// An ONNX file, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Model {
    /// The version of the file format.
    pub ir_version: i64,
    /// What made the file.
    pub producer: String,
    /// Operator set versions by domain (the standard domain is empty).
    pub opsets: BTreeMap<String, i64>,
    /// The metadata properties.
    pub metadata: BTreeMap<String, String>,
    /// Functions that the file defines.
    pub functions: usize,
    /// The graph's inputs, initializers left out.
    pub inputs: Vec<Port>,
    /// The graph's outputs.
    pub outputs: Vec<Port>,
    /// The graph's operations.
    pub nodes: Vec<Node>,
    /// The graph's constants.
    pub initializers: Vec<Initializer>,
    /// Sparse constants.
    pub sparse_initializers: usize,
}

impl Model {
    /// The version of the standard operator set.
    pub fn opset(&self) -> Option<i64> {
        self.opsets.get("").copied()
    }

    /// Reads the file's bytes; the error says what is wrong with them.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        parse_model(bytes).map_err(|Malformed(why)| format!("not a valid ONNX file: {why}"))
    }
}

fn parse_model(bytes: &[u8]) -> Result<Model, Malformed> {
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

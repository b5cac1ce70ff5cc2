//! What an ONNX file says about itself: interface, nodes, initializers, metadata; no weights are copied.

mod parse;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::Serialize;

use super::wire::Malformed;

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
        parse::model(bytes).map_err(|Malformed(why)| format!("not a valid ONNX file: {why}"))
    }
}

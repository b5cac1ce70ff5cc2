//! What a graph says of its inputs and outputs.

use std::fmt;

use serde::Serialize;

use super::dtype::DataType;

/// One dimension of a declared shape.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum Dim {
    /// Always this long.
    Fixed(usize),
    /// Chosen by the caller; equal names are equal lengths.
    Symbol(String),
    /// Not declared.
    Unknown,
}

impl Dim {
    /// Its length, where that is fixed.
    pub fn fixed(&self) -> Option<usize> {
        match self {
            Self::Fixed(size) => Some(*size),
            Self::Symbol(_) | Self::Unknown => None,
        }
    }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(size) => size.fmt(f),
            Self::Symbol(name) => f.write_str(name),
            Self::Unknown => f.write_str("?"),
        }
    }
}

/// An input or output of a graph: name, element type, shape.
///
/// ```
/// use oasis::onnx::{DataType, Dim, Port};
/// let port = Port::new("scores", DataType::F32, [Dim::Symbol("batch".into()), Dim::Fixed(2)]);
/// assert_eq!(port.to_string(), "scores f32 [batch, 2]");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Port {
    /// The tensor's name.
    pub name: String,
    /// Its element type.
    pub dtype: DataType,
    /// Its declared shape; `None` where not even the number of dimensions is declared.
    pub shape: Option<Vec<Dim>>,
}

impl Port {
    /// A port of a known number of dimensions.
    pub fn new(name: impl Into<String>, dtype: DataType, shape: impl Into<Vec<Dim>>) -> Self {
        Self { name: name.into(), dtype, shape: Some(shape.into()) }
    }

    /// The declared dimensions; none where their number is not declared.
    pub fn dims(&self) -> &[Dim] {
        self.shape.as_deref().unwrap_or_default()
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.name, self.dtype)?;
        match &self.shape {
            None => f.write_str("of any shape"),
            Some(dims) => {
                let dims: Vec<_> = dims.iter().map(Dim::to_string).collect();
                write!(f, "[{}]", dims.join(", "))
            }
        }
    }
}

impl Serialize for Port {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut port = serializer.serialize_struct("Port", 3)?;
        port.serialize_field("name", &self.name)?;
        port.serialize_field("dtype", self.dtype.name())?;
        port.serialize_field("shape", &self.shape)?;
        port.end()
    }
}

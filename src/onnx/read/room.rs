//! What reading may take: counts and memory, compared before anything is held.

use bytes::Bytes;

use super::error::ReadError;
use crate::onnx::fields::Value;
use crate::onnx::graph::Node;
use crate::onnx::limits;
use crate::onnx::tensor::Tensor;

/// A file that is being read, and how much was taken from it so far.
pub(super) struct Room<'a> {
    /// The file's content.
    pub file: &'a Bytes,
    nodes: usize,
    tensors: usize,
    held: usize,
}

impl<'a> Room<'a> {
    pub fn new(file: &'a Bytes) -> Self {
        Self { file, nodes: 0, tensors: 0, held: 0 }
    }

    /// Makes room for a node.
    pub fn node(&mut self) -> Result<(), ReadError> {
        self.nodes += 1;
        below(self.nodes, limits::NODES, "nodes")?;
        self.hold(size_of::<Node>())
    }

    /// Makes room for a stored tensor.
    pub fn tensor(&mut self) -> Result<(), ReadError> {
        self.tensors += 1;
        below(self.tensors, limits::TENSORS, "stored tensors")?;
        self.hold(size_of::<(String, Tensor)>())
    }

    /// Makes room for so many bytes.
    pub fn hold(&mut self, bytes: usize) -> Result<(), ReadError> {
        self.held = self.held.saturating_add(bytes);
        match self.held <= limits::HELD {
            true => Ok(()),
            false => {
                let most = limits::HELD >> 20;
                Err(ReadError::unsupported(
                    format!("what takes more than {most} MiB to hold"),
                    "names and lists that take less",
                ))
            }
        }
    }

    /// The text of a field that holds a name.
    pub fn name(&mut self, value: Value<'_>) -> Result<String, ReadError> {
        self.bounded(value, limits::NAME, "name")
    }

    /// The text of any other field.
    pub fn text(&mut self, value: Value<'_>) -> Result<String, ReadError> {
        self.bounded(value, limits::TEXT, "text")
    }

    fn bounded(&mut self, value: Value<'_>, most: usize, what: &str) -> Result<String, ReadError> {
        let length = value.bytes()?.len();
        if length > most {
            return Err(ReadError::unsupported(format!("a {what} of {length} bytes"), format!("at most {most}")));
        }
        self.hold(size_of::<String>() + length)?;
        Ok(value.text()?)
    }

    /// Appends the integers of a repeated field to a list that may have `most` of them.
    pub fn ints(&mut self, value: Value<'_>, into: &mut Vec<i64>, most: usize, what: &str) -> Result<(), ReadError> {
        let count = match value {
            // The last byte of each integer is the one below 128.
            Value::Bytes(bytes) => bytes.iter().filter(|byte| **byte < 0x80).count(),
            _ => 1,
        };
        below(into.len().saturating_add(count), most, what)?;
        self.hold(count.saturating_mul(size_of::<i64>()))?;
        Ok(value.ints(into)?)
    }

    /// Appends the floats of a repeated field to a list.
    pub fn floats(&mut self, value: Value<'_>, into: &mut Vec<f32>) -> Result<(), ReadError> {
        let count = match value {
            Value::Bytes(bytes) => bytes.len() / size_of::<f32>(),
            _ => 1,
        };
        below(into.len().saturating_add(count), limits::LIST, "floats in an attribute")?;
        self.hold(count.saturating_mul(size_of::<f32>()))?;
        Ok(value.floats(into)?)
    }
}

/// Refuses more of something than is accepted.
pub(super) fn below(count: usize, most: usize, what: &str) -> Result<(), ReadError> {
    match count <= most {
        true => Ok(()),
        false => Err(ReadError::unsupported(format!("more than {most} {what}"), "fewer")),
    }
}

/// The text of a field, or none.
pub(super) fn or_empty<T: Default, E>(
    value: Option<Value<'_>>,
    read: impl FnOnce(Value<'_>) -> Result<T, E>,
) -> Result<T, E> {
    value.map_or_else(|| Ok(T::default()), read)
}

//! Bytes to models. What cannot be kept is refused, so that a model read and written again means the same.

mod error;
mod graph;
mod names;
mod port;
mod tensor;

use bytes::Bytes;

pub use self::error::ReadError;

use self::graph::read_graph;
use self::names::{standard, unique};
use super::fields::{Fields, Malformed, Value};
use super::model::Model;
use super::schema::{entry, model};

impl Model {
    /// Reads a file's content. Stored tensors share its memory.
    ///
    /// # Errors
    /// Where the content is not that of an ONNX file, or holds what a [`Model`] does not: functions, sparse tensors, weights
    /// kept in another file, tensors of text, values that are not tensors.
    pub fn read(bytes: &Bytes) -> Result<Self, ReadError> {
        let [mut ir, mut producer, mut version, mut doc, mut graph] = [None; 5];
        let (mut opsets, mut metadata) = (Vec::new(), Vec::new());
        let mut fields = Fields::new("the model", bytes);
        while let Some((number, value)) = fields.next()? {
            match number {
                model::IR_VERSION => fields.keep(&mut ir, value)?,
                model::PRODUCER_NAME => fields.keep(&mut producer, value)?,
                model::PRODUCER_VERSION => fields.keep(&mut version, value)?,
                model::DOC_STRING => fields.keep(&mut doc, value)?,
                model::GRAPH => fields.keep(&mut graph, value)?,
                model::OPSET_IMPORT => {
                    let (domain, version) = pair(value)?;
                    opsets.push((standard(domain), version.map_or(Ok(0), Value::int)?));
                }
                model::METADATA_PROPS => {
                    let (key, text) = pair(value)?;
                    metadata.push((key, text.map_or(Ok(String::new()), Value::text)?));
                }
                model::FUNCTIONS => return Err(ReadError::unsupported("functions", "plain operators")),
                _ => fields.skip(&model::SKIPPED)?,
            }
        }
        let text = |value: Option<Value<'_>>| value.map_or(Ok(String::new()), Value::text);
        let graph = graph.ok_or(Malformed::from("it holds no graph"))?;
        unique("operator set", opsets.iter().map(|(domain, _)| domain))?;
        unique("metadata", metadata.iter().map(|(key, _)| key))?;
        Ok(Self {
            ir_version: ir.map_or(Ok(0), Value::int)?,
            producer: text(producer)?,
            producer_version: text(version)?,
            doc: text(doc)?,
            opsets,
            metadata,
            graph: read_graph(bytes, graph.bytes()?, 0)?,
        })
    }
}

/// The key and the value of an entry.
fn pair(value: Value<'_>) -> Result<(String, Option<Value<'_>>), Malformed> {
    let (mut key, mut found) = (None, None);
    let mut fields = Fields::new("an entry", value.bytes()?);
    while let Some((number, value)) = fields.next()? {
        match number {
            entry::KEY => fields.keep(&mut key, value.text()?)?,
            entry::VALUE => fields.keep(&mut found, value)?,
            _ => fields.skip(&[])?,
        }
    }
    Ok((key.unwrap_or_default(), found))
}

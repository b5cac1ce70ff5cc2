//! Bytes to models. What cannot be kept is refused, so that a model read and written again means the same.

mod error;
mod graph;
mod names;
mod port;
mod room;
mod tensor;

use bytes::Bytes;

pub use self::error::ReadError;

use self::graph::read_graph;
use self::names::{standard, unique};
use self::room::{Room, below, or_empty};
use super::fields::{Fields, Malformed, Value};
use super::limits;
use super::model::Model;
use super::schema::{entry, model};
use super::validate::IR_VERSIONS;

impl Model {
    /// Reads a file's content. Stored tensors share its memory.
    ///
    /// # Errors
    /// Where the content is not that of an ONNX file, or holds what a [`Model`] does not: functions, sparse tensors, weights
    /// kept in another file, tensors of text, values that are not tensors, or more of anything than models have.
    pub fn read(bytes: &Bytes) -> Result<Self, ReadError> {
        read_model(bytes).map_err(|why| match version(bytes) {
            Some(version) if version > *IR_VERSIONS.end() => {
                let found = format!("IR version {version} ({why})");
                ReadError::unsupported(found, format!("at most {}", IR_VERSIONS.end()))
            }
            _ => why,
        })
    }
}

/// The version of the file format, where that can be found.
fn version(bytes: &Bytes) -> Option<i64> {
    let mut fields = Fields::new("the model", bytes);
    while let Some((number, value)) = fields.next().ok()? {
        if number == model::IR_VERSION {
            return value.int().ok();
        }
    }
    None
}

fn read_model(bytes: &Bytes) -> Result<Model, ReadError> {
    let room = &mut Room::new(bytes);
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
                let (domain, version) = pair(room, value)?;
                below(opsets.len() + 1, limits::OPSETS, "operator sets")?;
                opsets.push((standard(domain), version.map_or(Ok(0), Value::int)?));
            }
            model::METADATA_PROPS => {
                let (key, text) = pair(room, value)?;
                below(metadata.len() + 1, limits::METADATA, "metadata properties")?;
                metadata.push((key, or_empty(text, |text| room.text(text))?));
            }
            model::FUNCTIONS => return Err(ReadError::unsupported("functions", "plain operators")),
            _ => fields.skip(&model::SKIPPED)?,
        }
    }
    let mut text = |value: Option<Value<'_>>| or_empty(value, |value| room.text(value));
    let (producer, producer_version, doc) = (text(producer)?, text(version)?, text(doc)?);
    let graph = graph.ok_or(Malformed::from("it holds no graph"))?;
    unique("operator set", opsets.iter().map(|(domain, _)| domain))?;
    unique("metadata", metadata.iter().map(|(key, _)| key))?;
    let ir_version = ir.map_or(Ok(0), Value::int)?;
    let graph = read_graph(room, graph.bytes()?, 0)?;
    Ok(Model { ir_version, producer, producer_version, doc, opsets, metadata, graph })
}

/// The key and the value of an entry.
fn pair<'a>(room: &mut Room<'_>, value: Value<'a>) -> Result<(String, Option<Value<'a>>), ReadError> {
    let (mut key, mut found) = (None, None);
    let mut fields = Fields::new("an entry", value.bytes()?);
    while let Some((number, value)) = fields.next()? {
        match number {
            entry::KEY => fields.keep(&mut key, room.name(value)?)?,
            entry::VALUE => fields.keep(&mut found, value)?,
            _ => fields.skip(&[])?,
        }
    }
    Ok((key.unwrap_or_default(), found))
}

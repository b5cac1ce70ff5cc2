//! Writes ONNX files, field by field of `onnx.proto`: other bytes of the same meaning than the library writes.

use std::iter::once;

use oasis::onnx::DataType;

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A protobuf message under construction.
#[derive(Clone, Default)]
pub struct Message(pub Vec<u8>);

impl Message {
    pub fn int(mut self, field: u64, value: i64) -> Self {
        varint(field << 3, &mut self.0);
        varint(value as u64, &mut self.0);
        self
    }

    pub fn bytes(mut self, field: u64, value: impl AsRef<[u8]>) -> Self {
        varint(field << 3 | 2, &mut self.0);
        varint(value.as_ref().len() as u64, &mut self.0);
        self.0.extend_from_slice(value.as_ref());
        self
    }

    pub fn message(self, field: u64, value: Message) -> Self {
        self.bytes(field, value.0)
    }

    pub fn each<T>(self, field: u64, values: impl IntoIterator<Item = T>, make: impl Fn(T) -> Message) -> Self {
        values.into_iter().fold(self, |message, value| message.message(field, make(value)))
    }
}

/// A dimension: fixed, or the batch.
pub fn dim(size: i64) -> Message {
    if size < 0 { Message::default().bytes(2, "batch") } else { Message::default().int(1, size) }
}

/// A graph input or output; a negative size is the batch.
pub fn port(name: &str, dtype: DataType, shape: &[i64]) -> Message {
    let shape = Message::default().each(1, shape.iter().copied(), dim);
    let tensor = Message::default().int(1, dtype.number()).message(2, shape);
    Message::default().bytes(1, name).message(2, Message::default().message(1, tensor))
}

/// A stored tensor of any type, whose bytes need not fit it.
pub fn tensor(name: &str, dtype: DataType, shape: &[i64], raw: &[u8]) -> Message {
    let message = shape.iter().fold(Message::default(), |message, &size| message.int(1, size));
    message.int(2, dtype.number()).bytes(8, name).bytes(9, raw)
}

pub fn floats(name: &str, shape: &[i64], values: &[f32]) -> Message {
    let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensor(name, DataType::F32, shape, &raw)
}

pub fn ints(name: &str, shape: &[i64], values: &[i64]) -> Message {
    let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensor(name, DataType::I64, shape, &raw)
}

/// An attribute of integers (type 7) or of one (type 2).
pub fn attribute(name: &str, values: &[i64], list: bool) -> Message {
    let message = Message::default().bytes(1, name);
    if list {
        values.iter().fold(message, |message, &value| message.int(8, value)).int(20, 7)
    } else {
        message.int(3, values[0]).int(20, 2)
    }
}

pub fn node(op: &str, inputs: &[&str], output: &str, attributes: &[Message]) -> Message {
    let message = inputs.iter().fold(Message::default(), |message, input| message.bytes(1, input));
    let message = message.bytes(2, output).bytes(3, format!("{op}_{output}")).bytes(4, op);
    message.each(5, attributes.iter().cloned(), |attribute| attribute)
}

/// A model's parts, to be changed before it is written.
#[derive(Clone)]
pub struct Model {
    pub ir: i64,
    pub opset: i64,
    pub domain: &'static str,
    pub metadata: Vec<(String, String)>,
    pub nodes: Vec<Message>,
    pub weights: Vec<Message>,
    pub inputs: Vec<Message>,
    pub outputs: Vec<Message>,
    /// More fields of the graph, by their numbers.
    pub more: Vec<(u64, Message)>,
}

impl Model {
    pub fn new(inputs: Vec<Message>, outputs: Vec<Message>) -> Self {
        Self {
            ir: 8,
            opset: 18,
            domain: "",
            metadata: vec![],
            nodes: vec![],
            weights: vec![],
            inputs,
            outputs,
            more: vec![],
        }
    }

    pub fn write(&self) -> Vec<u8> {
        let graph = Message::default()
            .each(1, self.nodes.iter().cloned(), |node| node)
            .bytes(2, "toy")
            .each(5, self.weights.iter().cloned(), |weight| weight)
            .each(11, self.inputs.iter().cloned(), |port| port)
            .each(12, self.outputs.iter().cloned(), |port| port);
        let graph = self.more.iter().fold(graph, |graph, (number, field)| graph.message(*number, field.clone()));
        let opsets = once((self.domain, self.opset));
        Message::default()
            .int(1, self.ir)
            .bytes(2, "oasis tests")
            .message(7, graph)
            .each(8, opsets, |(domain, version)| Message::default().bytes(1, domain).int(2, version))
            .each(14, self.metadata.iter(), |(key, value)| Message::default().bytes(1, key).bytes(2, value))
            .0
    }
}

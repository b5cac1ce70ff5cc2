//! Models to bytes: fields in the order of their numbers, default values left out, so that equal models give equal bytes.

use super::graph::{Attribute, Graph, Node};
use super::model::Model;
use super::port::{Dim, Port};
use super::schema::{
    attribute, attribute_type, dim, entry, graph, kind, model, node, shape, tensor, tensor_type, value,
};
use super::tensor::Tensor;
use super::writer::Writer;

/// Where a tensor's elements lie in a file of their own.
struct Place<'a> {
    file: &'a str,
    offset: usize,
}

impl Model {
    /// The model as a file, weights inside.
    pub fn write(&self) -> Vec<u8> {
        Writer::encode(|writer| write_model(writer, self, &[]))
    }

    /// The model as a file, and its weights as the bytes of another file named `location` beside it.
    ///
    /// Tensors start at multiples of 4,096 bytes there, so that they can be mapped into memory; those of less than 1,024
    /// bytes stay inside.
    pub fn write_external(&self, location: &str) -> (Vec<u8>, Vec<u8>) {
        const SMALL: usize = 1024;
        const PAGE: usize = 4096;
        let mut data = Vec::new();
        let place = |(_, tensor): &(String, Tensor)| {
            (tensor.data.len() >= SMALL).then(|| {
                data.resize(data.len().next_multiple_of(PAGE), 0);
                let offset = data.len();
                data.extend_from_slice(&tensor.data);
                Place { file: location, offset }
            })
        };
        let places: Vec<_> = self.graph.initializers.iter().map(place).collect();
        (Writer::encode(|writer| write_model(writer, self, &places)), data)
    }
}

fn write_model(out: &mut Writer, of: &Model, places: &[Option<Place<'_>>]) {
    out.int(model::IR_VERSION, of.ir_version);
    out.text(model::PRODUCER_NAME, &of.producer);
    out.text(model::PRODUCER_VERSION, &of.producer_version);
    out.text(model::DOC_STRING, &of.doc);
    out.message(model::GRAPH, |out| write_graph(out, &of.graph, places));
    for (domain, version) in &of.opsets {
        out.message(model::OPSET_IMPORT, |out| {
            out.text(entry::KEY, domain);
            out.int(entry::VALUE, *version);
        });
    }
    for (key, text) in &of.metadata {
        write_entry(out, model::METADATA_PROPS, key, text);
    }
}

fn write_entry(out: &mut Writer, number: u32, key: &str, text: &str) {
    out.message(number, |out| {
        out.text(entry::KEY, key);
        out.text(entry::VALUE, text);
    });
}

/// Writes a graph; initializers without a place have their elements inside.
fn write_graph(out: &mut Writer, of: &Graph, places: &[Option<Place<'_>>]) {
    for of in &of.nodes {
        out.message(graph::NODE, |out| write_node(out, of));
    }
    out.text(graph::NAME, &of.name);
    for (index, (name, of)) in of.initializers.iter().enumerate() {
        let place = places.get(index).and_then(Option::as_ref);
        out.message(graph::INITIALIZER, |out| write_tensor(out, name, of, place));
    }
    for (number, ports) in [(graph::INPUT, &of.inputs), (graph::OUTPUT, &of.outputs)] {
        for port in ports {
            out.message(number, |out| write_port(out, port));
        }
    }
}

fn write_node(out: &mut Writer, of: &Node) {
    out.texts(node::INPUT, &of.inputs);
    out.texts(node::OUTPUT, &of.outputs);
    out.text(node::NAME, &of.name);
    out.text(node::OP_TYPE, &of.op);
    for (name, value) in &of.attributes {
        out.message(node::ATTRIBUTE, |out| write_attribute(out, name, value));
    }
    out.text(node::DOMAIN, &of.domain);
}

fn write_attribute(out: &mut Writer, name: &str, value: &Attribute) {
    out.text(attribute::NAME, name);
    let kind = match value {
        Attribute::Float(value) => {
            out.float(attribute::F, *value);
            attribute_type::FLOAT
        }
        Attribute::Int(value) => {
            out.int(attribute::I, *value);
            attribute_type::INT
        }
        Attribute::Text(value) => {
            out.text(attribute::S, value);
            attribute_type::STRING
        }
        Attribute::Tensor(value) => {
            out.message(attribute::T, |out| write_tensor(out, "", value, None));
            attribute_type::TENSOR
        }
        Attribute::Graph(value) => {
            out.message(attribute::G, |out| write_graph(out, value, &[]));
            attribute_type::GRAPH
        }
        Attribute::Floats(values) => {
            out.floats(attribute::FLOATS, values);
            attribute_type::FLOATS
        }
        Attribute::Ints(values) => {
            out.ints(attribute::INTS, values.iter().copied());
            attribute_type::INTS
        }
        Attribute::Texts(values) => {
            out.texts(attribute::STRINGS, values);
            attribute_type::STRINGS
        }
        Attribute::Tensors(values) => {
            values.iter().for_each(|value| {
                out.message(attribute::TENSORS, |out| write_tensor(out, "", value, None));
            });
            attribute_type::TENSORS
        }
        Attribute::Graphs(values) => {
            values.iter().for_each(|value| out.message(attribute::GRAPHS, |out| write_graph(out, value, &[])));
            attribute_type::GRAPHS
        }
    };
    out.int(attribute::TYPE, kind);
}

fn write_tensor(out: &mut Writer, name: &str, of: &Tensor, place: Option<&Place<'_>>) {
    out.ints(tensor::DIMS, of.dims.iter().map(|size| *size as i64));
    out.int(tensor::DATA_TYPE, of.dtype.number());
    out.text(tensor::NAME, name);
    let Some(place) = place else {
        return out.bytes(tensor::RAW_DATA, &of.data);
    };
    let (offset, length) = (place.offset.to_string(), of.data.len().to_string());
    for (key, text) in [("location", place.file), ("offset", &offset), ("length", &length)] {
        write_entry(out, tensor::EXTERNAL_DATA, key, text);
    }
    out.int(tensor::DATA_LOCATION, tensor::EXTERNAL);
}

fn write_port(out: &mut Writer, of: &Port) {
    out.text(value::NAME, &of.name);
    if of.dtype.number() == 0 && of.shape.is_none() {
        return;
    }
    out.message(value::TYPE, |out| {
        out.message(kind::TENSOR, |out| {
            out.int(tensor_type::ELEM_TYPE, of.dtype.number());
            if let Some(dims) = &of.shape {
                out.message(tensor_type::SHAPE, |out| {
                    dims.iter().for_each(|dim| out.message(shape::DIM, |out| write_dim(out, dim)));
                });
            }
        });
    });
}

fn write_dim(out: &mut Writer, of: &Dim) {
    match of {
        Dim::Fixed(size) => out.int_always(dim::VALUE, *size as i64),
        Dim::Symbol(name) => out.bytes_always(dim::PARAM, name.as_bytes()),
        Dim::Unknown => {}
    }
}

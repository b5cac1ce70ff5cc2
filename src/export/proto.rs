//! The graph as ONNX protobuf bytes.

use prost::Message;
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, StringStringEntryProto, TensorProto,
    TensorShapeProto, TypeProto, ValueInfoProto, attribute_proto::AttributeType, tensor_proto, tensor_shape_proto,
    type_proto,
};

use super::constant::Constant;
use super::graph::{Attribute, Graph, Node, Port, Size};

/// The ONNX file format version that is written.
pub(crate) const IR_VERSION: i64 = 8;

/// What a model says about itself beside its graph.
#[derive(Debug, Clone, Default)]
pub(crate) struct Header {
    pub name: String,
    pub doc: String,
    pub opset: i64,
    pub metadata: Vec<(String, String)>,
}

/// Encodes the model, weights inside. Equal graphs and headers give equal bytes.
pub(crate) fn encode(graph: &Graph, header: &Header) -> Vec<u8> {
    model(graph, header).encode_to_vec()
}

/// Encodes the model with the weights in a file of their own, named `location`, whose bytes are the second.
///
/// Tensors start at multiples of 4,096 bytes, so that they can be mapped into memory; small ones stay inside.
pub(crate) fn encode_external(graph: &Graph, header: &Header, location: &str) -> (Vec<u8>, Vec<u8>) {
    const SMALL: usize = 1024;
    const PAGE: usize = 4096;
    let mut model = model(graph, header);
    let mut data = Vec::new();
    for tensor in model.graph.iter_mut().flat_map(|graph| &mut graph.initializer) {
        if tensor.raw_data.len() < SMALL {
            continue;
        }
        data.resize(data.len().next_multiple_of(PAGE), 0);
        let bytes = std::mem::take(&mut tensor.raw_data);
        let place = [
            ("location", location.to_owned()),
            ("offset", data.len().to_string()),
            ("length", bytes.len().to_string()),
        ];
        tensor.external_data = place.map(|(key, value)| StringStringEntryProto { key: key.to_owned(), value }).to_vec();
        tensor.data_location = Some(tensor_proto::DataLocation::External as i32);
        data.extend(bytes);
    }
    (model.encode_to_vec(), data)
}

/// The model as a protobuf message.
pub(crate) fn model(graph: &Graph, header: &Header) -> ModelProto {
    ModelProto {
        ir_version: IR_VERSION,
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: header.opset }],
        producer_name: env!("CARGO_PKG_NAME").into(),
        producer_version: env!("CARGO_PKG_VERSION").into(),
        doc_string: header.doc.clone(),
        graph: Some(GraphProto {
            name: header.name.clone(),
            node: graph.nodes.iter().map(node).collect(),
            initializer: graph.constants.iter().map(|(name, constant)| tensor(name, constant)).collect(),
            input: graph.inputs.iter().map(port).collect(),
            output: graph.outputs.iter().map(port).collect(),
            ..Default::default()
        }),
        metadata_props: header
            .metadata
            .iter()
            .map(|(key, value)| StringStringEntryProto { key: key.clone(), value: value.clone() })
            .collect(),
        ..Default::default()
    }
}

fn node(node: &Node) -> NodeProto {
    NodeProto {
        name: node.name.clone(),
        op_type: node.op.into(),
        input: node.inputs.clone(),
        output: node.outputs.clone(),
        attribute: node.attributes.iter().map(|(name, value)| attribute(name, value)).collect(),
        ..Default::default()
    }
}

fn attribute(name: &str, value: &Attribute) -> AttributeProto {
    let mut proto = AttributeProto { name: name.into(), ..Default::default() };
    let kind = match value {
        Attribute::Int(i) => {
            proto.i = *i;
            AttributeType::Int
        }
        Attribute::Ints(ints) => {
            proto.ints.clone_from(ints);
            AttributeType::Ints
        }
        Attribute::Float(f) => {
            proto.f = *f;
            AttributeType::Float
        }
        Attribute::Text(text) => {
            proto.s = text.clone().into_bytes();
            AttributeType::String
        }
        Attribute::Tensor(constant) => {
            proto.t = Some(tensor("", constant));
            AttributeType::Tensor
        }
    };
    proto.r#type = kind as i32;
    proto
}

fn tensor(name: &str, constant: &Constant) -> TensorProto {
    TensorProto {
        name: name.into(),
        dims: constant.dims.iter().map(|d| *d as i64).collect(),
        data_type: constant.dtype.onnx(),
        raw_data: constant.bytes.clone(),
        ..Default::default()
    }
}

fn port(port: &Port) -> ValueInfoProto {
    let dim = port
        .dims
        .iter()
        .map(|size| tensor_shape_proto::Dimension {
            value: Some(match size {
                Size::Fixed(n) => tensor_shape_proto::dimension::Value::DimValue(*n as i64),
                Size::Symbol(name) => tensor_shape_proto::dimension::Value::DimParam(name.clone()),
            }),
            ..Default::default()
        })
        .collect();
    ValueInfoProto {
        name: port.name.clone(),
        r#type: Some(TypeProto {
            value: Some(type_proto::Value::TensorType(type_proto::Tensor {
                elem_type: port.dtype.onnx(),
                shape: Some(TensorShapeProto { dim }),
            })),
            ..Default::default()
        }),
        ..Default::default()
    }
}

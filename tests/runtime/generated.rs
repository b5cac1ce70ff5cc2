//! Models of any content, written and read.

use bytes::Bytes;
use oasis::onnx::{Attribute, DataType, Dim, Graph, Model, Node, Port, Tensor};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::seeded::cases;

fn text() -> impl Strategy<Value = String> {
    "[a-z\u{e9}\u{1F600}/.0-9]{0,6}"
}

fn tensor() -> impl Strategy<Value = Tensor> {
    let types = select(vec![DataType::F32, DataType::I64, DataType::U8, DataType::F16, DataType::Bool, DataType::I4]);
    (types, vec(0_usize..4, 0..4)).prop_flat_map(|(dtype, dims)| {
        let bytes = dtype.bits() * dims.iter().product::<usize>();
        let byte = if dtype == DataType::Bool { 0..=1_u8 } else { 0..=255 };
        vec(byte, bytes.div_ceil(8)).prop_map(move |data| Tensor { dtype, dims: dims.clone(), data: data.into() })
    })
}

fn attribute(graph: impl Strategy<Value = Graph> + Clone + 'static) -> impl Strategy<Value = Attribute> {
    let float = || prop::num::f32::NORMAL | prop::num::f32::ZERO | prop::num::f32::INFINITE;
    prop_oneof![
        any::<i64>().prop_map(Attribute::Int),
        vec(any::<i64>(), 0..5).prop_map(Attribute::Ints),
        float().prop_map(Attribute::Float),
        vec(float(), 0..5).prop_map(Attribute::Floats),
        text().prop_map(Attribute::Text),
        vec(text(), 0..3).prop_map(Attribute::Texts),
        tensor().prop_map(Attribute::Tensor),
        vec(tensor(), 0..3).prop_map(Attribute::Tensors),
        graph.clone().prop_map(|graph| Attribute::Graph(Box::new(graph))),
        vec(graph, 0..2).prop_map(Attribute::Graphs),
    ]
}

fn ports(kind: &'static str) -> impl Strategy<Value = Vec<Port>> {
    let dim = prop_oneof![(0_usize..1 << 40).prop_map(Dim::Fixed), text().prop_map(Dim::Symbol), Just(Dim::Unknown)];
    let types = (0_i64..=22).prop_map(|number| DataType::from_number(number).unwrap());
    vec((types, vec(dim, 0..4)), 0..3).prop_map(move |ports| {
        let port = |(index, (dtype, dims))| Port::new(format!("{kind}{index}"), dtype, dims);
        ports.into_iter().enumerate().map(port).collect()
    })
}

/// A graph, in whose attributes graphs lie so many deep.
fn graph(depth: usize) -> BoxedStrategy<Graph> {
    let inner = if depth == 0 { Just(Graph::default()).boxed() } else { graph(depth - 1) };
    let attributes = vec(attribute(inner), 0..4).prop_map(|values| {
        values.into_iter().enumerate().map(|(index, value)| (format!("a{index}").into(), value)).collect()
    });
    let node = (text(), text(), text(), vec(text(), 0..4), vec(text(), 0..3), attributes).prop_map(
        |(name, op, domain, inputs, outputs, attributes)| Node {
            name,
            op: op.into(),
            domain,
            inputs,
            outputs,
            attributes,
        },
    );
    let stored = vec(tensor(), 0..3)
        .prop_map(|all| all.into_iter().enumerate().map(|(index, tensor)| (format!("w{index}"), tensor)).collect());
    (text(), vec(node, 0..3), stored, ports("x"), ports("y"))
        .prop_map(|(name, nodes, initializers, inputs, outputs)| Graph { name, nodes, initializers, inputs, outputs })
        .boxed()
}

fn model() -> impl Strategy<Value = Model> {
    let texts = (text(), text(), text());
    let pairs = vec((text(), any::<i64>()), 0..3);
    (any::<i64>(), texts, pairs, vec(text(), 0..3), graph(2)).prop_map(
        |(ir_version, (producer, producer_version, doc), opsets, metadata, graph)| Model {
            ir_version,
            producer,
            producer_version,
            doc,
            opsets: opsets.into_iter().enumerate().map(|(index, (name, n))| (format!("{index}{name}"), n)).collect(),
            metadata: metadata.into_iter().enumerate().map(|(index, text)| (format!("k{index}"), text)).collect(),
            graph,
        },
    )
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn models_of_any_content_are_written_and_read(model in model()) {
        let bytes = Bytes::from(model.write());
        let read = Model::read(&bytes).unwrap();
        prop_assert_eq!(read.write(), bytes.as_ref());
        prop_assert_eq!(read, model);
    }
}

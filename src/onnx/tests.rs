//! Models written and read, and bytes that are refused.

use bytes::Bytes;

use super::writer::Writer;
use super::*;

/// A model of every kind of attribute, dimension and port.
fn model() -> Model {
    let tensor =
        Tensor { dtype: DataType::F32, dims: vec![2], data: Bytes::from_static(&[0, 0, 128, 63, 0, 0, 0, 64]) };
    let inner = Graph {
        name: "then".into(),
        outputs: vec![Port { name: "x".into(), dtype: DataType::Undefined, shape: None }],
        ..Graph::default()
    };
    let attributes = [
        ("int", Attribute::Int(-3)),
        ("zero", Attribute::Int(0)),
        ("ints", Attribute::Ints(vec![1, 0, -1])),
        ("float", Attribute::Float(0.5)),
        ("floats", Attribute::Floats(vec![0.0, 2.0])),
        ("text", Attribute::Text("same".into())),
        ("texts", Attribute::Texts(vec![String::new(), "b".into()])),
        ("tensor", Attribute::Tensor(tensor.clone())),
        ("tensors", Attribute::Tensors(vec![tensor.clone(); 2])),
        ("graph", Attribute::Graph(Box::new(inner.clone()))),
        ("graphs", Attribute::Graphs(vec![inner])),
        ("none", Attribute::Ints(vec![])),
    ];
    let node = Node {
        name: "node".into(),
        op: "If".into(),
        inputs: vec!["x".into(), String::new(), "w".into()],
        outputs: vec!["y".into(), "z".into()],
        attributes: attributes.map(|(name, value)| (name.into(), value)).into(),
        ..Node::default()
    };
    let dims = [Dim::Symbol("batch".into()), Dim::Fixed(0), Dim::Unknown];
    let flag = Tensor { dtype: DataType::Bool, dims: vec![], data: Bytes::from_static(&[1]) };
    Model {
        ir_version: 8,
        producer: "test".into(),
        producer_version: "1".into(),
        doc: "a model".into(),
        opsets: vec![(String::new(), 18)],
        metadata: vec![("b".into(), "2".into()), ("a".into(), String::new())],
        graph: Graph {
            name: "main".into(),
            nodes: vec![node],
            initializers: vec![("w".into(), tensor), ("flag".into(), flag)],
            inputs: vec![Port::new("x", DataType::F32, dims)],
            outputs: vec![
                Port::new("y", DataType::I64, []),
                Port { name: "z".into(), dtype: DataType::F16, shape: None },
            ],
        },
    }
}

#[test]
fn what_is_written_is_read_as_it_was() {
    let model = model();
    let bytes = Bytes::from(model.write());
    assert_eq!(Model::read(&bytes).unwrap(), model);
    assert_eq!(Model::read(&bytes).unwrap().write(), bytes);
}

#[test]
fn the_shipped_files_are_as_the_writer_writes_them() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("onnx");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "onnx")).collect();
    assert_eq!(files.len(), 6);
    for path in files {
        let bytes = Bytes::from(std::fs::read(&path).unwrap());
        let name = path.display().to_string();
        let file = ModelFile::read(&name, bytes.clone()).unwrap();
        assert!(file.model().write() == bytes, "{name}");
        assert_eq!(file.bytes().as_ptr(), bytes.as_ptr(), "{name} was copied");
    }
}

#[test]
fn no_cut_and_no_flipped_byte_is_a_panic() {
    let bytes = model().write();
    for index in 0..bytes.len() {
        let _ = Model::read(&Bytes::copy_from_slice(&bytes[..index]));
        for flip in [0x01, 0x02, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[index] ^= flip;
            if let Ok(read) = Model::read(&bytes.into()) {
                assert_eq!(Model::read(&read.write().into()).unwrap().write(), read.write());
            }
        }
    }
}

#[track_caller]
fn refused(bytes: Vec<u8>, words: &str) {
    let why = Model::read(&bytes.into()).unwrap_err().to_string();
    assert!(why.contains(words), "{why}");
}

/// The model with one more field, written by `more`.
fn with(more: impl Fn(&mut Writer)) -> Vec<u8> {
    [model().write(), Writer::encode(more)].concat()
}

/// A model of a graph that `fields` writes.
fn of_graph(fields: impl Fn(&mut Writer)) -> Vec<u8> {
    Writer::encode(|out| out.message(7, &fields))
}

#[test]
fn a_second_graph_and_unknown_fields_are_refused() {
    refused(with(|out| out.message(7, |_| {})), "the model has field 7 twice");
    refused(with(|out| out.int(1, 9)), "the model has field 1 twice");
    refused(with(|out| out.int(99, 1)), "the model has the unknown field 99");
    refused(with(|out| out.message(8, |_| {})), "operator set `` is there twice");
    refused(with(|out| out.message(14, |out| out.text(1, "a"))), "metadata `a` is there twice");
    refused(with(|out| out.message(25, |_| {})), "functions");
    refused(of_graph(|out| out.message(1, |out| out.text(8, "overload"))), "a node has the unknown field 8");
    refused(of_graph(|out| out.message(15, |_| {})), "sparse weights");
    refused(Vec::new(), "it holds no graph");
    let file = Bytes::from(with(|out| out.text(4, "a domain, which says nothing of a result")));
    assert_eq!(Model::read(&file).unwrap(), model());
}

#[test]
fn attributes_of_several_values_or_none_are_refused() {
    let attribute = |fields: fn(&mut Writer)| of_graph(move |out| out.message(1, |out| out.message(5, fields)));
    refused(attribute(|out| (1..=2).for_each(|i| out.int(3, i))), "twice");
    refused(attribute(|out| [(3, 1), (20, 7)].iter().for_each(|(n, i)| out.int(*n, *i))), "of another type");
    refused(attribute(|out| out.int(20, 4)), "has no value");
    refused(attribute(|out| out.text(21, "outer")), "refers to a function's");
    refused(attribute(|out| out.message(22, |_| {})), "sparse tensor");
    refused(attribute(|out| out.message(23, |_| {})), "sparse tensor");
    refused(attribute(|out| out.message(14, |_| {})), "a type in an attribute");
    refused(attribute(|out| out.int(99, 1)), "unknown field 99");
    let twice = of_graph(|out| {
        out.message(1, |out| {
            for value in 1..=2 {
                out.message(5, |out| [(3, value), (20, 2)].iter().for_each(|(n, i)| out.int(*n, *i)));
            }
        });
    });
    refused(twice, "attribute `` of a node is there twice");
}

#[test]
fn graphs_lie_only_so_deep_within_graphs() {
    fn nested(out: &mut Writer, depth: usize) {
        if depth > 0 {
            out.message(1, |out| out.message(5, |out| out.message(6, |out| nested(out, depth - 1))));
        }
    }
    assert!(Model::read(&of_graph(|out| nested(out, 16)).into()).is_ok());
    refused(of_graph(|out| nested(out, 17)), "graphs within graphs");
}

#[test]
fn elements_are_read_from_whichever_field_they_are_in() {
    let read = |fields: fn(&mut Writer)| {
        let model = Model::read(&of_graph(move |out| out.message(5, fields)).into()).unwrap();
        model.graph.initializers[0].1.data.to_vec()
    };
    macro_rules! tensor {
        ($dtype:ident, $count:literal, $fields:expr) => {
            read(|out| {
                out.ints(1, [$count].into_iter());
                out.int(2, DataType::$dtype.number());
                ($fields as fn(&mut Writer))(out);
            })
        };
    }
    assert_eq!(tensor!(F32, 2, |out| out.floats(4, &[1.0, 2.0])), [0, 0, 128, 63, 0, 0, 0, 64]);
    assert_eq!(tensor!(F32, 2, |out| [1.0, 2.0].iter().for_each(|v| out.float(4, *v))), [0, 0, 128, 63, 0, 0, 0, 64]);
    assert_eq!(tensor!(I8, 2, |out| out.ints(5, [-1, 5].into_iter())), [255, 5]);
    assert_eq!(tensor!(U16, 1, |out| out.int(5, 0xfffe)), [0xfe, 0xff]);
    assert_eq!(tensor!(I64, 2, |out| [1, 2].iter().for_each(|v| out.int(7, *v)))[8..], 2_i64.to_le_bytes());
    assert_eq!(tensor!(U32, 1, |out| out.int(11, 0xffff_ffff)), [255; 4]);
    assert_eq!(tensor!(U64, 1, |out| out.int(11, -1)), [255; 8]);
    assert_eq!(tensor!(I4, 3, |out| out.ints(5, [0x21, 0x03].into_iter())), [0x21, 3]);
    assert_eq!(tensor!(F32, 0, |out| out.bytes_always(9, &[])), [0; 0]);
}

#[test]
fn tensors_of_wrong_length_or_elsewhere_are_refused() {
    let tensor = |fields: fn(&mut Writer)| of_graph(move |out| out.message(5, fields));
    refused(
        tensor(|out| [(1, 3), (2, 1)].iter().for_each(|(n, i)| out.int(*n, *i))),
        "has 0 bytes, expected 3 elements",
    );
    refused(tensor(|out| [(1, -1), (2, 1)].iter().for_each(|(n, i)| out.int(*n, *i))), "of shape [-1]");
    refused(tensor(|out| [(2, 1), (14, 1)].iter().for_each(|(n, i)| out.int(*n, *i))), "another file");
    refused(tensor(|out| out.message(13, |_| {})), "another file");
    refused(tensor(|out| out.int(2, 8)), "of element type 8");
    refused(tensor(|out| out.int(2, 99)), "of element type 99");
    refused(tensor(|out| [(1, 1), (2, 3), (5, 300)].iter().for_each(|(n, i)| out.int(*n, *i))), "300 does not fit i8");
    refused(tensor(|out| [(1, 1), (2, 1), (7, 1)].iter().for_each(|(n, i)| out.int(*n, *i))), "are in field 7");
    let two = tensor(|out| {
        [(1, 1), (2, 6), (5, 1)].iter().for_each(|(n, i)| out.int(*n, *i));
        out.bytes(9, &[1, 0, 0, 0]);
    });
    refused(two, "its elements are in two fields");
}

#[test]
fn stored_tensors_are_no_inputs_and_the_standard_domain_has_one_name() {
    let mut model = model();
    model.graph.inputs.push(Port::new("w", DataType::F32, [Dim::Fixed(2)]));
    model.graph.nodes[0].domain = "ai.onnx".into();
    model.opsets[0].0 = "ai.onnx".into();
    assert_eq!(Model::read(&model.write().into()).unwrap(), self::model());
}

#[test]
fn large_weights_start_at_pages_of_a_file_beside() {
    let mut model = model();
    let large = Tensor { dtype: DataType::U8, dims: vec![5000], data: vec![7; 5000].into() };
    model.graph.initializers.extend([("a".into(), large.clone()), ("b".into(), large)]);
    let (file, data) = model.write_external("m.onnx.data");
    assert_eq!((file.len() < 2000, data.len()), (true, 8192 + 5000));
    let text = String::from_utf8_lossy(&file);
    assert!(text.contains("m.onnx.data") && text.contains("8192") && text.contains("5000"));
    refused(file, "weight `a` kept in another file");
}

#[test]
fn files_of_other_versions_and_operators_are_refused() {
    let refused = |change: fn(&mut Model), words: &str| {
        let mut model = model();
        change(&mut model);
        let error = ModelFile::from_model("a.onnx", model).unwrap_err();
        assert_eq!(error.subject().to_string(), "a.onnx");
        assert!(error.why().contains(words) && !error.hints().is_empty(), "{error}");
    };
    assert!(ModelFile::from_model("a.onnx", model()).is_ok());
    refused(|model| model.ir_version = 3, "found IR version 3, expected at least 4");
    refused(|model| model.ir_version = 12, "found IR version 12, expected at most 10");
    refused(|model| model.opsets[0].1 = 8, "found opset 8, expected at least 9");
    refused(|model| model.opsets[0].1 = 30, "found opset 30, expected at most 21");
    refused(|model| model.opsets.clear(), "no opset");
    refused(|model| model.graph.nodes[0].domain = "com.example".into(), "com.example");
    refused(|model| model.graph.inputs[0].dtype = DataType::Undefined, "`x` without an element type");
    refused(|model| model.graph.nodes[0].inputs[0] = "later".into(), "reads `later`, which nothing makes before it");
    refused(|model| model.graph.nodes[0].outputs[0] = "x".into(), "a second value `x`");
    refused(|model| model.graph.outputs[0].name = "nowhere".into(), "output `nowhere`, which nothing makes");
    let inner = |model: &mut Model| match &mut model.graph.nodes[0].attributes[9].1 {
        Attribute::Graph(graph) => graph.nodes.push(Node { domain: "com.example".into(), ..Node::default() }),
        other => panic!("{other:?}"),
    };
    refused(inner, "com.example");
}

#[test]
fn an_import_that_nothing_uses_is_no_fault_and_engines_do_not_see_it() {
    let mut model = model();
    model.opsets.insert(0, ("com.example".into(), 1));
    let file = ModelFile::from_model("a.onnx", model.clone()).unwrap();
    assert_eq!(file.model(), &self::model());
    assert_eq!(file.bytes(), &self::model().write());
    assert_eq!(Model::read(&model.write().into()).unwrap(), model);
}

#[test]
fn a_file_of_a_newer_version_is_named_as_such_where_it_cannot_be_read() {
    let newer = Writer::encode(|out| {
        out.int(1, 12);
        out.message(7, |out| out.message(1, |out| out.message(10, |_| {})));
    });
    refused(newer, "IR version 12 (not a valid ONNX file: a node has the unknown field 10), expected at most 10");
}

#[test]
fn more_of_anything_than_models_have_is_refused_before_it_is_held() {
    let long = "a".repeat(5000);
    refused(of_graph(|out| out.message(1, |out| out.text(3, &long))), "a name of 5000 bytes, expected at most 4096");
    refused(of_graph(|out| out.message(5, |out| out.text(8, &long))), "a name of 5000 bytes");
    let symbol = |out: &mut Writer| {
        out.message(2, |out| out.message(1, |out| out.message(2, |out| out.message(1, |out| out.text(2, &long)))));
    };
    refused(of_graph(|out| out.message(11, symbol)), "a name of 5000 bytes");
    refused(with(|out| out.message(14, |out| out.text(2, &"a".repeat(2 << 20)))), "a text of 2097152 bytes");
    refused(with(|out| (0..70).for_each(|n| out.message(8, |out| out.text(1, &n.to_string())))), "operator sets");
    refused(with(|out| (0..2000).for_each(|n| out.message(14, |out| out.text(1, &n.to_string())))), "metadata");
    refused(of_graph(|out| (0..5000).for_each(|_| out.message(12, |_| {}))), "outputs of a graph");
    refused(of_graph(|out| (0..1 << 18).for_each(|_| out.message(1, |_| {}))), "more than 131072 nodes");
    refused(
        of_graph(|out| out.message(1, |out| (0..20_000).for_each(|_| out.bytes_always(1, &[])))),
        "inputs of a node",
    );
    refused(of_graph(|out| out.message(5, |out| out.ints(1, [1; 40].into_iter()))), "more than 32 dimensions");
    let attribute = |fields: &dyn Fn(&mut Writer)| of_graph(|out| out.message(1, |out| out.message(5, fields)));
    refused(attribute(&|out| out.bytes_always(8, &[1; 2 << 20])), "integers in an attribute");
    refused(attribute(&|out| out.bytes_always(7, &[0; 8 << 20])), "floats in an attribute");
    // Every byte is an element, of eight bytes once it is held.
    let packed = |out: &mut Writer| {
        out.int(2, DataType::I64.number());
        out.bytes_always(7, &[1; 40 << 20]);
    };
    refused(of_graph(|out| out.message(5, packed)), "more than 256 MiB to hold");
}

#[test]
fn a_truth_value_is_zero_or_one() {
    let tensor = |fields: fn(&mut Writer)| of_graph(move |out| out.message(5, fields));
    let flags = |out: &mut Writer| [(1, 1), (2, DataType::Bool.number())].iter().for_each(|(n, i)| out.int(*n, *i));
    assert!(
        Model::read(
            &of_graph(|out| out.message(5, |out| {
                flags(out);
                out.bytes(9, &[1])
            }))
            .into()
        )
        .is_ok()
    );
    refused(
        of_graph(|out| {
            out.message(5, |out| {
                flags(out);
                out.bytes(9, &[2])
            })
        }),
        "truth values",
    );
    refused(tensor(|out| [(1, 1), (2, 9), (5, 255)].iter().for_each(|(n, i)| out.int(*n, *i))), "truth values");
}

#[test]
fn engines_see_what_the_writer_wrote() {
    let file = Bytes::from(with(|out| out.text(4, "a domain")));
    let read = ModelFile::read("a.onnx", file.clone()).unwrap().with_workload(Workload::Step).with_sha256("ab");
    assert_ne!(read.bytes(), &file);
    assert_eq!(read.bytes(), &model().write());
    assert_eq!((read.workload(), read.sha256()), (Workload::Step, Some("ab")));
    let weight = read.model().graph.initializer("w").unwrap().data.as_ptr_range();
    assert!(read.bytes().as_ptr_range().contains(&weight.start), "weights are held twice");
}

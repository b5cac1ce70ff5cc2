//! Weights at half precision: rounded in Burn before they are recorded, stored in half the bytes where that loses
//! nothing.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{DType, FloatDType, Tensor};

use super::builder::{Fact, GraphBuilder};
use super::constant::{elements, halved};
use super::validate::is_end;
use crate::onnx::{Attribute, DataType, Dim, Node};

/// Tensors of fewer elements stay as they are: a cast would cost more than it saves.
const FEW: usize = 64;

/// A copy of the module whose f32 parameters of two and more dimensions hold only values that 16 bits hold.
///
/// Vectors (biases, scales, running statistics) are small and are left alone, and so is every parameter whose path
/// ends in one of `kept`.
pub(crate) fn rounded<M: Module>(module: M, kept: &[String]) -> M {
    module.map(&mut Round { path: Vec::new(), kept })
}

struct Round<'a> {
    path: Vec<String>,
    kept: &'a [String],
}

impl ModuleMapper for Round<'_> {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let path = self.path.join(".");
        let kept = self.kept.iter().any(|name| is_end(&path, name));
        if D < 2 || kept {
            return param;
        }
        param.map(|tensor| match tensor.dtype() {
            DType::F32 => tensor.cast(FloatDType::F16).cast(FloatDType::F32),
            _ => tensor,
        })
    }
}

/// Stores every f32 tensor whose values all fit 16 bits exactly as f16, with a cast for its readers.
pub(crate) fn halve(graph: &mut GraphBuilder) {
    let mut casts = Vec::new();
    let names: Vec<String> = graph.constants.keys().cloned().collect();
    for name in names {
        let Some(half) = graph.constants.get(&name).and_then(halved) else {
            continue;
        };
        if elements(&half) < FEW || graph.is_output(&name) {
            continue;
        }
        let wide = format!("{name}_f32");
        let dims = half.dims.iter().map(|size| Dim::Fixed(*size)).collect();
        for input in graph.nodes.iter_mut().flat_map(|node| &mut node.inputs) {
            if *input == name {
                input.clone_from(&wide);
            }
        }
        graph.facts.insert(wide.clone(), Fact { dtype: DataType::F32, dims });
        casts.push(Node {
            name: format!("{name}_cast"),
            op: "Cast".into(),
            inputs: vec![name.clone()],
            outputs: vec![wide],
            attributes: vec![("to".into(), Attribute::Int(DataType::F32.number()))],
            ..Node::default()
        });
        graph.constants.insert(name, half);
    }
    casts.append(&mut graph.nodes);
    graph.nodes = casts;
}

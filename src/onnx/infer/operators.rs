//! The operators whose outputs can be told.

use super::call::Rule;
use super::{elementwise, grow, layout, matrix, pick, reduce, window};

/// Every operator that the exporter writes, and what tells its outputs. Bundles hold no others.
pub(super) const EXPORTED: &[(&str, Rule)] = &[
    ("Abs", elementwise::same),
    ("Acos", elementwise::same),
    ("Acosh", elementwise::same),
    ("Add", elementwise::broadcast),
    ("And", elementwise::broadcast),
    ("ArgMax", reduce::extreme_place),
    ("ArgMin", reduce::extreme_place),
    ("Asin", elementwise::same),
    ("Asinh", elementwise::same),
    ("Atan", elementwise::same),
    ("Atanh", elementwise::same),
    ("AveragePool", window::pool),
    ("BatchNormalization", elementwise::same),
    ("BitShift", elementwise::broadcast),
    ("BitwiseAnd", elementwise::broadcast),
    ("BitwiseNot", elementwise::same),
    ("BitwiseOr", elementwise::broadcast),
    ("BitwiseXor", elementwise::broadcast),
    ("Cast", elementwise::cast),
    ("Ceil", elementwise::same),
    ("Clip", elementwise::same),
    ("Concat", layout::concat),
    ("ConstantOfShape", elementwise::constant_of_shape),
    ("Conv", window::conv),
    ("ConvTranspose", window::conv_transpose),
    ("Cos", elementwise::same),
    ("Cosh", elementwise::same),
    ("CumSum", elementwise::same),
    ("DepthToSpace", layout::depth_to_space),
    ("Div", elementwise::broadcast),
    ("Equal", elementwise::broadcast),
    ("Erf", elementwise::same),
    ("Exp", elementwise::same),
    ("Expand", grow::expand),
    ("Floor", elementwise::same),
    ("GRU", matrix::recurrent),
    ("Gather", pick::gather),
    ("GatherElements", pick::gather_elements),
    ("GatherND", pick::gather_nd),
    ("Gelu", elementwise::same),
    ("Gemm", matrix::gemm),
    ("GlobalAveragePool", window::global_pool),
    ("Greater", elementwise::broadcast),
    ("GreaterOrEqual", elementwise::broadcast),
    ("GridSample", grow::grid_sample),
    ("HardSigmoid", elementwise::same),
    ("Identity", elementwise::identity),
    ("InstanceNormalization", elementwise::same),
    ("IsNaN", elementwise::same),
    ("LSTM", matrix::recurrent),
    ("LayerNormalization", elementwise::same),
    ("LeakyRelu", elementwise::same),
    ("Less", elementwise::broadcast),
    ("LessOrEqual", elementwise::broadcast),
    ("Log", elementwise::same),
    ("LogSoftmax", elementwise::same),
    ("MatMul", matrix::mat_mul),
    ("Max", elementwise::broadcast),
    ("MaxPool", window::pool),
    ("Min", elementwise::broadcast),
    ("Mod", elementwise::broadcast),
    ("Mul", elementwise::broadcast),
    ("Neg", elementwise::same),
    ("Not", elementwise::same),
    ("Or", elementwise::broadcast),
    ("PRelu", elementwise::same),
    ("Pad", grow::pad),
    ("Pow", elementwise::broadcast),
    ("RNN", matrix::recurrent),
    ("Range", elementwise::range),
    ("Reciprocal", elementwise::same),
    ("ReduceMax", reduce::reduce),
    ("ReduceMean", reduce::reduce),
    ("ReduceMin", reduce::reduce),
    ("ReduceProd", reduce::reduce),
    ("ReduceSum", reduce::reduce),
    ("Relu", elementwise::same),
    ("Reshape", layout::reshape),
    ("Resize", grow::resize),
    ("Round", elementwise::same),
    ("ScatterElements", pick::scatter),
    ("ScatterND", pick::scatter),
    ("Shape", elementwise::shape),
    ("Sigmoid", elementwise::same),
    ("Sign", elementwise::same),
    ("Sin", elementwise::same),
    ("Sinh", elementwise::same),
    ("Slice", layout::slice),
    ("Softmax", elementwise::same),
    ("SpaceToDepth", layout::space_to_depth),
    ("Split", layout::split),
    ("Sqrt", elementwise::same),
    ("Squeeze", layout::squeeze),
    ("Sub", elementwise::broadcast),
    ("Tan", elementwise::same),
    ("Tanh", elementwise::same),
    ("Tile", grow::tile),
    ("TopK", pick::top_k),
    ("Transpose", layout::transpose),
    ("Unsqueeze", layout::unsqueeze),
    ("Where", elementwise::broadcast),
    ("Xor", elementwise::broadcast),
];

/// Operators of other exporters, for files that are only looked at.
const OTHERS: &[(&str, Rule)] = &[
    ("Celu", elementwise::same),
    ("Constant", elementwise::constant),
    ("DequantizeLinear", elementwise::same),
    ("Dropout", elementwise::same),
    ("Elu", elementwise::same),
    ("Flatten", layout::flatten),
    ("GlobalMaxPool", window::global_pool),
    ("GroupNormalization", elementwise::same),
    ("HardSwish", elementwise::same),
    ("Hardmax", elementwise::same),
    ("IsInf", elementwise::same),
    ("LRN", elementwise::same),
    ("LpNormalization", elementwise::same),
    ("Mean", elementwise::broadcast),
    ("MeanVarianceNormalization", elementwise::same),
    ("Mish", elementwise::same),
    ("QuantizeLinear", elementwise::same),
    ("ReduceL1", reduce::reduce),
    ("ReduceL2", reduce::reduce),
    ("ReduceLogSum", reduce::reduce),
    ("ReduceLogSumExp", reduce::reduce),
    ("ReduceSumSquare", reduce::reduce),
    ("Selu", elementwise::same),
    ("Shrink", elementwise::same),
    ("Softplus", elementwise::same),
    ("Softsign", elementwise::same),
    ("Sum", elementwise::broadcast),
    ("ThresholdedRelu", elementwise::same),
    ("Trilu", elementwise::same),
];

/// What tells the outputs of an operator that the exporter writes.
pub(super) fn exported(op: &str) -> Option<Rule> {
    EXPORTED.iter().find_map(|(name, rule)| (*name == op).then_some(*rule))
}

/// What tells the outputs of an operator.
pub(super) fn any(op: &str) -> Option<Rule> {
    exported(op).or_else(|| OTHERS.iter().find_map(|(name, rule)| (*name == op).then_some(*rule)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::{EXPORTED, OTHERS};

    /// The operators in the lists of nodes of every network that the exporter's tests export.
    fn written() -> BTreeSet<String> {
        let lists = include_str!("../../../tests/export/nodes.txt");
        let mut found = BTreeSet::new();
        for line in lists.lines() {
            let (_, nodes) = line.split_once(": ").expect("NAME: NODES");
            let nodes = nodes.split_once(" nodes: ").map_or(nodes, |(_, counted)| counted);
            for node in nodes.split(", ").filter(|node| *node != "none") {
                found.insert(node.rsplit(' ').next().unwrap_or(node).to_owned());
            }
        }
        found
    }

    fn sources(folder: &Path, into: &mut String) {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            match path.is_dir() {
                true => sources(&path, into),
                false => into.push_str(&std::fs::read_to_string(path).unwrap()),
            }
        }
    }

    #[test]
    fn the_list_is_what_the_exporter_writes() {
        let listed: BTreeSet<String> = EXPORTED.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(listed.len(), EXPORTED.len());
        let written = written();
        assert!(written.len() > 90, "{written:?}");
        let missing: Vec<_> = written.difference(&listed).collect();
        assert!(missing.is_empty(), "the exporter writes {missing:?}, which no bundle may hold");
        let mut code = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/export"), &mut code);
        let unused: Vec<_> =
            listed.difference(&written).filter(|name| !code.contains(&format!("(\"{name}\""))).collect();
        assert!(unused.is_empty(), "the exporter never writes {unused:?}");
    }

    #[test]
    fn the_lists_are_sorted_and_share_nothing() {
        for list in [EXPORTED, OTHERS] {
            assert!(list.is_sorted_by(|(a, _), (b, _)| a < b));
        }
        assert!(OTHERS.iter().all(|(name, _)| super::exported(name).is_none()));
    }
}

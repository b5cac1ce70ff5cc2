//! Attributes of nodes.

use crate::onnx::Attribute;

pub(crate) fn int(value: i64) -> Attribute {
    Attribute::Int(value)
}

pub(crate) fn ints<N: Copy + TryInto<i64>>(values: &[N]) -> Attribute {
    Attribute::Ints(values.iter().map(|v| (*v).try_into().unwrap_or(i64::MAX)).collect())
}

pub(crate) fn float(value: f32) -> Attribute {
    Attribute::Float(value)
}

pub(crate) fn text(value: &str) -> Attribute {
    Attribute::Text(value.to_string())
}

/// The attribute `axis`, which most operators that work along one axis have.
pub(crate) fn along_axis(axis: usize) -> (&'static str, Attribute) {
    ("axis", int(axis as i64))
}

//! What lowerings are written with: the context they add nodes to, and the few nodes that many of them need.
//!
//! Nothing here knows which of Burn's operations is being lowered.

mod attribute;
mod context;
mod elementwise;
mod fill;
mod matrix;
mod number;
mod operator;
mod positions;
mod reduce;
mod shape;
pub(crate) mod wide;

pub(crate) use crate::onnx::{Attribute, DataType, Tensor};
pub(crate) use attribute::{along_axis, float, int, ints, text};
pub(crate) use context::{Context, Lowered};
pub(crate) use elementwise::{
    binary, cast, choose, compare, compare_scalar, computed_with_scalar, same, unary, widened, with_scalar,
};
pub(crate) use fill::{filled, full};
pub(crate) use matrix::times_matrix;
pub(crate) use number::{clamp_bound, fitted, following, integer_range, operand, scalar};
pub(crate) use operator::Operator;
pub(crate) use positions::{count_up, positions};
pub(crate) use reduce::{is_empty, reduced_axes, reduced_to_one};

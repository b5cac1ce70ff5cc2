//! Products with a matrix along any axis.

use super::attribute::ints;
use super::context::Context;

/// Multiplies one axis of a value of `rank` dimensions by a matrix of `[old length, new length]`.
pub(crate) fn times_matrix(cx: &mut Context, value: &str, matrix: &str, axis: usize, rank: usize) -> String {
    if axis == rank - 1 {
        return cx.node("MatMul", &[value, matrix], &[]);
    }
    let mut perm: Vec<usize> = (0..rank).collect();
    perm.swap(axis, rank - 1);
    let turned = cx.node("Transpose", &[value], &[("perm", ints(&perm))]);
    let product = cx.node("MatMul", &[&turned, matrix], &[]);
    cx.node("Transpose", &[&product], &[("perm", ints(&perm))])
}

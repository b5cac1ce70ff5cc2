//! Resizing of pictures.

use crate::export::constant;
use crate::onnx::{Attribute, DataType};
use burn::backend::ir::{InterpolateModeIr, InterpolateOpIr};

use super::context::{Context, Lowered, float, int, ints, text};
use super::wide;
use crate::export::dims::Dim;

/// Beyond this factor, Burn's nearest neighbours are not those of whole division any more.
const WHOLE_FACTOR: usize = 48;

pub(super) fn lower(cx: &mut Context, op: &InterpolateOpIr) -> Lowered {
    let aligned = op.options.align_corners;
    match op.options.mode {
        InterpolateModeIr::Nearest => nearest(cx, op, 0.0),
        InterpolateModeIr::NearestExact => nearest(cx, op, 0.5),
        InterpolateModeIr::Bilinear => smooth(cx, op, "linear", |at| vec![(0, 1.0 - at), (1, at)]),
        InterpolateModeIr::Bicubic => {
            smooth(cx, op, "cubic", |at| (-1..=2).map(|tap| (tap, cubic(at - tap as f64))).collect())
        }
        InterpolateModeIr::Lanczos3 => {
            let Some((from, to)) = fixed_sizes(cx, op) else {
                return Err("Lanczos interpolation needs pictures of a fixed size".into());
            };
            let matrices = [0, 1].map(|axis| lanczos_matrix(from[axis], to[axis], aligned));
            by_matrices(cx, op, &from, &to, &matrices)
        }
    }
}

/// The size of the pictures before and after, where it is the same in every trace.
fn fixed_sizes(cx: &Context, op: &InterpolateOpIr) -> Option<([usize; 2], [usize; 2])> {
    let size = |dims: &[Dim]| Some([dims.get(2)?.fixed()?, dims.get(3)?.fixed()?]);
    Some((size(&cx.dims(&op.x))?, size(&cx.dims(&op.out))?))
}

/// The whole factor by which an axis grows in every trace.
fn whole_factor(from: &Dim, to: &Dim) -> Option<usize> {
    let mut factors =
        from.0.iter().zip(&to.0).map(|(from, to)| (*from > 0 && to % from == 0).then(|| to / from).filter(|n| *n > 0));
    let first = factors.next()??;
    factors.all(|factor| factor == Some(first)).then_some(first)
}

fn whole_factors(cx: &Context, op: &InterpolateOpIr) -> Option<[usize; 2]> {
    let (from, to) = (cx.dims(&op.x), cx.dims(&op.out));
    Some([whole_factor(&from[2], &to[2])?, whole_factor(&from[3], &to[3])?])
}

/// A node that resizes by whole factors, which are exact as floats, or else to a size.
fn resize(
    cx: &mut Context,
    op: &InterpolateOpIr,
    value: &str,
    attributes: &[(&'static str, Attribute)],
) -> Lowered<String> {
    if let Some([down, across]) = whole_factors(cx, op) {
        let scales = cx.constant(constant::f32s(&[4], &[1.0, 1.0, down as f32, across as f32]));
        return Ok(cx.node("Resize", &[value, "", &scales], attributes));
    }
    let dims = cx.dims(&op.out);
    let shape = cx.shape(&dims)?;
    Ok(cx.node("Resize", &[value, "", "", &shape], attributes))
}

/// The element that `floor((i + shift) * from / to)` counts, looked up: engines round where Burn does not.
fn nearest(cx: &mut Context, op: &InterpolateOpIr, shift: f64) -> Lowered {
    let whole = whole_factors(cx, op).filter(|factors| factors.iter().all(|factor| *factor <= WHOLE_FACTOR));
    if whole.is_some() {
        let (value, dtype) = wide::read(cx, &op.x)?;
        if dtype != DataType::F64 {
            let attributes = [
                ("mode", text("nearest")),
                ("coordinate_transformation_mode", text("asymmetric")),
                ("nearest_mode", text("floor")),
            ];
            let value = resize(cx, op, &value, &attributes)?;
            return wide::bind(cx, &op.out, &value, dtype);
        }
    }
    let mut value = cx.value(&op.x)?;
    let (from, to) = (cx.dims(&op.x), cx.dims(&op.out));
    for (axis, (from, to)) in from.iter().zip(&to).enumerate().skip(2) {
        let Some(size) = to.fixed() else {
            return Err("a picture's size depends on a dynamic axis, and not by a small whole factor".into());
        };
        let at = match from.fixed() {
            Some(len) => {
                let ratio = len as f64 / size as f64;
                let at = (0..size).map(|i| (((i as f64 + shift) * ratio).floor() as usize).min(len - 1) as i64);
                cx.i64s(&at.collect::<Vec<_>>())
            }
            None => looked_up(cx, from, size, shift)?,
        };
        value = cx.node("Gather", &[&value, &at], &[("axis", int(axis as i64))]);
    }
    cx.bind(&op.out, value)
}

/// The same of an axis whose length is known at run time.
fn looked_up(cx: &mut Context, from: &Dim, size: usize, shift: f64) -> Lowered<String> {
    let len = cx.size(from)?;
    let double = cx.cast(&len, DataType::I64, DataType::F64);
    let to = cx.number(DataType::F64, size as f64);
    let ratio = cx.node("Div", &[&double, &to], &[]);
    let at: Vec<f64> = (0..size).map(|i| i as f64 + shift).collect();
    let at = wide::floats(cx, DataType::F64, &[size], &at);
    let at = cx.node("Mul", &[&at, &ratio], &[]);
    let at = cx.node("Floor", &[&at], &[]);
    let at = cx.cast(&at, DataType::F64, DataType::I64);
    let one = cx.i64s(&[1]);
    let last = cx.node("Sub", &[&len, &one], &[]);
    Ok(cx.node("Min", &[&at, &last], &[]))
}

/// A weighted sum of neighbours, whose places relative to the one before and weights `taps` gives.
fn smooth(cx: &mut Context, op: &InterpolateOpIr, mode: &'static str, taps: fn(f64) -> Vec<(isize, f64)>) -> Lowered {
    let aligned = op.options.align_corners;
    let double = cx.dtype(&op.x)? == DataType::F64;
    // ONNX Runtime resizes no doubles. Engines disagree about the one element that is aligned with two corners.
    if let Some((from, to)) = fixed_sizes(cx, op)
        && (double || (aligned && to.contains(&1)))
    {
        let matrices = [0, 1].map(|axis| matrix(from[axis], to[axis], aligned, mode == "linear", taps));
        return by_matrices(cx, op, &from, &to, &matrices);
    }
    let (value, dtype) = wide::read_whole(cx, &op.x)?;
    let coordinates = if aligned { "align_corners" } else { "half_pixel" };
    let mut attributes = vec![("mode", text(mode)), ("coordinate_transformation_mode", text(coordinates))];
    if mode == "cubic" {
        attributes.push(("cubic_coeff_a", float(-0.75)));
    }
    let value = resize(cx, op, &value, &attributes)?;
    wide::bind(cx, &op.out, &value, dtype)
}

fn by_matrices(
    cx: &mut Context,
    op: &InterpolateOpIr,
    from: &[usize; 2],
    to: &[usize; 2],
    matrices: &[Vec<f64>; 2],
) -> Lowered {
    let (mut value, dtype) = wide::read_whole(cx, &op.x)?;
    for axis in [0, 1] {
        let weights = wide::floats(cx, dtype, &[from[axis], to[axis]], &matrices[axis]);
        value = along(cx, &value, &weights, axis + 2, 4);
    }
    wide::bind(cx, &op.out, &value, dtype)
}

/// Multiplies one axis by a matrix of `[old length, new length]`.
pub(super) fn along(cx: &mut Context, value: &str, matrix: &str, axis: usize, rank: usize) -> String {
    if axis == rank - 1 {
        return cx.node("MatMul", &[value, matrix], &[]);
    }
    let mut perm: Vec<usize> = (0..rank).collect();
    perm.swap(axis, rank - 1);
    let turned = cx.node("Transpose", &[value], &[("perm", ints(&perm))]);
    let product = cx.node("MatMul", &[&turned, matrix], &[]);
    cx.node("Transpose", &[&product], &[("perm", ints(&perm))])
}

/// Where on the old axis an element of the new one lies.
fn coordinate(at: usize, from: usize, to: usize, aligned: bool) -> f64 {
    match aligned {
        true => at as f64 * ((from as f64 - 1.0) / (to.max(2) - 1) as f64),
        false => (at as f64 + 0.5) * (from as f64 / to as f64) - 0.5,
    }
}

/// The weights of `[old, new]` elements; those that would lie outside are those at the edge.
fn matrix(from: usize, to: usize, aligned: bool, cut: bool, taps: fn(f64) -> Vec<(isize, f64)>) -> Vec<f64> {
    let mut weights = vec![0.0; from * to];
    for new in 0..to {
        let at = coordinate(new, from, to, aligned);
        let at = if cut { at.max(0.0) } else { at };
        for (tap, weight) in taps(at - at.floor()) {
            let old = (at.floor() as isize + tap).clamp(0, from as isize - 1) as usize;
            weights[old * to + new] += weight;
        }
    }
    weights
}

/// The weights of the Lanczos kernel of six elements; those outside are left out, and the others sum to one.
fn lanczos_matrix(from: usize, to: usize, aligned: bool) -> Vec<f64> {
    let mut weights = vec![0.0; from * to];
    for new in 0..to {
        let at = coordinate(new, from, to, aligned);
        let base = at.floor();
        let taps: Vec<(usize, f64)> = (-2..=3)
            .map(|tap| (base as isize + tap, lanczos(at - (base + tap as f64))))
            .filter(|(old, _)| (0..from as isize).contains(old))
            .map(|(old, weight)| (old as usize, weight))
            .collect();
        let sum: f64 = taps.iter().map(|(_, weight)| weight).sum();
        let sum = if sum == 0.0 { 1.0 } else { sum };
        for (old, weight) in taps {
            weights[old * to + new] += weight / sum;
        }
    }
    weights
}

fn cubic(distance: f64) -> f64 {
    const A: f64 = -0.75;
    let t = distance.abs();
    if t < 1.0 {
        ((A + 2.0) * t - (A + 3.0)) * t * t + 1.0
    } else if t < 2.0 {
        ((A * t - 5.0 * A) * t + 8.0 * A) * t - 4.0 * A
    } else {
        0.0
    }
}

fn lanczos(distance: f64) -> f64 {
    if distance == 0.0 {
        return 1.0;
    }
    if distance.abs() >= 3.0 {
        return 0.0;
    }
    let turn = std::f64::consts::PI * distance;
    turn.sin() * (turn / 3.0).sin() / (turn * turn / 3.0)
}

//! Resizing of images.

use burn::backend::ir::{InterpolateModeIr, InterpolateOpIr};

use super::resize_weights::{cubic, lanczos_weights, weights};
use crate::export::constant;
use crate::export::lengths::Lengths;
use crate::export::lower::emit::{
    Attribute, Context, DataType, Lowered, along_axis, float, positions, text, times_matrix, wide,
};

/// The largest factor at which Burn's nearest neighbours, found in floats, are those of integer division.
const WHOLE_FACTOR: usize = 48;

pub(crate) fn interpolate(cx: &mut Context, op: &InterpolateOpIr) -> Lowered {
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
                return Err("Lanczos interpolation needs images of a fixed size".into());
            };
            let matrices = [0, 1].map(|axis| lanczos_weights(from[axis], to[axis], aligned));
            by_matrices(cx, op, &from, &to, &matrices)
        }
    }
}

/// The size of the images before and after, where it is the same in every trace.
fn fixed_sizes(cx: &Context, op: &InterpolateOpIr) -> Option<([usize; 2], [usize; 2])> {
    let size = |dims: &[Lengths]| Some([dims.get(2)?.fixed()?, dims.get(3)?.fixed()?]);
    Some((size(&cx.dims(&op.x))?, size(&cx.dims(&op.out))?))
}

/// The whole factor by which an axis is enlarged in every trace.
fn whole_factor(from: &Lengths, to: &Lengths) -> Option<usize> {
    let mut factors =
        from.0.iter().zip(&to.0).map(|(from, to)| (*from > 0 && to % from == 0).then(|| to / from).filter(|n| *n > 0));
    let first = factors.next()??;
    factors.all(|factor| factor == Some(first)).then_some(first)
}

fn whole_factors(cx: &Context, op: &InterpolateOpIr) -> Option<[usize; 2]> {
    let (from, to) = (cx.dims(&op.x), cx.dims(&op.out));
    Some([whole_factor(&from[2], &to[2])?, whole_factor(&from[3], &to[3])?])
}

/// A node that resizes by whole factors, which floats hold exactly, or else to a given size.
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

/// The element at `floor((i + shift) * from / to)`. Its position is computed here, since engines round differently,
/// unless the factor is a small whole number.
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
        let at = match (from.fixed(), to.fixed()) {
            (Some(len), Some(size)) => {
                let ratio = len as f64 / size as f64;
                let at = (0..size).map(|i| (((i as f64 + shift) * ratio).floor() as usize).min(len - 1) as i64);
                cx.i64s(&at.collect::<Vec<_>>())
            }
            _ => looked_up(cx, from, to, shift)?,
        };
        value = cx.node("Gather", &[&value, &at], &[along_axis(axis)]);
    }
    cx.bind(&op.out, value)
}

/// The positions of [`nearest`] along an axis where a length is known at run time alone.
fn looked_up(cx: &mut Context, from: &Lengths, to: &Lengths, shift: f64) -> Lowered<String> {
    let len = cx.size(from)?;
    let double = cx.cast(&len, DataType::I64, DataType::F64);
    let (size, at) = match to.fixed() {
        Some(size) => {
            let at: Vec<f64> = (0..size).map(|i| i as f64 + shift).collect();
            (cx.number(DataType::F64, size as f64), wide::floats(cx, DataType::F64, &[size], &at))
        }
        None => {
            let (size, at) = (cx.size(to)?, positions(cx, to)?);
            let (size, at) = (cx.cast(&size, DataType::I64, DataType::F64), cx.cast(&at, DataType::I64, DataType::F64));
            let shift = cx.number(DataType::F64, shift);
            (size, cx.node("Add", &[&at, &shift], &[]))
        }
    };
    let ratio = cx.node("Div", &[&double, &size], &[]);
    let at = cx.node("Mul", &[&at, &ratio], &[]);
    let at = cx.node("Floor", &[&at], &[]);
    let at = cx.cast(&at, DataType::F64, DataType::I64);
    let one = cx.i64s(&[1]);
    let last = cx.node("Sub", &[&len, &one], &[]);
    Ok(cx.node("Min", &[&at, &last], &[]))
}

/// A weighted sum of neighbours. From the distance between a sample and the element before it, `taps` gives the
/// neighbours' positions, relative to that element, and their weights.
fn smooth(cx: &mut Context, op: &InterpolateOpIr, mode: &'static str, taps: fn(f64) -> Vec<(isize, f64)>) -> Lowered {
    let aligned = op.options.align_corners;
    let double = cx.dtype(&op.x)? == DataType::F64;
    // ONNX Runtime does not resize f64. Engines disagree about a single element that is aligned with two corners.
    if let Some((from, to)) = fixed_sizes(cx, op)
        && (double || (aligned && to.contains(&1)))
    {
        let matrices = [0, 1].map(|axis| weights(from[axis], to[axis], aligned, mode == "linear", taps));
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

/// A resize as a product of each axis with a matrix of `[old length, new length]`.
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
        value = times_matrix(cx, &value, &weights, axis + 2, 4);
    }
    wide::bind(cx, &op.out, &value, dtype)
}

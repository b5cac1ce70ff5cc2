//! Attention: `softmax(q k' * scale) v`, with masks.

use burn::backend::ir::AttentionOpIr;

use crate::export::constant;
use crate::export::lengths::Lengths;
use crate::export::lower::emit::{
    Context, DataType, Lowered, Operator, along_axis, ints, operand, positions, reduced_axes, wide,
};

/// A query that may attend to no key gives zeros, as in Burn.
pub(crate) fn attention(cx: &mut Context, op: &AttentionOpIr) -> Lowered {
    let (query, dtype) = wide::read_whole(cx, &op.query)?;
    let (mut key, _) = wide::read_whole(cx, &op.key)?;
    let (mut value, _) = wide::read_whole(cx, &op.value)?;
    if cx.dims(&op.query)[1] != cx.dims(&op.key)[1] {
        // Several heads of the query share one head of the key and the value.
        let (heads, shared) = (cx.fixed(&op.query, 1)?, cx.fixed(&op.key, 1)?);
        let at: Vec<i64> = (0..heads).map(|head| (head / (heads / shared)) as i64).collect();
        let at = cx.i64s(&at);
        key = cx.node("Gather", &[&key, &at], &[along_axis(1)]);
        value = cx.node("Gather", &[&value, &at], &[along_axis(1)]);
    }
    let scale = match op.options.scale {
        Some(scale) => operand(cx, 0, scale, dtype, dtype)?,
        None => {
            let scale = 1.0 / (cx.fixed(&op.query, 3)? as f64).sqrt();
            cx.number(dtype, scale)
        }
    };
    let key = cx.node("Transpose", &[&key], &[("perm", ints(&[0, 1, 3, 2]))]);
    let scores = cx.node("MatMul", &[&query, &key], &[]);
    let mut scores = cx.node("Mul", &[&scores, &scale], &[]);
    if let Some(cap) = op.options.softcap {
        let cap = cx.scalar(dtype, cap);
        let scaled = cx.node("Div", &[&scores, &cap], &[]);
        let bounded = cx.node("Tanh", &[&scaled], &[]);
        scores = cx.node("Mul", &[&bounded, &cap], &[]);
    }
    let never = cx.number(dtype, f64::NEG_INFINITY);
    if let Some(mask) = &op.mask {
        let mask = cx.value(mask)?;
        scores = cx.node("Where", &[&mask, &never, &scores], &[]);
    }
    if op.options.is_causal {
        let (rows, columns) = (cx.dims(&op.query)[2].clone(), cx.dims(&op.key)[2].clone());
        let future = future(cx, &rows, &columns)?;
        scores = cx.node("Where", &[&future, &never, &scores], &[]);
    }
    if let Some(bias) = &op.attn_bias {
        let (bias, _) = wide::read_whole(cx, bias)?;
        scores = cx.node("Add", &[&scores, &bias], &[]);
    }
    // With no more queries than keys, a causal mask leaves every query a key.
    let (rows, columns) = (cx.dims(&op.query)[2].clone(), cx.dims(&op.key)[2].clone());
    let every_row_sees = rows == columns || matches!((rows.fixed(), columns.fixed()), (Some(r), Some(c)) if r <= c);
    let blind = op.options.is_causal && !every_row_sees;
    let weights = if op.mask.is_some() || blind || op.attn_bias.is_some() {
        masked_softmax(cx, &scores, dtype)
    } else {
        cx.node("Softmax", &[&scores], &[along_axis(3)])
    };
    let value = cx.node("MatMul", &[&weights, &value], &[]);
    wide::bind(cx, &op.out, &value, dtype)
}

/// The causal mask: true where a column comes after its row. The last row sees all columns.
fn future(cx: &mut Context, rows: &Lengths, columns: &Lengths) -> Lowered<String> {
    if let (Some(rows), Some(columns)) = (rows.fixed(), columns.fixed()) {
        let future: Vec<bool> = (0..rows * columns).map(|i| i % columns + rows > i / columns + columns).collect();
        return Ok(cx.constant(constant::bools(&[1, 1, rows, columns], &future)));
    }
    let (height, width) = (cx.size(rows)?, cx.size(columns)?);
    let down = positions(cx, rows)?;
    let seen = cx.node("Sub", &[&width, &height], &[]);
    let down = cx.node("Add", &[&down, &seen], &[]);
    let upright = cx.i64s(&[-1, 1]);
    let down = cx.node("Reshape", &[&down, &upright], &[]);
    let across = positions(cx, columns)?;
    Ok(cx.node("Less", &[&down, &across], &[]))
}

/// A softmax over the last of four axes that gives zeros for a row of minus infinities.
fn masked_softmax(cx: &mut Context, scores: &str, dtype: DataType) -> String {
    let (greatest, least) = wide::limits(dtype);
    let most = reduced_axes(cx, Operator::ReduceMax, scores, &[3]);
    let lowest = cx.number(dtype, -greatest);
    let most = cx.node("Max", &[&most, &lowest], &[]);
    let below = cx.node("Sub", &[scores, &most], &[]);
    let weights = cx.node("Exp", &[&below], &[]);
    let total = reduced_axes(cx, Operator::ReduceSum, &weights, &[3]);
    let least = cx.number(dtype, least);
    let total = cx.node("Max", &[&total, &least], &[]);
    cx.node("Div", &[&weights, &total], &[])
}

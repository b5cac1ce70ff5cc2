//! Floats to integers.

use burn::backend::ir::{CastOpIr, ScalarIr};

use crate::export::lower::emit::{Context, DataType, Lowered, integer_range, wide};

/// Floats to integers: rounded towards zero, values beyond the integers of the type become its least or greatest one,
/// NaN becomes 0. ONNX specifies the rounding alone and leaves the rest to the engine.
pub(crate) fn into_int(cx: &mut Context, op: &CastOpIr) -> Lowered {
    let (value, from) = wide::read_whole(cx, &op.input)?;
    let to = cx.dtype(&op.out)?;
    let Some((least, most)) = integer_range(to) else {
        let value = cx.cast(&value, from, to);
        return cx.bind(&op.out, value);
    };
    let known = cx.node("Equal", &[&value, &value], &[]);
    let zero = cx.number(from, 0.0);
    let value = cx.node("Where", &[&known, &value, &zero], &[]);
    let low = cx.number(from, least as f64);
    if !matches!(to, DataType::I64 | DataType::U64) {
        // One more than the greatest is a power of two, which every float type holds exactly.
        let high = cx.number(from, (most + 1) as f64);
        let value = cx.node("Clip", &[&value, &low, &high], &[]);
        let value = cx.cast(&value, from, DataType::I64);
        let most = cx.scalar(DataType::I64, ScalarIr::Int(most as i64));
        // ONNX Runtime 1.31's `Min` of i64s compares their lower 32 bits alone.
        let over = cx.node("Greater", &[&value, &most], &[]);
        let value = cx.node("Where", &[&over, &most, &value], &[]);
        let value = cx.cast(&value, DataType::I64, to);
        return cx.bind(&op.out, value);
    }
    let beyond = (most + 1) as f64;
    // The greatest float below it.
    let inside = match from {
        DataType::F64 => beyond.next_down(),
        _ => f64::from((beyond as f32).next_down()),
    };
    let (high, beyond) = (cx.number(from, inside), cx.number(from, beyond));
    let clipped = cx.node("Clip", &[&value, &low, &high], &[]);
    let whole = cx.cast(&clipped, from, to);
    let over = cx.node("GreaterOrEqual", &[&value, &beyond], &[]);
    // Engines have no `Where` of u64s, so it is given the i64s of the same bits.
    let whole = cx.cast(&whole, to, DataType::I64);
    let most = cx.scalar(DataType::I64, ScalarIr::Int(if to == DataType::U64 { -1 } else { i64::MAX }));
    let value = cx.node("Where", &[&over, &most, &whole], &[]);
    wide::bind(cx, &op.out, &value, DataType::I64)
}

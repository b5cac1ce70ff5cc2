//! Parameters and constants of a forward pass.

use burn::backend::TensorData;
use burn::backend::ir::{ScalarIr, TensorIr};

use crate::export::constant;
use crate::export::lower::emit::{Context, DataType, Lowered, filled};

/// A parameter, stored under its own name, or a constant of the forward pass.
pub(crate) fn init(cx: &mut Context, out: &TensorIr) -> Lowered {
    if cx.value_of(out.id).is_some() {
        return Ok(());
    }
    let traces = cx.traces;
    if let Some(versions) = traces.varying.get(&out.id) {
        let value = varying(cx, out, versions)?;
        return cx.bind(out, value);
    }
    let data = traces.values.get(&out.id).ok_or("its values were not recorded")?;
    let constant = constant::from_data(data).ok_or("quantised tensors have no ONNX form")?;
    let value = match traces.params.get(&out.id) {
        Some(name) if !name.is_empty() => cx.store(name.clone(), constant),
        _ => cx.constant(constant),
    };
    cx.bind(out, value)
}

/// A constant whose length depends on a dynamic axis: evenly spaced integers, or one number throughout.
fn varying(cx: &mut Context, out: &TensorIr, versions: &[TensorData]) -> Lowered<String> {
    let dtype = cx.dtype(out)?;
    let dims = cx.dims(out);
    let runs: Vec<Vec<f64>> = versions.iter().map(|data| data.iter::<f64>().collect()).collect();
    let longest = runs.iter().max_by_key(|run| run.len()).cloned().unwrap_or_default();
    let prefix = runs.iter().all(|run| longest.starts_with(run));
    if let Some(first) = longest.first()
        && prefix
        && longest.iter().all(|value| value == first)
    {
        return filled(cx, out, dtype, ScalarIr::Float(*first));
    }
    let long: Vec<usize> = (0..dims.len()).filter(|axis| dims[*axis].fixed() != Some(1)).collect();
    if let (true, [axis], [first, second, ..]) = (prefix && !dtype.is_float(), long.as_slice(), longest.as_slice()) {
        let step = second - first;
        if longest.windows(2).all(|pair| pair[1] - pair[0] == step) {
            let one = cx.one();
            let len = cx.size(&dims[*axis])?;
            let none = cx.i64s(&[]);
            let len = cx.node("Reshape", &[&len, &none], &[]);
            let start = cx.number(DataType::I64, *first);
            let by = cx.number(DataType::I64, step);
            let span = cx.node("Mul", &[&len, &by], &[]);
            let end = cx.node("Add", &[&start, &span], &[]);
            let run = cx.node("Range", &[&start, &end, &by], &[]);
            let run = cx.cast(&run, DataType::I64, dtype);
            return match dims.len() {
                1 => Ok(run),
                _ => cx.reshape(&run, &[dims[*axis].clone(), one], &dims),
            };
        }
    }
    Err("a constant's values depend on a dynamic axis, or on an input's values".into())
}

//! Parameters and constants of a forward pass.

use burn::backend::TensorData;
use burn::backend::ir::{ScalarIr, TensorIr};

use crate::export::constant;
use crate::export::lower::emit::{Context, DataType, Lowered, filled, following};
use crate::export::settings::progression;

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

/// A constant that follows a dynamic axis: evenly spaced integers, one number throughout, or one number alone.
fn varying(cx: &mut Context, out: &TensorIr, versions: &[TensorData]) -> Lowered<String> {
    let dtype = cx.dtype(out)?;
    let runs: Vec<Vec<f64>> = versions.iter().map(|data| data.iter::<f64>().collect()).collect();
    let longest = runs.iter().max_by_key(|run| run.len()).cloned().unwrap_or_default();
    let prefix = runs.iter().all(|run| longest.starts_with(run));
    if let Some(first) = longest.first()
        && prefix
        && longest.iter().all(|value| value == first)
    {
        return filled(cx, out, dtype, ScalarIr::Float(*first));
    }
    if let Some(run) = progression_of(cx, out, versions)? {
        return Ok(run);
    }
    if runs.iter().all(|run| run.len() == 1) && dtype != DataType::Bool {
        let number =
            |run: &Vec<f64>| if dtype.is_float() { ScalarIr::Float(run[0]) } else { ScalarIr::Int(run[0] as i64) };
        let value = following(cx, &runs.iter().map(number).collect::<Vec<_>>(), dtype)?;
        let dims = cx.dims(out);
        let shape = cx.shape(&dims)?;
        return Ok(cx.node("Reshape", &[&value, &shape], &[]));
    }
    Err("a constant's values depend on a dynamic axis, or on an input's values".into())
}

/// Evenly spaced integers, where that is what a constant holds in every trace.
fn progression_of(cx: &mut Context, out: &TensorIr, versions: &[TensorData]) -> Lowered<Option<String>> {
    let (dtype, dims) = (cx.dtype(out)?, cx.dims(out));
    let runs = versions.iter().map(progression).collect::<Option<Vec<_>>>();
    let long: Vec<usize> = (0..dims.len()).filter(|axis| dims[*axis].fixed() != Some(1)).collect();
    let (Some(runs), [axis]) = (runs, long.as_slice()) else {
        return Ok(None);
    };
    let starts = runs.iter().map(|(start, _)| *start).collect::<Option<Vec<i64>>>();
    let mut steps: Vec<i64> = runs.iter().filter_map(|(_, step)| *step).collect();
    // The step of one number alone is of no matter where all others agree.
    let same = steps.iter().all(|step| *step == steps[0]);
    let (Some(starts), true) = (starts, !steps.is_empty() && (same || steps.len() == runs.len())) else {
        return Ok(None);
    };
    if same {
        steps = vec![steps[0]; runs.len()];
    }
    let len = cx.size(&dims[*axis])?;
    let (start, by) = (cx.whole(&starts)?, cx.whole(&steps)?);
    let [len, start, by] = [len, start, by].map(|value| cx.without_dims(&value));
    let span = cx.node("Mul", &[&len, &by], &[]);
    let end = cx.node("Add", &[&start, &span], &[]);
    let run = cx.node("Range", &[&start, &end, &by], &[]);
    let run = cx.cast(&run, DataType::I64, dtype);
    if dims.len() == 1 {
        return Ok(Some(run));
    }
    cx.reshape(&run, &[dims[*axis].clone(), cx.one()], &dims).map(Some)
}

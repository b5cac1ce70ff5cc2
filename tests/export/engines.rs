//! The engines the tests compare with Burn.

use burn::backend::TensorData;
use oasis::{Error, ErrorKind, Result};
use tract_onnx::prelude::*;

fn failed(what: &str, error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Runtime, what, "test model", error)
}

/// Runs a model on tract, its dimensions fixed to those of the inputs.
pub fn tract(bytes: &[u8], inputs: &[(String, TensorData)]) -> Result<Vec<TensorData>> {
    let run = || -> TractResult<Vec<TensorData>> {
        let mut model = tract_onnx::onnx().model_for_read(&mut &*bytes)?;
        let mut values: TVec<TValue> = tvec![];
        for (index, (_, data)) in inputs.iter().enumerate() {
            let tensor = to_tract(data)?;
            let fact = InferenceFact::dt_shape(tensor.datum_type(), tensor.shape());
            model.set_input_fact(index, fact)?;
            values.push(tensor.into());
        }
        let plan = model.into_optimized()?.into_runnable()?;
        plan.run(values)?.iter().map(|value| from_tract(value)).collect()
    };
    run().map_err(|error| failed("tract", format!("{error:#}")))
}

fn to_tract(data: &TensorData) -> TractResult<Tensor> {
    let shape: Vec<usize> = data.shape().iter().copied().collect();
    Ok(match data.dtype() {
        dtype if dtype.is_bool() => Tensor::from_shape(&shape, &data.iter::<bool>().collect::<Vec<_>>())?,
        dtype if dtype.is_float() => Tensor::from_shape(&shape, &data.iter::<f32>().collect::<Vec<_>>())?,
        _ => Tensor::from_shape(&shape, &data.iter::<i64>().collect::<Vec<_>>())?,
    })
}

fn from_tract(tensor: &Tensor) -> TractResult<TensorData> {
    let shape = tensor.shape().to_vec();
    let tensor = match tensor.datum_type() {
        DatumType::Bool => tensor.cast_to::<u8>()?,
        DatumType::F32 => {
            return Ok(TensorData::new(tensor.to_plain_array_view::<f32>()?.iter().copied().collect(), shape));
        }
        _ => tensor.cast_to::<i64>()?,
    };
    Ok(match tensor.datum_type() {
        DatumType::U8 => {
            let values = tensor.to_plain_array_view::<u8>()?.iter().map(|v| *v != 0).collect::<Vec<bool>>();
            TensorData::new(values, shape)
        }
        _ => TensorData::new(tensor.to_plain_array_view::<i64>()?.iter().copied().collect::<Vec<i64>>(), shape),
    })
}

/// Runs a model on ONNX Runtime; nothing where `ORT_DYLIB_PATH` is not set.
#[cfg(feature = "ort")]
pub fn ort(bytes: &[u8], inputs: &[(String, TensorData)]) -> Option<Result<Vec<TensorData>>> {
    use std::sync::OnceLock;
    static ENVIRONMENT: OnceLock<Option<ort::environment::Environment>> = OnceLock::new();
    let environment = ENVIRONMENT
        .get_or_init(|| {
            let path = std::env::var_os("ORT_DYLIB_PATH")?;
            let builder = ort::init_from(path).expect("libonnxruntime loads");
            Some(builder.with_telemetry(false).build().expect("an environment"))
        })
        .as_ref()?;
    let run = || -> Result<Vec<TensorData>, String> {
        let text = |error: ort::Error| error.to_string();
        let mut session = ort::session::Session::builder(environment)
            .map_err(text)?
            .with_intra_threads(1)
            .map_err(|error| error.to_string())?
            .commit_from_memory(bytes)
            .map_err(text)?;
        let names: Vec<String> = session.outputs().iter().map(|output| output.name().to_string()).collect();
        let mut values = Vec::new();
        for (name, data) in inputs {
            values.push((name.clone(), to_ort(data).map_err(text)?));
        }
        let outputs = session.run(values).map_err(text)?;
        names.iter().map(|name| from_ort(&outputs[name.as_str()]).map_err(text)).collect()
    };
    Some(run().map_err(|error| failed("ONNX Runtime", error)))
}

#[cfg(feature = "ort")]
fn to_ort(data: &TensorData) -> ort::Result<ort::value::DynValue> {
    let shape: Vec<usize> = data.shape().iter().copied().collect();
    Ok(match data.dtype() {
        dtype if dtype.is_bool() => {
            ort::value::Tensor::from_array((shape, data.iter::<bool>().collect::<Vec<_>>()))?.into_dyn()
        }
        dtype if dtype.is_float() => {
            ort::value::Tensor::from_array((shape, data.iter::<f32>().collect::<Vec<_>>()))?.into_dyn()
        }
        _ => ort::value::Tensor::from_array((shape, data.iter::<i64>().collect::<Vec<_>>()))?.into_dyn(),
    })
}

#[cfg(feature = "ort")]
fn from_ort(value: &ort::value::DynValue) -> ort::Result<TensorData> {
    let shape = |shape: &ort::value::Shape| shape.iter().map(|n| *n as usize).collect::<Vec<_>>();
    if let Ok((dims, values)) = value.try_extract_tensor::<f32>() {
        return Ok(TensorData::new(values.to_vec(), shape(dims)));
    }
    if let Ok((dims, values)) = value.try_extract_tensor::<bool>() {
        return Ok(TensorData::new(values.to_vec(), shape(dims)));
    }
    let (dims, values) = value.try_extract_tensor::<i64>()?;
    Ok(TensorData::new(values.to_vec(), shape(dims)))
}

//! Stored tensors, whichever field their elements are in.

use bytes::Bytes;

use super::error::ReadError;
use super::room::Room;
use crate::onnx::dtype::DataType;
use crate::onnx::fields::{Fields, Malformed, Value};
use crate::onnx::limits;
use crate::onnx::schema::tensor;
use crate::onnx::tensor::Tensor;

/// Reads a tensor and its name; its elements are a part of the file where they lie there as they are held.
pub(super) fn read_tensor(room: &mut Room<'_>, bytes: &[u8]) -> Result<(String, Tensor), ReadError> {
    room.tensor()?;
    let (mut name, mut dtype) = (None, None);
    let (mut dims, mut pieces) = (Vec::new(), Vec::new());
    let mut external = false;
    let mut fields = Fields::new("a tensor", bytes);
    while let Some((number, value)) = fields.next()? {
        match number {
            tensor::DIMS => room.ints(value, &mut dims, limits::RANK, "dimensions")?,
            tensor::DATA_TYPE => fields.keep(&mut dtype, value.int()?)?,
            tensor::NAME => fields.keep(&mut name, room.name(value)?)?,
            tensor::FLOAT_DATA
            | tensor::INT32_DATA
            | tensor::INT64_DATA
            | tensor::RAW_DATA
            | tensor::DOUBLE_DATA
            | tensor::UINT64_DATA => {
                room.hold(size_of::<(u32, Value<'_>)>())?;
                pieces.push((number, value));
            }
            tensor::EXTERNAL_DATA => external = true,
            tensor::DATA_LOCATION => external |= value.int()? == tensor::EXTERNAL,
            _ => fields.skip(&tensor::SKIPPED)?,
        }
    }
    let name = name.unwrap_or_default();
    if external {
        return Err(ReadError::unsupported(format!("weight `{name}` kept in another file"), "all weights inside"));
    }
    let number = dtype.unwrap_or(DataType::Undefined.number());
    let dtype = DataType::from_number(number).filter(|dtype| dtype.bits() > 0).ok_or_else(|| {
        let found = format!("tensor `{name}` of element type {number}");
        ReadError::unsupported(found, "numbers or truth values")
    })?;
    let data = join(room, &pieces, dtype).map_err(|why| why.of(&format!("tensor `{name}`")))?;
    if dtype == DataType::Bool && data.iter().any(|value| *value > 1) {
        return Err(Malformed(format!("tensor `{name}` has truth values other than 0 and 1")).into());
    }
    let shape = || format!("tensor `{name}` of shape {dims:?}");
    let sizes: Option<Vec<_>> = dims.iter().map(|size| usize::try_from(*size).ok()).collect();
    let tensor = Tensor { dtype, data, dims: sizes.ok_or_else(|| Malformed(shape()))? };
    let elements = tensor.elements().ok_or_else(|| Malformed(shape()))?;
    if dtype.bytes(elements) != Some(tensor.data.len()) {
        let (found, expected) = (tensor.data.len(), format!("{elements} elements of {dtype}"));
        return Err(Malformed(format!("tensor `{name}` has {found} bytes, expected {expected}")).into());
    }
    Ok((name, tensor))
}

/// The elements of a tensor from the fields that hold them, which must be of one number.
fn join(room: &mut Room<'_>, pieces: &[(u32, Value<'_>)], dtype: DataType) -> Result<Bytes, ReadError> {
    let filled: Vec<_> = pieces.iter().filter(|(_, value)| *value != Value::Bytes(&[])).collect();
    let Some((number, first)) = filled.first() else {
        return Ok(Bytes::new());
    };
    if filled.iter().any(|(other, _)| other != number) {
        return Err("its elements are in two fields".into());
    }
    if !holds(*number, dtype) {
        return Err(Malformed(format!("elements of {dtype} are in field {number}")).into());
    }
    let as_they_lie = matches!(*number, tensor::RAW_DATA | tensor::FLOAT_DATA | tensor::DOUBLE_DATA);
    match (as_they_lie, filled.len(), first) {
        (true, 1, Value::Bytes(data)) => return Ok(room.file.slice_ref(data)),
        (true, 2.., _) if *number == tensor::RAW_DATA => return Err("its raw data is there twice".into()),
        _ => {}
    }
    let mut data = Vec::new();
    let mut ints = Vec::new();
    for (_, value) in filled {
        if let Value::Bytes(bytes) = value {
            room.hold(bytes.len())?;
        }
        match (*value, *number) {
            (Value::Fixed32(bytes), tensor::FLOAT_DATA) => data.extend(bytes),
            (Value::Fixed64(bytes), tensor::DOUBLE_DATA) => data.extend(bytes),
            (Value::Bytes(bytes), tensor::FLOAT_DATA | tensor::DOUBLE_DATA) => data.extend(bytes),
            (value, tensor::INT32_DATA | tensor::INT64_DATA | tensor::UINT64_DATA) => {
                room.ints(value, &mut ints, usize::MAX, "elements")?;
            }
            (_, number) => {
                return Err(Malformed(format!("its elements in field {number} are of another wire type")).into());
            }
        }
    }
    // Two elements of 4 bits are one number.
    let width = dtype.bits().div_ceil(8);
    room.hold(ints.len().saturating_mul(width))?;
    for int in ints {
        if !fits(int, width) {
            return Err(Malformed(format!("{int} does not fit {dtype}")).into());
        }
        data.extend(&int.to_le_bytes()[..width]);
    }
    Ok(data.into())
}

/// Whether elements of a type may be in the field of that number.
fn holds(number: u32, dtype: DataType) -> bool {
    use DataType::{C64, C128, F32, F64, I64, U32, U64};
    match number {
        tensor::RAW_DATA => true,
        tensor::FLOAT_DATA => matches!(dtype, F32 | C64),
        tensor::DOUBLE_DATA => matches!(dtype, F64 | C128),
        tensor::INT64_DATA => dtype == I64,
        tensor::UINT64_DATA => matches!(dtype, U64 | U32),
        _ => !matches!(dtype, F32 | C64 | F64 | C128 | I64 | U64 | U32),
    }
}

/// Whether an integer, signed or not, fits that many bytes.
fn fits(int: i64, width: usize) -> bool {
    let bits = 8 * width as u32;
    bits >= i64::BITS || (-(1 << (bits - 1))..1 << bits).contains(&int)
}

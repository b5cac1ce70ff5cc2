//! Inputs and outputs of graphs.

use super::error::ReadError;
use super::room::{Room, below};
use crate::onnx::dtype::DataType;
use crate::onnx::fields::Fields;
use crate::onnx::limits;
use crate::onnx::port::{Dim, Port};
use crate::onnx::schema::{dim, kind, shape, tensor_type, value};

/// Reads a port. One of a graph within a graph may be without a type.
pub(super) fn read_port(room: &mut Room<'_>, bytes: &[u8]) -> Result<Port, ReadError> {
    room.hold(size_of::<Port>())?;
    let (mut name, mut declared) = (None, None);
    let mut fields = Fields::new("an input or output", bytes);
    while let Some((number, found)) = fields.next()? {
        match number {
            value::NAME => fields.keep(&mut name, room.name(found)?)?,
            value::TYPE => fields.keep(&mut declared, found.bytes()?)?,
            _ => fields.skip(&value::SKIPPED)?,
        }
    }
    let name = name.unwrap_or_default();
    let (dtype, shape) = match declared {
        Some(declared) => read_type(room, &name, declared)?,
        None => (DataType::Undefined, None),
    };
    Ok(Port { name, dtype, shape })
}

fn read_type(room: &mut Room<'_>, name: &str, bytes: &[u8]) -> Result<(DataType, Option<Vec<Dim>>), ReadError> {
    let (mut tensor, mut other) = (None, false);
    let mut fields = Fields::new("a type", bytes);
    while let Some((number, value)) = fields.next()? {
        match number {
            kind::TENSOR => fields.keep(&mut tensor, value.bytes()?)?,
            number => other |= !kind::SKIPPED.contains(&number),
        }
    }
    if other {
        return Err(ReadError::unsupported(format!("`{name}`, which is not a tensor"), "tensors only"));
    }
    let Some(tensor) = tensor else {
        return Ok((DataType::Undefined, None));
    };
    let (mut dtype, mut shape) = (None, None);
    let mut fields = Fields::new("a tensor's type", tensor);
    while let Some((number, value)) = fields.next()? {
        match number {
            tensor_type::ELEM_TYPE => fields.keep(&mut dtype, value.int()?)?,
            tensor_type::SHAPE => fields.keep(&mut shape, read_shape(room, value.bytes()?)?)?,
            _ => fields.skip(&[])?,
        }
    }
    let number = dtype.unwrap_or(DataType::Undefined.number());
    let dtype = DataType::from_number(number)
        .ok_or_else(|| ReadError::unsupported(format!("`{name}` of element type {number}"), "a known element type"))?;
    Ok((dtype, shape))
}

fn read_shape(room: &mut Room<'_>, bytes: &[u8]) -> Result<Vec<Dim>, ReadError> {
    let mut dims = Vec::new();
    let mut fields = Fields::new("a shape", bytes);
    while let Some((number, value)) = fields.next()? {
        match number {
            shape::DIM => {
                below(dims.len() + 1, limits::RANK, "dimensions")?;
                dims.push(read_dim(room, value.bytes()?)?);
            }
            _ => fields.skip(&[])?,
        }
    }
    Ok(dims)
}

/// Reads a dimension; a negative length is one that is not declared.
fn read_dim(room: &mut Room<'_>, bytes: &[u8]) -> Result<Dim, ReadError> {
    let mut dim = None;
    let mut fields = Fields::new("a dimension", bytes);
    while let Some((number, value)) = fields.next()? {
        match number {
            dim::VALUE => fields.keep(&mut dim, usize::try_from(value.int()?).map_or(Dim::Unknown, Dim::Fixed))?,
            dim::PARAM => fields.keep(&mut dim, Dim::Symbol(room.name(value)?))?,
            _ => fields.skip(&dim::SKIPPED)?,
        }
    }
    Ok(dim.unwrap_or(Dim::Unknown))
}

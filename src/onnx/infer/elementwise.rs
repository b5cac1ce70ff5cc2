//! Operators that make an element of every element, or of those at one place in several tensors.

use super::call::{Call, Made, Unclear, shown};
use super::num::Num;
use super::value::{Data, Value};
use crate::onnx::dtype::DataType;
use crate::onnx::graph::Attribute;

/// The shape of the first input.
pub(super) fn same(call: &Call<'_>) -> Result<Made, Unclear> {
    Ok(Made::shape(call.dims(0)?))
}

/// The first input itself.
pub(super) fn identity(call: &Call<'_>) -> Result<Made, Unclear> {
    Ok(Made::value(call.input(0)?.clone()))
}

pub(super) fn cast(call: &Call<'_>) -> Result<Made, Unclear> {
    let input = call.input(0)?;
    let to = match call.node.attribute("to") {
        Some(Attribute::Int(number)) => DataType::from_number(*number),
        _ => None,
    };
    match to {
        Some(DataType::I64) if input.ints().is_some() => Ok(Made::value(input.clone())),
        Some(DataType::C64 | DataType::C128) | None => Err("it casts to no type of numbers".to_owned()),
        Some(to) if to.bits() == 0 => Err("it casts to no type of numbers".to_owned()),
        Some(_) => Ok(Made::shape(&*input.dims)),
    }
}

/// Inputs that are stretched to each other's shape.
pub(super) fn broadcast(call: &Call<'_>) -> Result<Made, Unclear> {
    let mut dims = call.dims(0)?.to_vec();
    for index in 1..call.inputs.len() {
        dims = stretched(&dims, call.dims(index)?)?;
    }
    let ints = match call.inputs.as_slice() {
        [Some(a), Some(b)] => calculated(&call.node.op, a, b),
        _ => None,
    };
    Ok(Made::value(match ints {
        Some(ints) => Value::of_ints(dims, ints),
        None => Value::new(dims),
    }))
}

/// The shape that two shapes are stretched to.
pub(super) fn stretched(a: &[Num], b: &[Num]) -> Result<Vec<Num>, Unclear> {
    let rank = a.len().max(b.len());
    let at = |dims: &[Num], axis: usize| (axis + dims.len()).checked_sub(rank).map_or(Num::ONE, |place| dims[place]);
    (0..rank)
        .map(|axis| match (at(a, axis), at(b, axis)) {
            (one, other) | (other, one) if one == Num::ONE => Ok(other),
            (one, other) if one == other => Ok(one),
            _ => Err(format!("shapes {} and {} do not fit each other", shown(a), shown(b))),
        })
        .collect()
}

/// The elements that a calculation makes of two lists of known integers, or of a list and one integer.
fn calculated(op: &str, a: &Value, b: &Value) -> Option<Vec<Num>> {
    let calculate = match op {
        "Add" => Num::plus,
        "Sub" => Num::minus,
        "Mul" => Num::times,
        "Div" => Num::over,
        "Min" | "Max" => |a: Num, b: Num| (a == b).then_some(a),
        _ => return None,
    };
    let (a, b) = (a.ints()?, b.ints()?);
    let length = match (a.len(), b.len()) {
        (one, other) | (other, one) if one == 1 => other,
        (one, other) if one == other => one,
        _ => return None,
    };
    let at = |list: &[Num], index: usize| list[if list.len() == 1 { 0 } else { index }];
    (0..length).map(|index| calculate(at(a, index), at(b, index))).collect()
}

/// The shape of a tensor as a tensor.
pub(super) fn shape(call: &Call<'_>) -> Result<Made, Unclear> {
    let dims = call.dims(0)?;
    let rank = dims.len() as i64;
    let end = |value: i64| (if value < 0 { value.saturating_add(rank) } else { value }).clamp(0, rank) as usize;
    let (start, end) = (end(call.int("start", 0)?), end(call.int("end", rank)?));
    let part = dims.get(start..end).unwrap_or_default().to_vec();
    Ok(Made::value(Value::of_ints([Num::fixed(part.len() as i64)], part)))
}

pub(super) fn constant_of_shape(call: &Call<'_>) -> Result<Made, Unclear> {
    let dims = call.list(0)?;
    if dims.iter().any(|dim| !dim.is_length()) {
        return Err(format!("it makes a tensor of shape {}", shown(dims)));
    }
    let filled = match call.node.attribute("value") {
        None => None,
        Some(Attribute::Tensor(tensor)) if tensor.elements() == Some(1) => Some(Value::stored(tensor)),
        Some(_) => return Err("attribute `value` is not a tensor of one element".to_owned()),
    };
    let count = Num::product(dims).and_then(Num::known).and_then(|count| usize::try_from(count).ok());
    let value = match (filled.map(|filled| filled.data), count) {
        (Some(Data::Ints(one)), Some(count)) if count <= super::value::FEW => Value::of_ints(dims, vec![one[0]; count]),
        _ => Value::new(dims),
    };
    Ok(Made::value(value))
}

/// A tensor stored in the node.
pub(super) fn constant(call: &Call<'_>) -> Result<Made, Unclear> {
    match call.node.attributes.first() {
        Some((_, Attribute::Tensor(tensor))) => Ok(Made::value(Value::stored(tensor))),
        Some((_, Attribute::Int(int))) => Ok(Made::value(Value::of_ints([], vec![Num::fixed(*int)]))),
        Some((_, Attribute::Float(_))) => Ok(Made::shape([])),
        Some((_, Attribute::Ints(ints))) => {
            let ints: Vec<_> = ints.iter().copied().map(Num::fixed).collect();
            Ok(Made::value(Value::of_ints([Num::fixed(ints.len() as i64)], ints)))
        }
        Some((_, Attribute::Floats(floats))) => Ok(Made::shape([Num::fixed(floats.len() as i64)])),
        _ => Err("its value is no tensor of numbers".to_owned()),
    }
}

/// Numbers from a start to a limit.
pub(super) fn range(call: &Call<'_>) -> Result<Made, Unclear> {
    let unknown = || "its bounds are known only when it is run".to_owned();
    let at = |index: usize| call.input(index).map(|value| &value.data);
    let length = match (at(0)?, at(1)?, at(2)?) {
        (Data::Ints(start), Data::Ints(limit), Data::Ints(delta)) => {
            let ([start], [limit], [delta]) = (&start[..], &limit[..], &delta[..]) else { return Err(unknown()) };
            let span = limit.minus(*start).ok_or_else(unknown)?;
            match (span.known(), delta.known()) {
                (Some(span), Some(delta)) if delta != 0 => {
                    let steps = i128::from(span).div_euclid(delta.into());
                    let rest = i128::from(span).rem_euclid(delta.into()) != 0;
                    // The remainder is never negative, so that the quotient is rounded down for steps up alone.
                    let steps = steps + i128::from(rest && delta > 0);
                    Num::fixed(i64::try_from(steps.max(0)).map_err(|_| unknown())?)
                }
                (None, Some(1)) if span.is_length() => span,
                _ => return Err(unknown()),
            }
        }
        (Data::Floats(start), Data::Floats(limit), Data::Floats(delta)) => {
            let ([start], [limit], [delta]) = (&start[..], &limit[..], &delta[..]) else { return Err(unknown()) };
            let steps = ((limit - start) / delta).ceil().max(0.0);
            // Above that, a float does not hold every integer.
            if !steps.is_finite() || steps > (1_u64 << 53) as f64 {
                return Err(super::call::too_large());
            }
            Num::fixed(steps as i64)
        }
        _ => return Err(unknown()),
    };
    Ok(Made::shape([length]))
}

//! Operators that take or replace elements at places that other elements name.

use super::call::{Call, Made, Unclear, axis, shown};
use super::num::Num;
use super::value::Value;

pub(super) fn gather(call: &Call<'_>) -> Result<Made, Unclear> {
    let (table, places) = (call.input(0)?, call.input(1)?);
    let along = axis(call.int("axis", 0)?, table.dims.len())?;
    let dims = [&table.dims[..along], &places.dims, &table.dims[along + 1..]].concat();
    let picked = match (table.ints(), places.ints()) {
        (Some(table), Some(places)) => places.iter().map(|place| at(table, *place)).collect(),
        _ => None,
    };
    Ok(Made::value(match picked {
        Some(ints) if table.dims.len() == 1 => Value::of_ints(dims, ints),
        _ => Value::new(dims),
    }))
}

fn at(table: &[Num], place: Num) -> Option<Num> {
    let place = place.known()?;
    let place = if place < 0 { place.checked_add(table.len() as i64)? } else { place };
    table.get(usize::try_from(place).ok()?).copied()
}

/// An element for each of the places.
pub(super) fn gather_elements(call: &Call<'_>) -> Result<Made, Unclear> {
    let (table, places) = (call.dims(0)?, call.dims(1)?);
    axis(call.int("axis", 0)?, table.len())?;
    match table.len() == places.len() {
        true => Ok(Made::shape(places)),
        false => Err(format!("places of shape {} in {}", shown(places), shown(table))),
    }
}

pub(super) fn gather_nd(call: &Call<'_>) -> Result<Made, Unclear> {
    let (table, places) = (call.dims(0)?, call.dims(1)?);
    let fails = || format!("places of shape {} in {}", shown(places), shown(table));
    let (last, before) = places.split_last().ok_or_else(fails)?;
    let shared = usize::try_from(call.int("batch_dims", 0)?).map_err(|_| fails())?;
    let depth = last.known().and_then(|depth| usize::try_from(depth).ok()).ok_or_else(fails)?;
    let rest = shared.checked_add(depth).and_then(|skipped| table.get(skipped..)).ok_or_else(fails)?;
    Ok(Made::shape([before, rest].concat()))
}

/// The first input with some elements replaced.
pub(super) fn scatter(call: &Call<'_>) -> Result<Made, Unclear> {
    call.dims(1)?;
    call.dims(2)?;
    Ok(Made::shape(call.dims(0)?))
}

/// The largest elements along an axis, and their places.
pub(super) fn top_k(call: &Call<'_>) -> Result<Made, Unclear> {
    let dims = call.dims(0)?;
    let along = axis(call.int("axis", -1)?, dims.len())?;
    let [count] = call.list(1)? else { return Err("it takes one number of elements".to_owned()) };
    let fits = count.is_length()
        && (*count == dims[along] || count.known().zip(dims[along].known()).is_some_and(|(k, n)| k <= n));
    if !fits {
        return Err(format!("it takes {} of axis {along} of {}", shown(&[*count]), shown(dims)));
    }
    let mut made = dims.to_vec();
    made[along] = *count;
    let value = Value::new(made);
    // Sorting takes a comparison for each bit of the number of elements.
    let work = super::call::multiply(super::call::count(dims)?, 64)?;
    Ok(Made { outputs: vec![value.clone(), value], work, ..Made::default() })
}

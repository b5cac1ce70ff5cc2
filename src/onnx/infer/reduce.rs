//! Operators that make one element of all along some axes.

use super::call::{Call, Made, Unclear, axes, axis};
use super::num::Num;
use super::value::Value;

/// A sum, a mean, a product, an extreme.
pub(super) fn reduce(call: &Call<'_>) -> Result<Made, Unclear> {
    let input = call.input(0)?;
    let rank = input.dims.len();
    let given = call.numbers(1, "axes")?.filter(|list| !list.is_empty());
    let along = match given {
        Some(list) => axes(&list, rank)?,
        None if call.int("noop_with_empty_axes", 0)? != 0 => return Ok(Made::shape(&*input.dims)),
        None => (0..rank).collect(),
    };
    let made = without(&input.dims, &along, call.int("keepdims", 1)? != 0);
    // The product of a shape is how many elements a tensor has.
    let product = match (call.node.op.as_ref(), input.ints(), rank) {
        ("ReduceProd", Some(ints), 1) => Num::product(ints),
        _ => None,
    };
    Ok(Made::value(match product {
        Some(product) => Value::of_ints(made, vec![product]),
        None => Value::new(made),
    }))
}

/// The place of an extreme along one axis.
pub(super) fn extreme_place(call: &Call<'_>) -> Result<Made, Unclear> {
    let dims = call.dims(0)?;
    let along = axis(call.int("axis", 0)?, dims.len())?;
    Ok(Made::shape(without(dims, &[along], call.int("keepdims", 1)? != 0)))
}

fn without(dims: &[Num], along: &[usize], keeps: bool) -> Vec<Num> {
    let kept = dims.iter().enumerate().filter_map(|(axis, dim)| match along.contains(&axis) {
        false => Some(*dim),
        true => keeps.then_some(Num::ONE),
    });
    kept.collect()
}

//! The state of a step before it is exported: which axes grow, what they are called, and the first values.

use std::collections::BTreeMap;

use burn::backend::TensorData;

use super::api::Exporter;
use super::constant::from_data;
use super::values::resize_axis;
use crate::Result;
use crate::onnx::{Dim, Model, State, Tensor};

/// The length that an axis which grows from 0 has in the first recording.
pub(crate) const RECORDED: usize = 4;
/// The symbol of axes that grow, where the caller names none.
const PAST: &str = "past";

/// A tensor of the state.
pub(crate) struct Found {
    pub state: State,
    /// Its value before the first step.
    pub init: TensorData,
}

/// The axis along which a tensor is longer after a step than before it; none where the shape stays.
pub(crate) fn grown(before: &[usize], after: &[usize]) -> Result<Option<usize>, String> {
    let changed: Vec<usize> = match before.len() == after.len() {
        true => (0..before.len()).filter(|axis| before[*axis] != after[*axis]).collect(),
        false => Vec::new(),
    };
    match changed[..] {
        [] if before == after => Ok(None),
        [axis] if after[axis] > before[axis] => Ok(Some(axis)),
        _ => Err(format!("is {before:?} before a step and {after:?} after it, but it may only grow along one axis")),
    }
}

/// Makes the axes that grow dynamic. Those that begin at one length have one symbol.
pub(crate) fn name_growing(exporter: &mut Exporter, found: &[Found]) {
    let mut symbols: BTreeMap<usize, String> = BTreeMap::new();
    let growing: Vec<(&str, usize, usize)> = found
        .iter()
        .filter_map(|Found { state, init }| {
            let axis = state.grows?;
            Some((state.input.as_str(), axis, init.shape().as_slice()[axis]))
        })
        .collect();
    let symbol = |exporter: &Exporter, input: &str, axis: usize| {
        let named = exporter.axes.iter().find(|dynamic| dynamic.input == input && dynamic.axis == axis)?;
        Some(named.symbol.clone())
    };
    for (input, axis, length) in &growing {
        if let Some(symbol) = symbol(exporter, input, *axis) {
            symbols.entry(*length).or_insert(symbol);
        }
    }
    for (input, axis, length) in growing {
        if symbol(exporter, input, axis).is_none() {
            let taken = |name: &str| exporter.axes.iter().any(|dynamic| dynamic.symbol == name);
            let new = || match taken(PAST) {
                true => format!("{PAST}_{input}"),
                false => PAST.to_owned(),
            };
            let symbol = symbols.entry(length).or_insert_with(new).clone();
            *exporter = exporter.clone().dynamic_axis(input, axis, symbol);
        }
    }
}

/// The shape before the first step. What the inputs beside the state have a size for is a symbol.
pub(crate) fn start(exporter: &Exporter, given: &[String], state: &State, init: &TensorData) -> Vec<Dim> {
    let symbol = |axis: usize| {
        let named = exporter.axes.iter().find(|dynamic| dynamic.input == state.input && dynamic.axis == axis)?;
        let known = |other: &str| exporter.axes.iter().any(|d| d.input == other && d.symbol == named.symbol);
        (state.grows != Some(axis) && given.iter().any(|input| known(input))).then(|| named.symbol.clone())
    };
    let dim = |(axis, size): (usize, &usize)| symbol(axis).map_or(Dim::Fixed(*size), Dim::Symbol);
    init.shape().iter().enumerate().map(dim).collect()
}

/// The values before the first step, once along each axis whose size the inputs choose.
pub(crate) fn first_values(state: &State, init: &TensorData) -> Result<Tensor, String> {
    let mut first = init.clone();
    for (axis, dim) in state.start.iter().enumerate() {
        if let Dim::Symbol(symbol) = dim {
            let one = resize_axis(&first, axis, 1);
            if resize_axis(&one, axis, first.shape().as_slice()[axis]) != first {
                return Err(format!("the first values of {} differ along {symbol}, whose size is free", state.input));
            }
            first = one;
        }
    }
    from_data(&first).ok_or_else(|| format!("ONNX has no element type for {:?}, that of {}", init.dtype(), state.input))
}

/// The length of an axis that grows in the first recording.
pub(crate) fn recorded(init: &TensorData, axis: usize) -> usize {
    match init.shape().as_slice()[axis] {
        0 => RECORDED,
        length => length,
    }
}

/// A name that no value of the model has.
pub(crate) fn fresh(model: &Model, name: &str) -> String {
    let graph = &model.graph;
    let taken = |name: &str| {
        let made = || graph.nodes.iter().flat_map(|node| node.inputs.iter().chain(&node.outputs));
        graph.initializer(name).is_some() || graph.input(name).is_some() || made().any(|other| other == name)
    };
    let mut name = name.to_owned();
    while taken(&name) {
        name.push('_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_axis_may_grow() {
        assert_eq!(grown(&[2, 4, 3], &[2, 4, 3]), Ok(None));
        assert_eq!(grown(&[2, 4, 3], &[2, 5, 3]), Ok(Some(1)));
        for (before, after) in [([2, 4], [3, 5]), ([2, 4], [2, 3])] {
            assert!(grown(&before, &after).unwrap_err().contains("after it, but it may only grow along one axis"));
        }
        assert!(grown(&[2, 4], &[2]).is_err());
    }

    #[test]
    fn first_values_are_stored_once_for_a_batch() {
        let state = State::new("x", "next_x", [Dim::Symbol("batch".into()), Dim::Fixed(2)]);
        let alike = TensorData::new(vec![1.0f32, 2.0, 1.0, 2.0], [2, 2]);
        let stored = first_values(&state, &alike).unwrap();
        assert_eq!((stored.dims, stored.data.len()), (vec![1, 2], 8));
        let unlike = TensorData::new(vec![1.0f32, 2.0, 1.0, 3.0], [2, 2]);
        assert_eq!(
            first_values(&state, &unlike).unwrap_err(),
            "the first values of x differ along batch, whose size is free"
        );
    }
}

//! A model's inputs and outputs: their names, and which axes of the inputs are dynamic.

use std::collections::BTreeMap;

use burn::backend::TensorData;

use super::limits::Limits;
use super::values::{Spec, Tensors, Values, resize_axis};

/// A dynamic axis as the caller of the exporter names it.
#[derive(Debug, Clone)]
pub(crate) struct DynamicAxis {
    pub input: String,
    pub axis: usize,
    pub symbol: String,
}

/// A dynamic axis, and where the sample has it.
#[derive(Debug, Clone)]
pub(crate) struct AxisUse {
    pub name: String,
    /// The tensors of the sample that have it, by their position, and which of their axes it is.
    pub places: Vec<(usize, usize)>,
    /// Its length in the sample.
    pub size: usize,
    /// Whether it may take any length, as a batch may.
    pub free: bool,
    /// The lengths that it is said to have.
    pub limits: Limits,
}

/// The tensors of a sample, as inputs of the model.
pub(crate) struct Boundary {
    pub specs: Vec<Spec>,
    pub inputs: Vec<String>,
    pub dims: Vec<Vec<usize>>,
    pub axes: Vec<AxisUse>,
}

/// The shapes of a sample's tensors.
pub(crate) fn shapes<I: Values>(sample: &I) -> Vec<Vec<usize>> {
    sample.specs().into_iter().map(|spec| spec.dims).collect()
}

/// The names of `count` tensors: those that were given, then `what` with a number.
pub(crate) fn names(what: &str, given: &[String], count: usize) -> Result<Vec<String>, String> {
    if given.len() > count {
        return Err(format!("{} {what} names were given, but the number of {what}s is {count}", given.len()));
    }
    let names: Vec<String> = (0..count)
        .map(|index| match (given.get(index), count) {
            (Some(name), _) => name.clone(),
            (None, 1) => what.to_string(),
            (None, _) => format!("{what}_{index}"),
        })
        .collect();
    match names.iter().enumerate().find(|(i, name)| name.is_empty() || names[..*i].contains(name)) {
        Some((_, name)) if name.is_empty() => Err(format!("an {what} was given an empty name")),
        Some((_, name)) => Err(format!("the {what} name {name} was given twice")),
        None => Ok(names),
    }
}

/// The dynamic axes that were asked for, with the places that the sample has them in.
pub(crate) fn axes(
    asked: &[DynamicAxis],
    limits: &BTreeMap<String, Limits>,
    inputs: &[String],
    dims: &[Vec<usize>],
) -> Result<Vec<AxisUse>, String> {
    let mut axes: Vec<AxisUse> = Vec::new();
    for dynamic in asked {
        let position = inputs.iter().position(|name| *name == dynamic.input);
        let position = position
            .ok_or_else(|| format!("there is no input {}; the inputs are {}", dynamic.input, inputs.join(", ")))?;
        let size = *dims[position].get(dynamic.axis).ok_or_else(|| {
            format!("{} has no axis {}, since it has {} dimensions", dynamic.input, dynamic.axis, dims[position].len())
        })?;
        let place = (position, dynamic.axis);
        if axes.iter().any(|axis| axis.places.contains(&place)) {
            return Err(format!("axis {} of {} was given two symbols", dynamic.axis, dynamic.input));
        }
        match axes.iter_mut().find(|axis| axis.name == dynamic.symbol) {
            Some(axis) if axis.size != size => {
                return Err(format!(
                    "the axes named {} have two lengths in the sample: {} and {size}",
                    dynamic.symbol, axis.size
                ));
            }
            Some(axis) => {
                axis.free &= dynamic.axis == 0;
                axis.places.push(place);
            }
            None => axes.push(AxisUse {
                name: dynamic.symbol.clone(),
                places: vec![place],
                size,
                free: dynamic.axis == 0,
                limits: limits.get(&dynamic.symbol).copied().unwrap_or_default(),
            }),
        }
    }
    for name in limits.keys() {
        if axes.iter().all(|axis| axis.name != *name) {
            return Err(format!("{name} was given lengths, and no axis is named so by dynamic_axis"));
        }
    }
    for axis in &axes {
        let limits = axis.limits.text().unwrap_or_default();
        if axis.limits.multiple == 0 || axis.limits.most.is_some_and(|most| most < axis.limits.least.max(1)) {
            return Err(format!("there is no length that {} may have", axis.name));
        }
        // A batch is recorded at lengths of its own.
        if !axis.limits.allow(axis.size) && !axis.free {
            return Err(format!("{} is {} in the sample, which is not {limits}", axis.name, axis.size));
        }
    }
    Ok(axes)
}

/// The lengths of the dynamic axes in each of several samples. The error says which sample does not fit the first.
pub(crate) fn given_sizes(axes: &[AxisUse], samples: &[Vec<Vec<usize>>]) -> Result<Vec<Vec<usize>>, String> {
    let mut sizes = Vec::new();
    for (number, dims) in samples.iter().enumerate() {
        let mut expected = samples[0].clone();
        let mut here = Vec::new();
        for axis in axes {
            let (position, place) = axis.places[0];
            let size = dims.get(position).and_then(|dims| dims.get(place)).copied();
            let size = size.ok_or_else(|| format!("sample {number} has fewer inputs or dimensions than sample 0"))?;
            for (position, place) in &axis.places {
                expected[*position][*place] = size;
            }
            here.push(size);
        }
        if expected != *dims {
            return Err(format!(
                "sample {number} has the shapes {dims:?} instead of {expected:?}: only dynamic axes may differ from sample 0"
            ));
        }
        sizes.push(here);
    }
    for (i, axis) in axes.iter().enumerate() {
        let alone = |a: &[usize], b: &[usize]| (0..axes.len()).all(|j| (a[j] != b[j]) == (i == j));
        if !sizes.iter().any(|a| sizes.iter().any(|b| alone(a, b))) {
            return Err(format!("no two samples differ in the length of {} alone", axis.name));
        }
    }
    Ok(sizes)
}

/// The lengths of the axes that are not dynamic.
pub(crate) fn still(dims: &[Vec<usize>], axes: &[AxisUse]) -> Vec<usize> {
    let dynamic = |place: (usize, usize)| axes.iter().any(|axis| axis.places.contains(&place));
    dims.iter()
        .enumerate()
        .flat_map(|(i, dims)| dims.iter().enumerate().map(move |(axis, size)| ((i, axis), *size)))
        .filter(|(place, _)| !dynamic(*place))
        .map(|(_, size)| size)
        .collect()
}

/// The sample at other lengths of its dynamic axes.
pub(crate) fn resize(data: &[TensorData], axes: &[AxisUse], sizes: &[usize]) -> Vec<TensorData> {
    let mut data = data.to_vec();
    for (axis, size) in axes.iter().zip(sizes) {
        for (position, place) in &axis.places {
            data[*position] = resize_axis(&data[*position], *place, *size);
        }
    }
    data
}

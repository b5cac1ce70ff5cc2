//! One call of an operator, as the rules of inference see it.

use super::num::Num;
use super::value::Value;
use crate::onnx::graph::{Attribute, Node};

/// Why nothing can be told of what an operator makes.
pub(super) type Unclear = String;

/// What an operator makes, and what that costs.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// Its outputs, the optional ones too.
    pub outputs: Vec<Value>,
    /// Multiplications and the like for a batch of one, where there are more than elements read and made.
    pub work: u64,
    /// Elements that an engine may hold meanwhile, for a batch of one.
    pub scratch: u64,
}

impl Made {
    /// One output of that shape.
    pub fn shape(dims: impl Into<Vec<Num>>) -> Self {
        Self::value(Value::new(dims))
    }

    /// One output.
    pub fn value(value: Value) -> Self {
        Self { outputs: vec![value], ..Self::default() }
    }
}

pub(super) type Rule = fn(&Call<'_>) -> Result<Made, Unclear>;

/// A node, and what is known of what it reads.
pub(super) struct Call<'a> {
    pub node: &'a Node,
    /// What it reads; `None` for an optional input left out.
    pub inputs: Vec<Option<&'a Value>>,
}

impl<'a> Call<'a> {
    /// An input, if it is there.
    pub fn given(&self, index: usize) -> Option<&'a Value> {
        self.inputs.get(index).copied().flatten()
    }

    /// An input that must be there.
    pub fn input(&self, index: usize) -> Result<&'a Value, Unclear> {
        self.given(index).ok_or_else(|| format!("input {index} is missing"))
    }

    /// The shape of an input that must be there.
    pub fn dims(&self, index: usize) -> Result<&'a [Num], Unclear> {
        Ok(&self.input(index)?.dims)
    }

    /// The integers of an input that must be known before the model is run.
    pub fn list(&self, index: usize) -> Result<&'a [Num], Unclear> {
        self.input(index)?.ints().ok_or_else(|| format!("input {index} is known only when it is run"))
    }

    /// The integers of an input, or, as in older operator sets, of an attribute; `None` where neither is there.
    pub fn numbers(&self, index: usize, attribute: &str) -> Result<Option<Vec<i64>>, Unclear> {
        match self.given(index) {
            None => Ok(self.ints(attribute)?.map(<[i64]>::to_vec)),
            Some(_) => {
                let known: Option<Vec<_>> = self.list(index)?.iter().map(|number| number.known()).collect();
                known.map(Some).ok_or_else(|| format!("input {index} depends on the batch"))
            }
        }
    }

    /// The integer attribute of that name, or its default.
    pub fn int(&self, name: &str, default: i64) -> Result<i64, Unclear> {
        match self.node.attribute(name) {
            None => Ok(default),
            Some(Attribute::Int(value)) => Ok(*value),
            Some(_) => Err(format!("attribute `{name}` is not an integer")),
        }
    }

    /// The attribute of that name, a list of integers.
    pub fn ints(&self, name: &str) -> Result<Option<&'a [i64]>, Unclear> {
        match self.node.attribute(name) {
            None => Ok(None),
            Some(Attribute::Ints(values)) => Ok(Some(values)),
            Some(_) => Err(format!("attribute `{name}` is not a list of integers")),
        }
    }

    /// The text attribute of that name, or its default.
    pub fn text(&self, name: &str, default: &'a str) -> Result<&'a str, Unclear> {
        match self.node.attribute(name) {
            None => Ok(default),
            Some(Attribute::Text(value)) => Ok(value),
            Some(_) => Err(format!("attribute `{name}` is not a text")),
        }
    }

    /// A list of one integer for each of `count` axes, which must not be less than `least`; `default` where there is none.
    pub fn per_axis(&self, name: &str, count: usize, default: i64, least: i64) -> Result<Vec<i64>, Unclear> {
        let list = self.ints(name)?.map_or_else(|| vec![default; count], <[i64]>::to_vec);
        match list.len() == count && list.iter().all(|value| *value >= least) {
            true => Ok(list),
            false => Err(format!("attribute `{name}` is {list:.16?}, expected {count} numbers from {least} on")),
        }
    }
}

/// The place of an axis, which may be counted from the end.
pub(super) fn axis(axis: i64, rank: usize) -> Result<usize, Unclear> {
    let from_start = if axis < 0 { axis.checked_add(rank as i64) } else { Some(axis) };
    let found = from_start.and_then(|axis| usize::try_from(axis).ok()).filter(|axis| *axis < rank);
    found.ok_or_else(|| format!("axis {axis} of a tensor of {rank} dimensions"))
}

/// The places of several axes, each there once.
pub(super) fn axes(given: &[i64], rank: usize) -> Result<Vec<usize>, Unclear> {
    let mut seen = vec![false; rank];
    given
        .iter()
        .map(|wanted| {
            let place = axis(*wanted, rank)?;
            match std::mem::replace(&mut seen[place], true) {
                false => Ok(place),
                true => Err(format!("axis {wanted} is there twice")),
            }
        })
        .collect()
}

/// The elements of a shape for a batch of one.
pub(super) fn count(dims: &[Num]) -> Result<u64, Unclear> {
    dims.iter().try_fold(1_u64, |product, dim| multiply(product, u64::try_from(dim.of_one()).unwrap_or(0)))
}

/// A product, where 64 bits hold it.
pub(super) fn multiply(a: u64, b: u64) -> Result<u64, Unclear> {
    a.checked_mul(b).ok_or_else(too_large)
}

/// Why a number is not told that 63 bits do not hold, or that grows faster than the batch.
pub(super) fn too_large() -> Unclear {
    "its size is too large to count, or does not grow in proportion to the batch".to_owned()
}

/// Shapes in words, for errors.
pub(super) fn shown(dims: &[Num]) -> String {
    let dim = |dim: &Num| dim.known().map_or_else(|| format!("{} * batch", dim.of_one()), |size| size.to_string());
    format!("[{}]", dims.iter().map(dim).collect::<Vec<_>>().join(", "))
}

//! Shapes as values of the graph: stored where they are fixed, else computed from the lengths of dynamic axes.

use burn::backend::capture::TensorId;

use super::attribute::int;
use super::context::{Context, Lowered};
use crate::export::fit::in_doubt;
use crate::export::formula::Formula;
use crate::export::lengths::Lengths;
use crate::export::step::Step;

impl Context<'_> {
    /// A one-dimensional i64 value that holds a shape, computed at run time where it must be.
    pub fn shape(&mut self, dims: &[Lengths]) -> Lowered<String> {
        if let Some(fixed) = dims.iter().map(Lengths::fixed).collect::<Option<Vec<_>>>() {
            let fixed: Vec<i64> = fixed.into_iter().map(|n| n as i64).collect();
            return Ok(self.i64s(&fixed));
        }
        let parts = dims.iter().map(|dim| self.size(dim)).collect::<Lowered<Vec<String>>>()?;
        if let [one] = parts.as_slice() {
            return Ok(one.clone());
        }
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        Ok(self.node("Concat", &parts, &[("axis", int(0))]))
    }

    /// An i64 value with one element that holds the length of a dimension.
    pub fn size(&mut self, dim: &Lengths) -> Lowered<String> {
        if let Some(value) = self.sizes.get(dim) {
            return Ok(value.clone());
        }
        let value = match dim.fixed() {
            Some(n) => self.i64s(&[n as i64]),
            None => match self.known_size(dim) {
                Some(value) => value,
                None => self.whole(&dim.numbers())?,
            },
        };
        self.sizes.insert(dim.clone(), value.clone());
        Ok(value)
    }

    /// An i64 value with one element that holds a number, given with its value in every trace.
    pub fn whole(&mut self, versions: &[i64]) -> Lowered<String> {
        match self.traces.formulas.of(versions) {
            Ok(Some(formula)) => self.computed(&formula),
            Ok(None) => Err("a number follows a dynamic axis by no formula that is known, or an input's values".into()),
            Err(doubt) => Err(in_doubt(&doubt).into()),
        }
    }

    /// The length taken from the shape of an input that has such a dimension, or else of a tensor computed so far.
    fn known_size(&mut self, dim: &Lengths) -> Option<String> {
        let traces = self.traces;
        let at = |id: &TensorId| {
            let dims = traces.dims.get(id)?;
            dims.iter().position(|d| d == dim).map(|axis| (*id, axis))
        };
        let computed = traces.operations[0][..self.index].iter().flat_map(Step::outputs).map(|tensor| &tensor.id);
        let (id, axis) = traces.inputs.iter().chain(computed).filter(|id| self.values.contains_key(id)).find_map(at)?;
        let value = self.values[&id].clone();
        let shape = self.node("Shape", &[&value], &[]);
        let axis = self.i64s(&[axis as i64]);
        Some(self.node("Gather", &[&shape, &axis], &[("axis", int(0))]))
    }

    /// An i64 value with one element that holds the number of a formula.
    pub fn computed(&mut self, formula: &Formula) -> Lowered<String> {
        if let Some(value) = self.numbers.get(formula) {
            return Ok(value.clone());
        }
        let value = match formula {
            Formula::Number(number) => self.i64s(&[*number]),
            Formula::Symbol(index) => {
                let dim = Lengths(self.traces.symbols[*index].sizes.clone());
                match self.known_size(&dim) {
                    Some(value) => value,
                    None => return Err("no tensor has the length of a dynamic axis".into()),
                }
            }
            Formula::Sum(a, b) => self.of_two("Add", a, b)?,
            Formula::Product(a, b) if matches!(**a, Formula::Number(_)) => self.of_two("Mul", b, a)?,
            Formula::Product(a, b) => self.of_two("Mul", a, b)?,
            Formula::Floor(a, by) => self.of_two("Div", a, &Formula::Number(*by))?,
            // Engines take `Min` and `Max` of i64 by their lower 32 bits.
            Formula::Least(a, b) => self.chosen("Less", a, b)?,
            Formula::Greatest(a, b) => self.chosen("Greater", a, b)?,
        };
        self.numbers.insert(formula.clone(), value.clone());
        Ok(value)
    }

    fn of_two(&mut self, operator: &'static str, a: &Formula, b: &Formula) -> Lowered<String> {
        let (a, b) = (self.computed(a)?, self.computed(b)?);
        Ok(self.node(operator, &[&a, &b], &[]))
    }

    fn chosen(&mut self, comparison: &'static str, a: &Formula, b: &Formula) -> Lowered<String> {
        let (a, b) = (self.computed(a)?, self.computed(b)?);
        let first = self.node(comparison, &[&a, &b], &[]);
        Ok(self.node("Where", &[&first, &a, &b], &[]))
    }

    /// A value of one element, without dimensions.
    pub fn without_dims(&mut self, value: &str) -> String {
        let none = self.i64s(&[]);
        self.node("Reshape", &[value, &none], &[])
    }

    /// The value with another shape.
    pub fn reshape(&mut self, value: &str, from: &[Lengths], to: &[Lengths]) -> Lowered<String> {
        let shape = self.reshape_target(from, to)?;
        Ok(self.node("Reshape", &[value, &shape], &[]))
    }

    /// The target of a `Reshape`: stored numbers where at most one length has to be inferred (-1) and the other dynamic
    /// ones are those of the input (0), else a computed shape.
    fn reshape_target(&mut self, from: &[Lengths], to: &[Lengths]) -> Lowered<String> {
        let mut target = Vec::new();
        let mut inferred = false;
        let empty = to.iter().any(|dim| dim.0.contains(&0));
        for (axis, dim) in to.iter().enumerate() {
            target.push(match dim.fixed() {
                Some(n) => n as i64,
                None if from.get(axis) == Some(dim) => 0,
                None if !inferred => {
                    inferred = true;
                    -1
                }
                None => return self.shape(to),
            });
        }
        if empty && to.iter().any(|dim| dim.fixed().is_none()) {
            return Err("it reshapes a tensor without elements along a dynamic axis".into());
        }
        Ok(self.i64s(&target))
    }
}

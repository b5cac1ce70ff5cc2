//! Shapes as values of the graph: stored where they are fixed, else computed from the lengths of dynamic axes.

use burn::backend::capture::TensorId;

use super::attribute::int;
use super::context::{Context, Lowered};
use crate::export::lengths::{Expr, Lengths, express};
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
        let value = match express(dim, &self.traces.symbols) {
            Expr::Fixed(n) => self.i64s(&[n as i64]),
            expr => match self.known_size(dim) {
                Some(value) => value,
                None => self.computed_size(&expr)?,
            },
        };
        self.sizes.insert(dim.clone(), value.clone());
        Ok(value)
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

    fn computed_size(&mut self, expr: &Expr) -> Lowered<String> {
        let symbol = |cx: &mut Self, index: usize| {
            let dim = Lengths(cx.traces.symbols[index].sizes.clone());
            cx.size(&dim)
        };
        match expr {
            Expr::Fixed(n) => Ok(self.i64s(&[*n as i64])),
            Expr::Affine { symbol: s, scale, offset } => {
                let mut value = symbol(self, *s)?;
                if *scale != 1 {
                    let scale = self.i64s(&[*scale]);
                    value = self.node("Mul", &[&value, &scale], &[]);
                }
                if *offset != 0 {
                    let offset = self.i64s(&[*offset]);
                    value = self.node("Add", &[&value, &offset], &[]);
                }
                Ok(value)
            }
            Expr::Product { scale, symbols } => {
                let mut value = self.i64s(&[*scale]);
                for s in symbols {
                    let factor = symbol(self, *s)?;
                    value = self.node("Mul", &[&value, &factor], &[]);
                }
                Ok(value)
            }
            Expr::Opaque => Err("a length depends on a dynamic axis in a way that cannot be computed from it".into()),
        }
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

//! Shapes as values of the graph: stored where they are fixed, else computed from the lengths of dynamic axes.

use burn::backend::capture::TensorId;
use burn::backend::ir::OperationIr;

use super::context::{Context, Lowered, int};
use crate::export::dims::{Dim, Expr, express};

impl Context<'_> {
    /// A one-dimensional i64 value that holds a shape, computed at run time where it must be.
    pub fn shape(&mut self, dims: &[Dim]) -> Lowered<String> {
        if let Some(fixed) = dims.iter().map(Dim::fixed).collect::<Option<Vec<_>>>() {
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

    /// A one-element i64 value that holds one dimension.
    pub fn size(&mut self, dim: &Dim) -> Lowered<String> {
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

    /// Reads a dimension off a graph input, or else off any tensor computed so far.
    fn known_size(&mut self, dim: &Dim) -> Option<String> {
        let traces = self.traces;
        let at = |id: &TensorId| {
            let dims = traces.dims.get(id)?;
            dims.iter().position(|d| d == dim).map(|axis| (*id, axis))
        };
        let computed =
            traces.operations[0][..self.index].iter().flat_map(OperationIr::outputs).map(|tensor| &tensor.id);
        let (id, axis) = traces.inputs.iter().chain(computed).filter(|id| self.values.contains_key(id)).find_map(at)?;
        let value = self.values[&id].clone();
        let shape = self.node("Shape", &[&value], &[]);
        let axis = self.i64s(&[axis as i64]);
        Some(self.node("Gather", &[&shape, &axis], &[("axis", int(0))]))
    }

    fn computed_size(&mut self, expr: &Expr) -> Lowered<String> {
        let symbol = |cx: &mut Self, index: usize| {
            let dim = Dim(cx.traces.symbols[index].sizes.clone());
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
    pub fn reshape(&mut self, value: &str, from: &[Dim], to: &[Dim]) -> Lowered<String> {
        let shape = self.reshape_target(from, to)?;
        Ok(self.node("Reshape", &[value, &shape], &[]))
    }

    /// A `Reshape` target: stored numbers with 0 for a dimension kept and -1 for one inferred where these suffice.
    fn reshape_target(&mut self, from: &[Dim], to: &[Dim]) -> Lowered<String> {
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
            return Err("an empty tensor is reshaped along a dynamic axis".into());
        }
        Ok(self.i64s(&target))
    }
}

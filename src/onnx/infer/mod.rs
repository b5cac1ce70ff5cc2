//! What a model makes and costs, from shapes alone and before any engine sees it.
//!
//! Shapes that a model computes (by `Shape`, `Gather`, `Concat` and the like) are followed through small integer tensors.
//! No tensor is ever made, and every number is counted with checked arithmetic.

mod call;
mod elementwise;
mod grow;
mod layout;
mod matrix;
mod num;
mod operators;
mod pick;
mod reduce;
#[cfg(test)]
mod tests;
mod value;
mod window;

use std::collections::HashMap;

use self::call::{Call, Made, Rule, Unclear, shown, too_large};
use self::num::Num;
use self::value::Value;
use super::broken::Broken;
use super::graph::{Graph, Node};
use super::limits::RANK;
use super::port::{Dim, Port};

/// Graphs of more values than this are followed only so far where that is for show.
const SHOWN: usize = 1 << 17;

/// The most that a model may make and cost, for a batch of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    /// Elements of one tensor, or of what an engine holds while it makes one.
    pub tensor: u64,
    /// Elements of all tensors that it makes.
    pub total: u64,
    /// Multiplications and the like.
    pub work: u64,
    /// Dimensions of a tensor.
    pub rank: usize,
}

/// What a model makes and costs, for a batch of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Cost {
    /// Elements of the largest tensor, or of what an engine holds while it makes one.
    pub tensor: u64,
    /// Elements of all tensors that it makes.
    pub total: u64,
    /// Multiplications and the like: at least one for every element that an operator reads or makes.
    pub work: u64,
}

/// Follows a graph's shapes, and says what it costs.
///
/// Only operators that the exporter writes pass, and only where all that they make can be told: every length is fixed or a
/// multiple of the batch, which is the one symbol that inputs may have. The outputs must be as they are declared.
pub(crate) fn cost(graph: &Graph, budget: Budget) -> Result<Cost, Broken> {
    let mut known = Known::stored(graph);
    let mut cost = Cost::default();
    for port in &graph.inputs {
        let value = declared(port, Num::BATCH).ok_or_else(|| {
            Broken::new(format!("input {port}"), "a shape of fixed lengths and the batch for every input")
        })?;
        let elements = elements(&value).map_err(|why| Broken::new(format!("input {port}"), why))?;
        cost.add(&format!("input `{}`", port.name), elements, 0, elements, budget)?;
        known.add(&port.name, value).map_err(|why| Broken::new(why, "each value made once"))?;
    }
    for node in &graph.nodes {
        let called = || named(node);
        let rule = operators::exported(&node.op)
            .ok_or_else(|| Broken::new(called(), "an operator that `oasis export` writes"))?;
        let unclear = |why: Unclear| Broken::new(format!("{}: {why}", called()), "shapes that follow from the file");
        let (made, read) = known.call(node, rule).map_err(unclear)?;
        if node.outputs.is_empty() {
            return Err(Broken::new(format!("{} without an output", called()), "one at least"));
        }
        if made.outputs.len() < node.outputs.len() {
            let found = format!("{} with {} outputs", called(), node.outputs.len());
            return Err(Broken::new(found, format!("at most {}", made.outputs.len())));
        }
        let mut work = made.work.max(read);
        let mut scratch = made.scratch;
        for (value, name) in made.outputs.into_iter().zip(&node.outputs) {
            let rank = value.dims.len();
            if rank > budget.rank {
                let found = format!("{}: a tensor of {rank} dimensions", called());
                return Err(Broken::new(found, format!("at most {}", budget.rank)));
            }
            let elements = elements(&value).map_err(unclear)?;
            cost.add(&called(), elements, scratch, work.max(elements), budget)?;
            // A tensor without elements may be long all the same.
            if value.dims.iter().any(|dim| dim.of_one().unsigned_abs() > budget.tensor) {
                return Err(unclear(too_large()));
            }
            (work, scratch) = (0, 0);
            known.add(name, value).map_err(|why| Broken::new(why, "each value made once"))?;
        }
    }
    for port in &graph.outputs {
        let made = known.values.get(port.name.as_str());
        let made =
            made.ok_or_else(|| Broken::new(format!("output `{}`, which nothing makes", port.name), "a value"))?;
        if declared(port, Num::BATCH).as_ref().map(|value| &value.dims) != Some(&made.dims) {
            let found = format!("output {port}");
            return Err(Broken::new(found, format!("the shape that it has, which is {}", shown(&made.dims))));
        }
    }
    Ok(cost)
}

/// The shapes of a graph's values for a batch of one, by name, as far as they can be told.
pub(crate) fn shapes(graph: &Graph) -> HashMap<String, Vec<Dim>> {
    let mut known = Known::stored(graph);
    for port in &graph.inputs {
        if let Some(value) = declared(port, Num::ONE) {
            let _ = known.add(&port.name, value);
        }
    }
    for node in graph.nodes.iter().filter(|node| node.domain.is_empty()) {
        if known.values.len() > SHOWN {
            break;
        }
        let made = operators::any(&node.op).and_then(|rule| known.call(node, rule).ok());
        for (value, name) in made.into_iter().flat_map(|(made, _)| made.outputs).zip(&node.outputs) {
            if value.dims.len() <= RANK && elements(&value).is_ok() {
                let _ = known.add(name, value);
            }
        }
    }
    let dims = |value: &Value| value.dims.iter().map(|dim| Dim::Fixed(dim.of_one().try_into().unwrap_or(0))).collect();
    known.values.iter().map(|(name, value)| ((*name).to_owned(), dims(value))).collect()
}

/// A node in errors.
fn named(node: &Node) -> String {
    match node.name.as_str() {
        "" => format!("operator `{}`", node.op),
        name => format!("operator `{}` at `{name}`", node.op),
    }
}

/// What a port says of its tensor; `None` where that is no shape.
fn declared(port: &Port, symbol: Num) -> Option<Value> {
    let dim = |dim: &Dim| match dim {
        Dim::Fixed(size) => Some(Num::fixed(i64::try_from(*size).ok()?)),
        Dim::Symbol(_) => Some(symbol),
        Dim::Unknown => None,
    };
    Some(Value::new(port.shape.as_ref()?.iter().map(dim).collect::<Option<Vec<_>>>()?))
}

/// The elements of a tensor for a batch of one. Those for other batches are as many times more, or it is an error.
fn elements(value: &Value) -> Result<u64, Unclear> {
    match (Num::product(&value.dims), value.dims.iter().all(|dim| dim.is_length())) {
        (Some(product), true) => u64::try_from(product.of_one()).map_err(|_| too_large()),
        _ => Err(too_large()),
    }
}

/// The values of a graph that are known so far.
struct Known<'a> {
    values: HashMap<&'a str, Value>,
}

impl<'a> Known<'a> {
    fn stored(graph: &'a Graph) -> Self {
        let values = graph.initializers.iter().map(|(name, tensor)| (name.as_str(), Value::stored(tensor))).collect();
        Self { values }
    }

    /// Adds a value; an empty name is one that nobody wants.
    fn add(&mut self, name: &'a str, value: Value) -> Result<(), String> {
        match name.is_empty() || self.values.insert(name, value).is_none() {
            true => Ok(()),
            false => Err(format!("a second value `{name}`")),
        }
    }

    /// What a node makes, and how many elements it reads.
    fn call(&self, node: &'a Node, rule: Rule) -> Result<(Made, u64), Unclear> {
        let find = |name: &String| match name.as_str() {
            "" => Ok(None),
            name => {
                self.values.get(name).map(Some).ok_or_else(|| format!("nothing makes its input `{name}` before it"))
            }
        };
        let inputs = node.inputs.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        let read = inputs.iter().flatten().try_fold(0_u64, |sum, value| sum.checked_add(value.elements()?));
        Ok((rule(&Call { node, inputs })?, read.ok_or_else(too_large)?))
    }
}

impl Cost {
    /// Adds what makes one tensor.
    fn add(&mut self, maker: &str, elements: u64, scratch: u64, work: u64, budget: Budget) -> Result<(), Broken> {
        self.tensor = self.tensor.max(elements).max(scratch);
        self.total = self.total.saturating_add(elements);
        self.work = self.work.saturating_add(work);
        let limits = [
            ("a tensor of {} elements", elements.max(scratch), budget.tensor, "in one tensor"),
            ("{} elements so far", self.total, budget.total, "in all tensors of a model"),
            ("{} multiplications so far", self.work, budget.work, "in a model"),
        ];
        match limits.into_iter().find(|(_, found, most, _)| found > most) {
            None => Ok(()),
            Some((what, found, most, where_)) => {
                let found = what.replace("{}", &found.to_string());
                Err(Broken::new(format!("{maker}: {found}"), format!("at most {most} {where_}")))
            }
        }
    }
}

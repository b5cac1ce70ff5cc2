//! What a model remembers from run to run: which output is to be the next run's input.
//!
//! A model is a function, so its state goes in as an input and comes out as an output. Metadata says which, by keys that
//! begin with `oasis.state.` and the input's name:
//!
//! | key | value |
//! |---|---|
//! | `oasis.state.INPUT.output` | the output that is the input's next value |
//! | `oasis.state.INPUT.start` | the shape before the first run, sizes and symbols of the input with `,` between them; without it, that of the input |
//! | `oasis.state.INPUT.grows` | the axis, from 0, that a run makes longer; without it the shape stays |
//! | `oasis.state.INPUT.values` | the stored tensor (initializer) of the values before the first run, repeated along its axes of size 1; without it they are zeros |

use std::collections::BTreeSet;

use super::model::Model;
use super::port::{Dim, Port};

const PREFIX: &str = "oasis.state.";

/// A state of a model, in words that its metadata holds.
///
/// ```
/// use oasis::onnx::{Dim, State};
/// let state = State::new("cache", "next_cache", [Dim::Symbol("batch".into()), Dim::Fixed(0), Dim::Fixed(8)]).grows(1);
/// let written = state.metadata();
/// assert_eq!(written[1], ("oasis.state.cache.start".to_owned(), "batch,0,8".to_owned()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct State {
    /// The input.
    pub input: String,
    /// The output that is the input's next value.
    pub output: String,
    /// The shape before the first run. A symbol has the size that the other inputs of the first run give it.
    pub start: Vec<Dim>,
    /// The axis that a run makes longer; `None` where the shape stays.
    pub grows: Option<usize>,
    /// The stored tensor of the values before the first run; `None` for zeros.
    pub values: Option<String>,
}

impl State {
    /// A state of zeros whose shape stays.
    pub fn new(input: impl Into<String>, output: impl Into<String>, start: impl Into<Vec<Dim>>) -> Self {
        Self { input: input.into(), output: output.into(), start: start.into(), grows: None, values: None }
    }

    /// The same, made longer along an axis by each run.
    #[must_use]
    pub fn grows(mut self, axis: usize) -> Self {
        self.grows = Some(axis);
        self
    }

    /// The same with the values of a stored tensor before the first run.
    #[must_use]
    pub fn values(mut self, initializer: impl Into<String>) -> Self {
        self.values = Some(initializer.into());
        self
    }

    /// The metadata properties that say so.
    pub fn metadata(&self) -> Vec<(String, String)> {
        let key = |what: &str| format!("{PREFIX}{}.{what}", self.input);
        let start: Vec<_> = self.start.iter().map(Dim::to_string).collect();
        let mut properties = vec![(key("output"), self.output.clone()), (key("start"), start.join(","))];
        properties.extend(self.grows.map(|axis| (key("grows"), axis.to_string())));
        properties.extend(self.values.clone().map(|name| (key("values"), name)));
        properties
    }

    /// Checks the state against the model's inputs, outputs and stored tensors.
    fn check(&self, model: &Model) -> Result<(), String> {
        let Self { input, output, start, grows, values } = self;
        let before = model.graph.input(input).ok_or_else(|| format!("no input `{input}`"))?;
        let after = model.graph.output(output).ok_or_else(|| format!("no output `{output}`"))?;
        let (Some(from), Some(to)) = (&before.shape, &after.shape) else {
            return Err(format!("`{before}` and `{after}`, expected declared shapes"));
        };
        let stays = |axis: usize| match (&from[axis], &to[axis]) {
            (Dim::Fixed(from), Dim::Fixed(to)) => from == to,
            _ => true,
        };
        if before.dtype != after.dtype || from.len() != to.len() || !(0..from.len()).all(stays) {
            return Err(format!("`{before}` whose next value is `{after}`"));
        }
        if let Some(axis) = grows
            && !matches!(from.get(*axis), Some(Dim::Symbol(_)))
        {
            return Err(format!("`{before}`, which cannot grow along axis {axis}"));
        }
        let begins = |(start, dim): (&Dim, &Dim)| match (start, dim) {
            (Dim::Fixed(_), Dim::Symbol(_)) => true,
            (start, dim) => start == dim && *dim != Dim::Unknown,
        };
        if start.len() != from.len() || !start.iter().zip(from).all(begins) {
            let start: Vec<_> = start.iter().map(Dim::to_string).collect();
            return Err(format!("a first shape [{}] of `{before}`", start.join(", ")));
        }
        let Some(name) = values else { return Ok(()) };
        let stored = model.graph.initializer(name).ok_or_else(|| format!("no stored tensor `{name}`"))?;
        let fits = |(size, dim): (&usize, &Dim)| *size == 1 || Dim::Fixed(*size) == *dim;
        if stored.dtype != before.dtype || stored.dims.len() != start.len() || !stored.dims.iter().zip(start).all(fits)
        {
            return Err(format!("first values {} {:?} of `{before}`", stored.dtype, stored.dims));
        }
        Ok(())
    }
}

impl Model {
    /// The states that the metadata tells of, in the order of the inputs.
    ///
    /// # Errors
    /// What was found in the metadata that does not fit the model.
    pub fn states(&self) -> Result<Vec<State>, String> {
        let entries: Vec<(&str, &str, &str)> = self
            .metadata
            .iter()
            .filter_map(|(key, value)| {
                let (input, what) = key.strip_prefix(PREFIX)?.rsplit_once('.')?;
                Some((input, what, value.as_str()))
            })
            .collect();
        let known = |(input, ..): &&(&str, &str, &str)| self.graph.input(input).is_none();
        if let Some((input, what, _)) = entries.iter().find(known) {
            return Err(format!("metadata `{PREFIX}{input}.{what}`, but no input `{input}`"));
        }
        let mut states = Vec::new();
        let mut outputs = BTreeSet::new();
        for port in &self.graph.inputs {
            let find = |what: &str| entries.iter().find(|(input, key, _)| *input == port.name && *key == what);
            if !entries.iter().any(|(input, ..)| *input == port.name) {
                continue;
            }
            let (_, _, output) = find("output").ok_or_else(|| format!("no metadata `{PREFIX}{}.output`", port.name))?;
            if !outputs.insert(*output) {
                return Err(format!("output `{output}` as the next value of two inputs"));
            }
            let start = find("start").map_or_else(|| Ok(port.dims().to_vec()), |(_, _, text)| shape(text, port))?;
            let mut state = State::new(&port.name, *output, start);
            if let Some((_, _, axis)) = find("grows") {
                state.grows = Some(axis.parse().map_err(|_| format!("`{axis:.64}` as the axis that grows"))?);
            }
            state.values = find("values").map(|(_, _, name)| (*name).to_owned());
            state.check(self)?;
            states.push(state);
        }
        Ok(states)
    }
}

/// A shape as it is written in metadata. A name is a symbol of the port's own.
fn shape(text: &str, port: &Port) -> Result<Vec<Dim>, String> {
    let wrong = || format!("`{text:.200}` as the first shape of `{port}`");
    let parts: Vec<&str> = if text.is_empty() { Vec::new() } else { text.split(',').collect() };
    if parts.len() != port.dims().len() {
        return Err(wrong());
    }
    let dim = |(part, dim): (&str, &Dim)| match (part.parse(), dim) {
        (Ok(size), _) => Ok(Dim::Fixed(size)),
        (Err(_), Dim::Symbol(name)) if name == part => Ok(dim.clone()),
        _ => Err(wrong()),
    };
    parts.into_iter().zip(port.dims()).map(dim).collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::onnx::{DataType, Graph, Tensor};

    fn symbol(name: &str) -> Dim {
        Dim::Symbol(name.to_owned())
    }

    /// A model of a growing cache, a counter and a first value that is stored.
    fn model(states: &[State]) -> Model {
        let cache =
            |name: &str, time: &str| Port::new(name, DataType::F32, [symbol("batch"), symbol(time), Dim::Fixed(2)]);
        let count = |name: &str| Port::new(name, DataType::I64, [Dim::Fixed(1)]);
        let stored = Tensor { dtype: DataType::F32, dims: vec![1, 3, 2], data: Bytes::from(vec![0; 24]) };
        let graph = Graph {
            inputs: vec![cache("x", "past"), count("n")],
            outputs: vec![count("next_n"), cache("next_x", "past+1")],
            initializers: vec![("first".to_owned(), stored)],
            ..Graph::default()
        };
        Model { graph, metadata: states.iter().flat_map(State::metadata).collect(), ..Model::default() }
    }

    fn cache(length: usize) -> State {
        State::new("x", "next_x", [symbol("batch"), Dim::Fixed(length), Dim::Fixed(2)]).grows(1)
    }

    #[test]
    fn states_come_back_as_they_were_written() {
        let count = State::new("n", "next_n", [Dim::Fixed(1)]);
        for states in [vec![], vec![cache(0), count.clone()], vec![cache(3).values("first")]] {
            assert_eq!(model(&states).states(), Ok(states));
        }
        let mut plain = model(std::slice::from_ref(&count));
        plain.metadata.retain(|(key, _)| !key.ends_with(".start"));
        assert_eq!(plain.states(), Ok(vec![count]));
    }

    #[test]
    fn states_that_do_not_fit_are_refused() {
        let said = |states: &[State]| model(states).states().unwrap_err();
        let other = |input: &str, output: &str| State::new(input, output, [Dim::Fixed(1)]);
        assert_eq!(said(&[other("y", "next_x")]), "metadata `oasis.state.y.output`, but no input `y`");
        assert_eq!(said(&[other("n", "y")]), "no output `y`");
        assert_eq!(said(&[other("n", "next_x")]), "`n i64 [1]` whose next value is `next_x f32 [batch, past+1, 2]`");
        assert_eq!(said(&[other("n", "next_n").grows(0)]), "`n i64 [1]`, which cannot grow along axis 0");
        assert_eq!(said(&[cache(0).grows(3)]), "`x f32 [batch, past, 2]`, which cannot grow along axis 3");
        let short = State::new("x", "next_x", [symbol("batch"), Dim::Fixed(0)]);
        assert_eq!(said(&[short]), "`batch,0` as the first shape of `x f32 [batch, past, 2]`");
        let foreign = State::new("x", "next_x", [symbol("time"), Dim::Fixed(0), Dim::Fixed(2)]);
        assert_eq!(said(&[foreign]), "`time,0,2` as the first shape of `x f32 [batch, past, 2]`");
        let wide = State::new("x", "next_x", [symbol("batch"), Dim::Fixed(0), Dim::Fixed(4)]);
        assert_eq!(said(&[wide]), "a first shape [batch, 0, 4] of `x f32 [batch, past, 2]`");
        assert_eq!(said(&[cache(3).values("none")]), "no stored tensor `none`");
        assert_eq!(said(&[cache(4).values("first")]), "first values f32 [1, 3, 2] of `x f32 [batch, past, 2]`");
        let mut twice = model(&[other("n", "next_n"), cache(0)]);
        twice.metadata.iter_mut().filter(|(key, _)| key == "oasis.state.x.output").for_each(|(_, value)| {
            "next_n".clone_into(value);
        });
        assert_eq!(twice.states().unwrap_err(), "`x f32 [batch, past, 2]` whose next value is `next_n i64 [1]`");
        let lonely = Model { metadata: vec![("oasis.state.n.grows".into(), "0".into())], ..model(&[]) };
        assert_eq!(lonely.states().unwrap_err(), "no metadata `oasis.state.n.output`");
    }
}

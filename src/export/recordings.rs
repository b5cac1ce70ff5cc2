//! Recordings of a forward pass at enough lengths of its dynamic axes that every number has one formula.

use super::boundary::AxisUse;
use super::fit::in_doubt;
use super::limits::Symbol;
use super::plan::{lengths, recording, recordings};
use super::trace::Trace;
use super::traces::{Difference, Traces};
use crate::{Error, ErrorKind, Result};

/// How many recordings are made to tell formulas apart.
const MORE: usize = 24;
/// How often other lengths are tried in the place of some that the forward pass refuses.
const TRIES: usize = 12;

/// Records a forward pass.
pub(crate) struct Recorder<'a> {
    pub model: &'a str,
    pub axes: &'a [AxisUse],
    /// The lengths of dimensions that are not dynamic.
    pub taken: &'a [usize],
    /// Records at these lengths of the axes.
    pub record: &'a dyn Fn(&[usize]) -> Result<Trace>,
}

struct Recordings<'a> {
    recorder: &'a Recorder<'a>,
    /// The lengths of each axis that are left to be recorded, the first of them in the first recording.
    lengths: Vec<Vec<usize>>,
    traces: Traces,
    /// Axes, the lengths of them that the forward pass refused, and how.
    refused: Vec<(usize, usize, Error)>,
}

impl Recorder<'_> {
    /// The recordings, lined up, with the formulas of all numbers. Their symbols have the limits that were found.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Model`] where the forward pass cannot be recorded, does something else at some length or value, or
    /// where a number follows the axes in several ways that no recording tells apart.
    pub fn recordings(&self) -> Result<Traces> {
        let lengths: Vec<Vec<usize>> =
            self.axes.iter().map(|axis| lengths(axis.size, axis.free, axis.limits, self.taken)).collect();
        let base = recording(0, &lengths);
        let symbols = self.axes.iter().zip(&base).map(|(axis, size)| Symbol {
            name: axis.name.clone(),
            sizes: vec![*size],
            limits: axis.limits,
        });
        let traces = Traces::new((self.record)(&base)?, symbols.collect());
        let mut all = Recordings { recorder: self, lengths, traces, refused: Vec::new() };
        // A forward pass that remembers earlier calls, or draws numbers, does something else the second time.
        let again = (self.record)(&base)?;
        all.traces.add(again, &base).map_err(|difference| self.refuses(difference.why))?;
        for number in 1..=recordings(self.axes.len()) {
            for _ in 0..TRIES {
                let sizes = recording(number, &all.lengths);
                if all.has(&sizes) || all.add(&sizes)? {
                    break;
                }
            }
        }
        all.limit()?;
        all.told_apart()
    }

    fn refuses(&self, why: String) -> Error {
        Error::new(ErrorKind::Model, "cannot export to ONNX", self.model, why)
            .hint("make the forward pass do the same for every length and value of its inputs")
            .hint("leave out dynamic_axis, or say with dynamic_axis_multiple_of and dynamic_axis_range which lengths it is meant for")
    }
}

impl Recordings<'_> {
    fn has(&self, sizes: &[usize]) -> bool {
        (0..self.traces.operations.len()).any(|number| self.sizes(number) == sizes)
    }

    fn sizes(&self, number: usize) -> Vec<usize> {
        self.traces.symbols.iter().map(|symbol| symbol.sizes[number]).collect()
    }

    /// Records at some lengths; `false` where the forward pass refuses one of them, which is then left out.
    ///
    /// Left out is also a batch of one for which Burn records other operations (a product with one matrix is another
    /// than with several), and a length at which tensors have no elements.
    fn add(&mut self, sizes: &[usize]) -> Result<bool> {
        let error = match (self.recorder.record)(sizes) {
            Ok(trace) => {
                let Err(difference) = self.traces.add(trace, sizes) else {
                    return Ok(true);
                };
                return match self.leaves_out(sizes, &difference)? {
                    true => Ok(false),
                    false => Err(self.differs(sizes, &difference)),
                };
            }
            Err(error) => error,
        };
        let mut found = false;
        for (axis, alone) in self.each_alone(sizes) {
            match (self.recorder.record)(&alone) {
                Err(error) => {
                    self.refuse(axis, alone[axis], error);
                    found = true;
                }
                Ok(trace) if !self.has(&alone) => {
                    let added = self.traces.add(trace, &alone);
                    added.map_err(|difference| self.differs(&alone, &difference))?;
                }
                Ok(_) => {}
            }
        }
        match found {
            true => Ok(false),
            false => Err(self.recorder.refuses(format!(
                "the forward pass fails where {}, and not where one of these lengths is as in the sample: {error}",
                self.named(sizes)
            ))),
        }
    }

    /// Whether a recording differs by what Burn does for a batch of one or for tensors without elements. Such a length
    /// is left out.
    fn leaves_out(&mut self, sizes: &[usize], difference: &Difference) -> Result<bool> {
        let alone = self.each_alone(sizes);
        let single = alone.len() == 1;
        for (axis, alone) in alone {
            let (empty, why) = match single {
                true => (difference.empty, difference.why.clone()),
                false => match self.traces.add((self.recorder.record)(&alone)?, &alone) {
                    Ok(()) => continue,
                    Err(difference) => (difference.empty, difference.why),
                },
            };
            if empty || (self.recorder.axes[axis].free && alone[axis] == 1) {
                self.refuse(axis, alone[axis], self.recorder.refuses(why));
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The lengths with all but one axis as in the first recording, for each axis that has another length there.
    fn each_alone(&self, sizes: &[usize]) -> Vec<(usize, Vec<usize>)> {
        let base = self.sizes(0);
        let changed = (0..sizes.len()).filter(|axis| sizes[*axis] != base[*axis]);
        let alone = |axis: usize| {
            let mut alone = base.clone();
            alone[axis] = sizes[axis];
            (axis, alone)
        };
        changed.map(alone).collect()
    }

    fn refuse(&mut self, axis: usize, length: usize, error: Error) {
        let base = self.lengths[axis][0];
        self.lengths[axis].retain(|other| if length > base { *other < length } else { *other > length });
        self.refused.push((axis, length, error));
    }

    /// The error of a recording that is not like those before.
    fn differs(&mut self, sizes: &[usize], difference: &Difference) -> Error {
        let alone = self.each_alone(sizes);
        if alone.len() > 1 {
            for (_, alone) in alone {
                if let Ok(trace) = (self.recorder.record)(&alone)
                    && let Err(difference) = self.traces.add(trace, &alone)
                {
                    return self.differs(&alone, &difference);
                }
            }
        }
        let base = self.sizes(0);
        let one = (0..sizes.len()).filter(|axis| sizes[*axis] != base[*axis]).collect::<Vec<_>>();
        let alike = |axis: usize| {
            let mut lengths = self.traces.symbols[axis].sizes.clone();
            lengths.sort_unstable();
            lengths.dedup();
            lengths.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        };
        let same = match one.as_slice() {
            [axis] => format!("{} {}", self.traces.symbols[*axis].name, alike(*axis)),
            _ => self.named(&base),
        };
        let why = format!(
            "the forward pass does the same where it is {same}, and something else where it is {}: {}",
            self.named(sizes),
            difference.why
        );
        let (first, here) = difference.operations;
        if let [axis] = one.as_slice()
            && base[*axis].abs_diff(sizes[*axis]) > 1
            && first.abs_diff(here) >= base[*axis].abs_diff(sizes[*axis])
            && first.abs_diff(here) % base[*axis].abs_diff(sizes[*axis]) == 0
        {
            let name = &self.traces.symbols[*axis].name;
            return Error::new(
                ErrorKind::Model,
                "cannot export to ONNX",
                self.recorder.model,
                format!(
                    "the number of operations follows {name}: it runs {first} where that is {} and {here} where it is {}, \
                     as a loop over {name} does, of which every step is recorded",
                    base[*axis], sizes[*axis]
                ),
            )
            .hint(format!("leave out dynamic_axis for {name}, so that its length is fixed"))
            .hint("use Burn's Rnn, Lstm or Gru, which are recognised, or operations on the whole axis instead of a loop");
        }
        self.recorder.refuses(why)
    }

    fn named(&self, sizes: &[usize]) -> String {
        let pairs = self.traces.symbols.iter().zip(sizes);
        pairs.map(|(symbol, size)| format!("{} {size}", symbol.name)).collect::<Vec<_>>().join(", ")
    }

    /// Holds the limits of the axes against the lengths that were refused.
    fn limit(&mut self) -> Result<()> {
        for (axis, length, error) in &self.refused {
            let symbol = &mut self.traces.symbols[*axis];
            let (least, most) = (symbol.sizes.iter().min().copied(), symbol.sizes.iter().max().copied());
            let mut recorded = symbol.sizes.clone();
            recorded.sort_unstable();
            recorded.dedup();
            if recorded.len() < 3 || (least < Some(*length) && Some(*length) < most) {
                let lengths = recorded.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                let name = &symbol.name;
                let refused: Vec<String> = self
                    .refused
                    .iter()
                    .filter(|(other, ..)| other == axis)
                    .map(|(_, length, _)| length.to_string())
                    .collect();
                return Err(self
                    .recorder
                    .refuses(format!(
                        "the forward pass takes {name} {lengths} and fails where it is {}: {error}",
                        refused.join(", ")
                    ))
                    .hint(format!("say dynamic_axis_multiple_of(\"{name}\", 8) where it takes multiples of 8 alone")));
            }
            match Some(*length) < least {
                true => symbol.limits.least = symbol.limits.least.max(least.unwrap_or(0)),
                false => symbol.limits.most = most,
            }
        }
        Ok(())
    }

    /// Records at more lengths until every number has one formula.
    fn told_apart(mut self) -> Result<Traces> {
        let mut barred: Vec<Vec<usize>> = Vec::new();
        for _ in 0..MORE {
            self.traces.fit();
            let doubt = self.traces.formulas.in_doubt(&|sizes| barred.iter().any(|other| other == sizes));
            let Some((sizes, _)) = doubt else {
                return Ok(self.traces);
            };
            // A length that is refused here, between others that are not, tells nothing apart.
            match (self.recorder.record)(&sizes) {
                Ok(trace) => self.traces.add(trace, &sizes).map_err(|difference| self.differs(&sizes, &difference))?,
                Err(_) => {
                    for (axis, alone) in self.each_alone(&sizes) {
                        if let Err(error) = (self.recorder.record)(&alone) {
                            self.refused.push((axis, alone[axis], error));
                        }
                    }
                    self.limit()?;
                }
            }
            barred.push(sizes);
        }
        self.traces.fit();
        match self.traces.formulas.in_doubt(&|_| false) {
            None => Ok(self.traces),
            Some((_, doubt)) => Err(self.recorder.refuses(in_doubt(&doubt))),
        }
    }
}

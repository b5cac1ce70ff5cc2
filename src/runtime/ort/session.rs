//! A loaded graph.

use ort::memory::MemoryInfo;
use ort::session::Session as OrtSession;
use ort::value::DynValue;

use super::convert::{bind_output, copied, owned, standard, value};
use super::environment::Loaded;
use super::pool::{Lent, Pool};
use super::provider::Provider;
use super::state::OrtHeld;
use super::text::text;
use crate::engine::{Kept, Session, Signature, Tensor, TensorView, TensorViewMut, with_states};
use crate::onnx::ModelFile;
use crate::{Error, ErrorKind, Result};

/// Sessions of one graph. A session of ONNX Runtime can be run by one caller at a time only, so there are as many as runs
/// may go on at once, each made when it is first needed.
pub(super) struct Runner {
    provider: Provider,
    loaded: Loaded,
    file: ModelFile,
    signature: Signature,
    sessions: Pool<OrtSession>,
}

impl Runner {
    /// Makes the first session of a graph.
    ///
    /// # Errors
    /// Those of [`Provider::session`].
    pub(super) fn new(provider: Provider, loaded: Loaded, file: &ModelFile) -> Result<Self> {
        let first = provider.session(&loaded, file)?;
        Ok(Self {
            signature: Signature::new(file),
            sessions: Pool::new(first, provider.runs()),
            file: file.clone(),
            loaded,
            provider,
        })
    }

    fn session(&self) -> Result<Lent<'_, OrtSession>> {
        self.sessions.take(|| self.provider.session(&self.loaded, &self.file))
    }

    fn failed(&self, why: String) -> Error {
        let what = format!("{} failed on", self.provider.name());
        Error::new(ErrorKind::Runtime, what, self.signature.model(), why)
    }

    fn collect(&self, session: &mut OrtSession, views: &[&TensorView<'_>]) -> Result<Vec<(String, Tensor)>, String> {
        let whole: Vec<_> = views.iter().map(|view| standard(view)).collect();
        let names = self.signature.inputs().iter().map(|port| port.name.as_str());
        let values =
            names.zip(&whole).map(|(name, view)| Ok((name, value(view)?))).collect::<Result<Vec<_>, String>>()?;
        let outputs = session.run(values).map_err(text)?;
        let names = self.signature.outputs().iter().zip(self.signature.output_types());
        names
            .map(|(name, dtype)| {
                let value = outputs.get(name).ok_or_else(|| format!("no output `{name}`"))?;
                Ok((name.clone(), owned(value, *dtype)?))
            })
            .collect()
    }

    /// Runs the graph so that it writes every output into the caller's memory. `false` where a buffer cannot be bound, or
    /// an output has none; nothing is run then.
    fn run_bound(
        &self,
        session: &mut OrtSession,
        views: &[&TensorView<'_>],
        outputs: &mut [(&str, TensorViewMut<'_>)],
    ) -> Result<bool, String> {
        if outputs.len() != self.signature.outputs().len() {
            return Ok(false);
        }
        let mut binding = session.create_binding().map_err(text)?;
        for (name, buffer) in outputs {
            if !bind_output(&mut binding, name, buffer)? {
                return Ok(false);
            }
        }
        for (port, view) in self.signature.inputs().iter().zip(views) {
            binding.bind_input(port.name.as_str(), &copied(view)?).map_err(text)?;
        }
        session.run_binding(&binding).map_err(text)?;
        binding.synchronize_outputs().map_err(text)?;
        Ok(true)
    }

    /// Runs a step on owned inputs, `None` for those that are states. Gives each output that was not written where the
    /// caller or a state has room for it.
    fn run_step(
        &self,
        session: &mut OrtSession,
        given: &[Option<DynValue>],
        places: &Places,
        states: &mut [OrtHeld],
        outputs: &mut [(&str, TensorViewMut<'_>)],
    ) -> Result<Vec<Option<DynValue>>, String> {
        let mut binding = session.create_binding().map_err(text)?;
        for ((port, given), place) in self.signature.inputs().iter().zip(given).zip(&places.inputs) {
            let value = given.as_ref().or(place.map(|place| states[place].now()));
            binding.bind_input(port.name.as_str(), value.ok_or("an input is missing")?).map_err(text)?;
        }
        let host = MemoryInfo::default();
        let mut written = Vec::with_capacity(places.outputs.len());
        for (name, place) in self.signature.outputs().iter().zip(&places.outputs) {
            let buffer = outputs.iter_mut().find(|(output, _)| output == name);
            let bound = match (place, buffer) {
                (Some(place), _) => states[*place].bind_next(&mut binding, name)?,
                (None, Some((_, buffer))) => bind_output(&mut binding, name, buffer)?,
                (None, None) => false,
            };
            if !bound {
                binding.bind_output_to_device(name.as_str(), &host).map_err(text)?;
            }
            written.push(bound);
        }
        let mut values = session.run_binding(&binding).map_err(text)?;
        binding.synchronize_outputs().map_err(text)?;
        let names = self.signature.outputs().iter();
        names
            .zip(written)
            .map(|(name, written)| match written {
                true => Ok(None),
                false => values.remove(name).map(Some).ok_or_else(|| format!("no output `{name}`")),
            })
            .collect()
    }
}

/// Which state each input is, and which state each output is the next value of.
struct Places {
    inputs: Vec<Option<usize>>,
    outputs: Vec<Option<usize>>,
}

impl Session for Runner {
    fn run(&self, inputs: &[(&str, TensorView<'_>)]) -> Result<Vec<(String, Tensor)>> {
        let views = self.signature.bind(inputs)?;
        self.collect(&mut *self.session()?, &views).map_err(|why| self.failed(why))
    }

    fn run_into(&self, inputs: &[(&str, TensorView<'_>)], outputs: &mut [(&str, TensorViewMut<'_>)]) -> Result<()> {
        let views = self.signature.bind(inputs)?;
        self.signature.bind_outputs(outputs)?;
        let mut session = self.session()?;
        if self.run_bound(&mut session, &views, outputs).map_err(|why| self.failed(why))? {
            return Ok(());
        }
        let values = self.collect(&mut session, &views).map_err(|why| self.failed(why))?;
        for (name, buffer) in outputs {
            if let Some((_, value)) = values.iter().find(|(output, _)| output == name) {
                buffer.assign(name, &value.view())?;
            }
        }
        Ok(())
    }

    fn step(
        &self,
        inputs: &[(&str, TensorView<'_>)],
        states: &mut [Kept],
        outputs: &mut [(&str, TensorViewMut<'_>)],
    ) -> Result<Vec<(String, Tensor)>> {
        self.signature.bind_outputs(outputs)?;
        let place = |name: &str| states.iter().position(|kept| kept.state().input == name);
        let places = Places {
            inputs: self.signature.inputs().iter().map(|port| place(&port.name)).collect(),
            outputs: self.signature.next_states(states)?,
        };
        let all = with_states(inputs, states)?;
        let views = self.signature.bind_growing(&all, &self.signature.growing(states))?;
        let given = |(view, place): (&&TensorView<'_>, &Option<usize>)| match place {
            Some(_) => Ok(None),
            None => copied(view).map(Some),
        };
        let given = views.iter().zip(&places.inputs).map(given).collect::<Result<Vec<_>, _>>();
        let given = given.map_err(|why| self.failed(why))?;
        drop(views);
        drop(all);
        let mut session = self.session()?;
        let mut held = Vec::with_capacity(states.len());
        for kept in &mut *states {
            held.push(OrtHeld::take(kept)?.map_err(|why| self.failed(why))?);
        }
        let made = self.run_step(&mut session, &given, &places, &mut held, outputs);
        let made = made.map_err(|why| self.failed(why))?;
        let mut held: Vec<_> = held.into_iter().map(Some).collect();
        let mut rest = Vec::new();
        for (slot, made) in made.into_iter().enumerate() {
            let (name, dtype) = (&self.signature.outputs()[slot], self.signature.output_types()[slot]);
            if let Some(place) = places.outputs[slot] {
                let next =
                    held[place].take().ok_or_else(|| "two next states".to_owned()).and_then(|held| held.next(made));
                states[place].put(Box::new(next.map_err(|why| self.failed(why))?));
            } else if let Some(made) = made {
                let value = owned(&made, dtype).map_err(|why| self.failed(why))?;
                match outputs.iter_mut().find(|(output, _)| output == name) {
                    Some((_, buffer)) => buffer.assign(name, &value.view())?,
                    None => rest.push((name.clone(), value)),
                }
            }
        }
        Ok(rest)
    }
}

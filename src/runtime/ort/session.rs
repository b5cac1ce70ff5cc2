//! A loaded graph.

use ort::session::Session as OrtSession;

use super::convert::{bind_output, copied, owned, standard, value};
use super::environment::Loaded;
use super::pool::{Lent, Pool};
use super::provider::Provider;
use super::text::text;
use crate::engine::{Session, Signature, Tensor, TensorView, TensorViewMut};
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
}

//! Engines whose panics are errors, whatever they are asked.

use super::guard::guarded;
use crate::engine::{Engine, EngineInfo, Kept, Session, Tensor, TensorView, TensorViewMut};
use crate::onnx::ModelFile;
use crate::{Error, ErrorKind, Result, Subject};

/// An engine under guard.
pub(super) struct Guarded<E>(pub(super) E);

/// A session under guard.
struct GuardedSession {
    session: Box<dyn Session>,
    engine: String,
    model: String,
}

impl<E: Engine> Engine for Guarded<E> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn check(&self) -> Result<EngineInfo> {
        guarded(self.name(), || Ok(self.0.check())).unwrap_or_else(|why| {
            Err(Error::new(ErrorKind::Environment, "cannot use engine", Subject::engine(self.name()), why)
                .hint("set `backend` to another engine"))
        })
    }

    fn load(&self, file: &ModelFile) -> Result<Box<dyn Session>> {
        let fail = |why| Error::new(ErrorKind::Model, format!("{} cannot load", self.name()), file.name(), why);
        let session = guarded(self.name(), || Ok(self.0.load(file)))
            .unwrap_or_else(|why| Err(fail(why).hint("set `backend` to another engine")))?;
        Ok(Box::new(GuardedSession { session, engine: self.name().to_owned(), model: file.name().to_owned() }))
    }

    fn best_batch(&self) -> usize {
        self.0.best_batch()
    }
}

impl GuardedSession {
    fn running<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        guarded(&self.engine, || Ok(work())).unwrap_or_else(|why| {
            let what = format!("{} failed on", self.engine);
            Err(Error::new(ErrorKind::Runtime, what, &self.model, why).hint("set `backend` to another engine"))
        })
    }
}

impl Session for GuardedSession {
    fn run(&self, inputs: &[(&str, TensorView<'_>)]) -> Result<Vec<(String, Tensor)>> {
        self.running(|| self.session.run(inputs))
    }

    fn run_into(&self, inputs: &[(&str, TensorView<'_>)], outputs: &mut [(&str, TensorViewMut<'_>)]) -> Result<()> {
        self.running(|| self.session.run_into(inputs, outputs))
    }

    fn step(
        &self,
        inputs: &[(&str, TensorView<'_>)],
        states: &mut [Kept],
        outputs: &mut [(&str, TensorViewMut<'_>)],
    ) -> Result<Vec<(String, Tensor)>> {
        self.running(|| self.session.step(inputs, states, outputs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::Model;

    /// An engine that panics at what it is named after.
    struct Panics(&'static str);

    impl Panics {
        fn at(&self, step: &str) {
            assert!(self.0 != step, "at {step}");
        }
    }

    impl Engine for Panics {
        fn name(&self) -> &str {
            self.0
        }

        fn check(&self) -> Result<EngineInfo> {
            self.at("check");
            Ok(EngineInfo::new(self.0, "a test", "1"))
        }

        fn load(&self, _: &ModelFile) -> Result<Box<dyn Session>> {
            self.at("load");
            Ok(Box::new(Self(self.0)))
        }
    }

    impl Session for Panics {
        fn run(&self, _: &[(&str, TensorView<'_>)]) -> Result<Vec<(String, Tensor)>> {
            self.at("run");
            Ok(Vec::new())
        }
    }

    #[test]
    fn every_panic_of_an_engine_is_an_error_of_its_kind() {
        let file = || {
            let graph = crate::onnx::Graph { name: "toy".to_owned(), ..Default::default() };
            let model = Model { ir_version: 8, opsets: vec![(String::new(), 18)], graph, ..Default::default() };
            ModelFile::from_model("toy.onnx", model).unwrap()
        };
        let told = |error: Error| (error.kind(), error.message());
        let [check, load, run] = ["check", "load", "run"].map(|step| Guarded(Panics(step)));
        let error = told(check.check().unwrap_err());
        assert_eq!(error, (ErrorKind::Environment, "cannot use engine: check: check panicked: at check".to_owned()));
        let error = told(load.load(&file()).err().unwrap());
        assert_eq!(error, (ErrorKind::Model, "load cannot load: toy.onnx: load panicked: at load".to_owned()));
        let session = run.load(&file()).unwrap();
        let error = told(session.run(&[]).unwrap_err());
        assert_eq!(error, (ErrorKind::Runtime, "run failed on: toy.onnx: run panicked: at run".to_owned()));
        let error = told(session.run_into(&[], &mut []).unwrap_err());
        assert_eq!(error.0, ErrorKind::Runtime);
        let error = told(session.step(&[], &mut [], &mut []).unwrap_err());
        assert_eq!(error, (ErrorKind::Runtime, "run failed on: toy.onnx: run panicked: at run".to_owned()));
    }
}

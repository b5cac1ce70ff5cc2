//! ONNX Runtime, its library loaded at run time: `ort` on the CPU, `ort-cuda` on an NVIDIA GPU.

mod cuda;
mod environment;
mod library;

use std::sync::Mutex;

use half::{bf16, f16};
use ort::ep::{self, ExecutionProvider};
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::session::{Session as OrtSession, SessionInputValue};
use ort::value::{DynValue, TensorRef};

use self::environment::Loaded;
use super::engine::{Engine, EngineInfo, EngineOptions, Session};
use super::signature::Signature;
use super::tensor::{Tensor, TensorView, each_type};
use crate::bundle::Graph;
use crate::bundle::onnx::ElementType;
use crate::{Error, ErrorKind, Result};

pub(super) struct Ort {
    options: EngineOptions,
    cuda: bool,
}

impl Ort {
    pub(super) fn new(options: &EngineOptions, cuda: bool) -> Self {
        Self { options: options.clone(), cuda }
    }

    fn loaded(&self) -> Result<Loaded> {
        let loaded = environment::load(self.options.ort_lib.as_deref())?;
        if self.cuda {
            if !ep::CUDA::is_available().unwrap_or(false) {
                let why = format!("{} was built without CUDA", loaded.library.path.display());
                return Err(Error::new(ErrorKind::Environment, "cannot use engine", "ort-cuda", why)
                    .hint("`python3 -m pip install onnxruntime-gpu[cuda,cudnn]==1.31.1` brings one with it")
                    .hint("name it with --ort-lib FILE"));
            }
            cuda::check(self.options.device_id, &loaded.library.path)?;
        }
        Ok(loaded)
    }

    fn builder(&self, loaded: &Loaded) -> Result<SessionBuilder, String> {
        let mut builder = OrtSession::builder(&loaded.environment)
            .map_err(text)?
            .with_optimization_level(GraphOptimizationLevel::All)
            .map_err(text)?
            .with_intra_threads(self.options.thread_count())
            .map_err(text)?;
        if self.cuda {
            let mut provider = ep::CUDA::default()
                .with_device_id(self.options.device_id)
                .with_tf32(false)
                .with_conv_algorithm_search(ep::cuda::ConvAlgorithmSearch::Heuristic);
            if let Some(limit) = self.options.gpu_mem_limit {
                provider = provider.with_memory_limit(limit);
            }
            builder = builder
                .with_disable_cpu_fallback()
                .map_err(text)?
                .with_execution_providers([provider.build().error_on_failure()])
                .map_err(text)?;
        }
        Ok(builder)
    }
}

/// The execution providers that the loaded library offers, of those that are used here.
fn providers() -> Vec<String> {
    let offered = [(ep::CUDA::NAME, ep::CUDA::is_available()), (ep::CPU::NAME, ep::CPU::is_available())];
    offered.into_iter().filter(|(_, here)| *here.as_ref().unwrap_or(&false)).map(|(name, _)| name.to_owned()).collect()
}

/// What an error of `ort` says; the error itself cannot cross threads.
fn text<T>(error: ort::Error<T>) -> String {
    error.message().to_owned()
}

impl Engine for Ort {
    fn name(&self) -> &str {
        if self.cuda { "ort-cuda" } else { "ort" }
    }

    fn check(&self) -> Result<EngineInfo> {
        let loaded = self.loaded()?;
        Ok(EngineInfo {
            name: self.name().to_owned(),
            library: "ONNX Runtime".to_owned(),
            path: Some(loaded.library.path),
            version: loaded.library.version,
            wanted: library::wanted(),
            providers: providers(),
            threads: self.options.thread_count(),
        })
    }

    fn load(&self, graph: &Graph) -> Result<Box<dyn Session>> {
        let loaded = self.loaded()?;
        let session = self
            .builder(&loaded)
            .and_then(|mut builder| builder.commit_from_memory(graph.bytes()).map_err(text))
            .map_err(|why| {
                let what = format!("{} cannot load", self.name());
                let error = Error::new(ErrorKind::Model, what, graph.name(), why);
                match self.cuda {
                    true => error.hint("use --backend ort to run it on the CPU"),
                    false => error.hint("try --backend tract; `oasis inspect` shows the file's operators"),
                }
            })?;
        Ok(Box::new(Runner {
            engine: self.name().to_owned(),
            signature: Signature::new(graph),
            types: graph.model().outputs.iter().map(|port| port.dtype).collect(),
            session: Mutex::new(session),
        }))
    }
}

/// A session that callers take turns on: ONNX Runtime spreads each run over the threads itself.
struct Runner {
    engine: String,
    signature: Signature,
    types: Vec<ElementType>,
    session: Mutex<OrtSession>,
}

impl Session for Runner {
    fn run(&self, inputs: &[(&str, TensorView<'_>)]) -> Result<Vec<(String, Tensor)>> {
        let views = self.signature.bind(inputs)?;
        let run = || -> Result<Vec<(String, Tensor)>, String> {
            let whole: Vec<_> = views.iter().map(|view| standard(view)).collect();
            let names = self.signature.inputs().iter().map(|port| port.name.as_str());
            let values =
                names.zip(&whole).map(|(name, view)| Ok((name, value(view)?))).collect::<Result<Vec<_>, String>>()?;
            let mut session = self.session.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let outputs = session.run(values).map_err(text)?;
            let names = self.signature.outputs().iter().zip(&self.types);
            names
                .map(|(name, dtype)| {
                    let value = outputs.get(name).ok_or_else(|| format!("no output `{name}`"))?;
                    Ok((name.clone(), owned(value, *dtype)?))
                })
                .collect()
        };
        run().map_err(|why| {
            let what = format!("{} failed on", self.engine);
            Error::new(ErrorKind::Runtime, what, self.signature.graph(), why)
        })
    }
}

macro_rules! whole {
    ($($variant:ident $element:ident $number:literal),*) => {
        enum Whole<'a> {
            $($variant(ndarray::CowArray<'a, $element, ndarray::IxDyn>),)*
        }

        /// The tensor in one piece, copied only where it is not.
        fn standard<'a>(view: &'a TensorView<'_>) -> Whole<'a> {
            match view {
                $(TensorView::$variant(array) => Whole::$variant(array.as_standard_layout()),)*
            }
        }

        fn value<'a>(whole: &'a Whole<'_>) -> Result<SessionInputValue<'a>, String> {
            Ok(match whole {
                // A reference cannot hold an empty tensor.
                $(Whole::$variant(array) if array.is_empty() => {
                    ort::value::Tensor::from_array((array.shape(), Vec::<$element>::new())).map_err(text)?.into()
                })*
                $(Whole::$variant(array) => TensorRef::from_array_view(array.view()).map_err(text)?.into(),)*
            })
        }

        fn owned(value: &DynValue, dtype: ElementType) -> Result<Tensor, String> {
            match dtype.0 {
                $($number => Ok(Tensor::$variant(value.try_extract_array::<$element>().map_err(text)?.to_owned())),)*
                _ => Err(format!("an output of {dtype} cannot be read")),
            }
        }
    };
}
each_type!(whole);

//! How engines are set up.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::machine::default_threads;
use crate::{Error, ErrorKind, Result, Subject};

/// How an engine is set up. What is left out takes its default.
///
/// ```
/// use oasis::runtime::EngineOptions;
/// let options = EngineOptions::default().threads(2).ort_lib(std::path::PathBuf::from("/opt/onnxruntime/lib"));
/// assert_eq!(options.thread_count(), 2);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EngineOptions {
    pub(super) threads: Option<usize>,
    pub(super) runs: Option<usize>,
    pub(super) ort_lib: Option<PathBuf>,
    pub(super) device_id: i32,
    pub(super) gpu_mem_limit: Option<usize>,
    pub(super) burn_device: BurnDevice,
}

impl EngineOptions {
    /// The threads that one run of a model may use, and that samples are drawn on. With `None`, the default, as many as
    /// the machine runs at once.
    #[must_use]
    pub fn threads(mut self, threads: impl Into<Option<usize>>) -> Self {
        self.threads = threads.into();
        self
    }

    /// How many runs of a session may go on at once in an engine whose runs exclude each other (ONNX Runtime, Burn);
    /// further callers wait. With `None`, the default, the machine's threads divided by those of a run.
    #[must_use]
    pub fn runs(mut self, runs: impl Into<Option<usize>>) -> Self {
        self.runs = runs.into();
        self
    }

    /// The absolute path of the ONNX Runtime library, or of a folder that holds it. With `None`, the default, it is the one
    /// that `ORT_DYLIB_PATH` names, or is looked for beside the program and in the site-packages of Pythons.
    #[must_use]
    pub fn ort_lib(mut self, path: impl Into<Option<PathBuf>>) -> Self {
        self.ort_lib = path.into();
        self
    }

    /// The number of the CUDA device, counted from 0, which is the default.
    #[must_use]
    pub fn device_id(mut self, number: i32) -> Self {
        self.device_id = number;
        self
    }

    /// The most GPU memory, in bytes, that ONNX Runtime's CUDA arena may take. `None`, the default, sets no limit.
    #[must_use]
    pub fn gpu_mem_limit(mut self, bytes: impl Into<Option<usize>>) -> Self {
        self.gpu_mem_limit = bytes.into();
        self
    }

    /// The device that the engine `burn` runs on.
    #[must_use]
    pub fn burn_device(mut self, device: BurnDevice) -> Self {
        self.burn_device = device;
        self
    }

    /// The number of threads that one run uses: at least 1.
    pub fn thread_count(&self) -> usize {
        self.threads.unwrap_or_else(default_threads).max(1)
    }

    /// The number of runs that go on at once: at least 1.
    pub fn run_count(&self) -> usize {
        self.runs.unwrap_or_else(|| default_threads() / self.thread_count()).max(1)
    }

    /// The same for models that do little work in a run: one thread a run, and as many runs at once as there were
    /// threads.
    #[cfg(feature = "ort")]
    pub(super) fn for_steps(&self) -> Self {
        Self { threads: Some(1), runs: Some(self.thread_count() * self.run_count()), ..self.clone() }
    }
}

/// What the engine `burn` runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum BurnDevice {
    /// The processor, by Burn's backend flex.
    #[default]
    Cpu,
    /// A GPU, by Vulkan. Needs the feature `vulkan`.
    Vulkan,
    /// An NVIDIA GPU, by CUDA. Needs the feature `cuda`.
    Cuda,
}

impl BurnDevice {
    /// Every device.
    pub const ALL: [Self; 3] = [Self::Cpu, Self::Vulkan, Self::Cuda];

    /// The device's name: `cpu`, `vulkan` or `cuda`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Vulkan => "vulkan",
            Self::Cuda => "cuda",
        }
    }
}

impl fmt::Display for BurnDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for BurnDevice {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|device| device.as_str() == name).ok_or_else(|| {
            let why = format!("found {name}, expected one of {}", Self::ALL.map(Self::as_str).join(", "));
            Error::new(ErrorKind::Usage, "unknown device", Subject::setting("burn_device"), why)
                .hint("set `burn_device` to cpu")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_have_the_names_that_they_are_parsed_from() {
        for device in BurnDevice::ALL {
            assert_eq!(device.to_string().parse::<BurnDevice>().unwrap(), device);
        }
        let error = "tpu".parse::<BurnDevice>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert_eq!(error.message(), "unknown device: burn_device: found tpu, expected one of cpu, vulkan, cuda");
    }

    #[test]
    fn counts_are_at_least_one() {
        let options = EngineOptions::default().threads(0).runs(0);
        assert_eq!((options.thread_count(), options.run_count()), (1, 1));
        assert_eq!(EngineOptions::default().threads(3).threads(None), EngineOptions::default());
        assert_eq!(EngineOptions::default().threads(usize::MAX).run_count(), 1);
    }
}

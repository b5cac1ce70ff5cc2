//! The device that trains, and its failures as errors.

use std::fmt;
use std::str::FromStr;

use burn::tensor::{Device, Tensor};

use crate::panics::caught;
use crate::{Error, ErrorKind, Result, Subject};

/// A kind of device to train on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    /// This machine's processor, by Burn's `flex` backend.
    Cpu,
    /// Any GPU with Vulkan.
    Vulkan,
    /// An NVIDIA GPU with CUDA.
    Cuda,
}

impl DeviceKind {
    /// The Burn device, after a first sum has shown that it works.
    ///
    /// # Errors
    /// [`ErrorKind::Environment`] where this build lacks the feature that the device needs, or the device does not
    /// work.
    pub(super) fn open(self) -> Result<Device> {
        let device = self.device()?;
        let sum = || {
            let sum = Tensor::<1>::ones([4], &device).sum().into_scalar::<f64>();
            debug_assert_eq!(sum, 4.0);
            Ok(())
        };
        guarded(sum, |why| {
            device_failed(Subject::setting("device"), format!("{self} does not work: {why}"))
                .hint("`oasis doctor` shows the GPUs of this machine; with `device` set to cpu every machine can train")
        })?;
        Ok(device)
    }

    fn device(self) -> Result<Device> {
        match self {
            Self::Cpu => Ok(Device::flex()),
            #[cfg(feature = "vulkan")]
            Self::Vulkan => Ok(Device::vulkan(burn::tensor::DeviceKind::DefaultDevice)),
            #[cfg(feature = "cuda")]
            Self::Cuda => Ok(Device::cuda(0)),
            #[allow(unreachable_patterns)]
            other => Err(Error::new(
                ErrorKind::Environment,
                "cannot train on this device",
                Subject::setting("device"),
                format!("found {other}, and this build lacks the feature `{other}`"),
            )
            .hint(format!("cargo build --release --features {other}"))),
        }
    }
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cpu => "cpu",
            Self::Vulkan => "vulkan",
            Self::Cuda => "cuda",
        })
    }
}

impl FromStr for DeviceKind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "cpu" => Ok(Self::Cpu),
            "vulkan" => Ok(Self::Vulkan),
            "cuda" => Ok(Self::Cuda),
            _ => Err(Error::new(ErrorKind::Usage, "unknown device", name, "expected cpu, vulkan or cuda")
                .hint("cpu works on every machine")),
        }
    }
}

/// Runs `work` on the device. Burn panics where a device fails (it is lost, or out of memory): `failed` makes the error
/// of what the panic says.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T>, failed: impl FnOnce(&str) -> Error) -> Result<T> {
    caught(work).unwrap_or_else(|panic| Err(failed(&panic.to_string())))
}

/// The error of a device that failed.
pub(super) fn device_failed(subject: impl Into<Subject>, why: impl fmt::Display) -> Error {
    Error::new(ErrorKind::Environment, "the device failed", subject, why)
}

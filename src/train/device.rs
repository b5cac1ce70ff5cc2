//! Which device trains.

use std::fmt;
use std::str::FromStr;

use burn::tensor::{Device, Tensor};

use super::trainer::guarded;
use crate::{Error, ErrorKind, Result};

/// A device by its name on the command line.
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
    /// The Burn device, once it has done a first sum.
    ///
    /// # Errors
    /// The feature that the device needs is not in this build, or the device does not work.
    pub fn open(self) -> Result<Device> {
        let device = self.device()?;
        guarded(0, || {
            let sum = Tensor::<1>::ones([4], &device).sum().into_scalar::<f64>();
            debug_assert_eq!(sum, 4.0);
            Ok(device.clone())
        })
        .map_err(|why| why.hint("oasis doctor shows the GPUs; --device cpu works everywhere"))
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
                format!("--device {other}"),
                format!("this build lacks the feature {other}"),
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
                .hint("pass --device cpu")),
        }
    }
}

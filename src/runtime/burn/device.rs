//! The device that graphs run on.

use burn::tensor::Device;

use crate::runtime::engine::EngineOptions;
use crate::{Error, ErrorKind, Result};

const CPU: &str = "cpu";

fn name(options: &EngineOptions) -> &str {
    options.burn_device.as_deref().unwrap_or(CPU)
}

/// Whether the device that is asked for is this machine's processor.
pub(super) fn is_cpu(options: &EngineOptions) -> bool {
    name(options) == CPU
}

/// The device that is asked for, and what to call it.
///
/// # Errors
/// [`ErrorKind::Environment`] where its feature is not in this build, [`ErrorKind::Usage`] for another name.
pub(super) fn open(options: &EngineOptions) -> Result<(Device, String)> {
    match name(options) {
        CPU => Ok((Device::flex(), "cpu (flex)".to_owned())),
        #[cfg(feature = "vulkan")]
        "vulkan" => Ok((Device::vulkan(burn::tensor::DeviceKind::DefaultDevice), "vulkan".to_owned())),
        #[cfg(feature = "cuda")]
        "cuda" => {
            let index = usize::try_from(options.device_id).map_err(|_| {
                let why = format!("found {}, expected a number from 0 on", options.device_id);
                Error::new(ErrorKind::Usage, "cannot use device", "--device-id", why).hint("pass --device-id 0")
            })?;
            Ok((Device::cuda(index), format!("cuda {index}")))
        }
        #[allow(unreachable_patterns)]
        known @ ("vulkan" | "cuda") => {
            let why = format!("this binary was built without the feature `{known}`");
            Err(Error::new(ErrorKind::Environment, "cannot use engine", format!("burn on {known}"), why)
                .hint(format!("build with `cargo build --release --features burn-engine,{known}`"))
                .hint("or pass --burn-device cpu"))
        }
        other => Err(Error::new(ErrorKind::Usage, "unknown device", other, "expected cpu, vulkan or cuda")
            .hint("pass --burn-device cpu")),
    }
}

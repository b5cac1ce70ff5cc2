//! The device that graphs run on.

use burn::tensor::Device;

use crate::runtime::options::{BurnDevice, EngineOptions};
use crate::{Error, ErrorKind, Result, Subject};

/// The device that is asked for, and what to call it.
///
/// # Errors
/// [`ErrorKind::Environment`] where its feature is not in this build, [`ErrorKind::Usage`] for a negative number.
pub(super) fn open(options: &EngineOptions) -> Result<(Device, String)> {
    match options.burn_device {
        BurnDevice::Cpu => Ok((Device::flex(), "cpu (flex)".to_owned())),
        BurnDevice::Vulkan => vulkan(),
        BurnDevice::Cuda => cuda(options.device_id),
    }
}

#[cfg(feature = "vulkan")]
fn vulkan() -> Result<(Device, String)> {
    Ok((Device::vulkan(burn::tensor::DeviceKind::DefaultDevice), "vulkan".to_owned()))
}

#[cfg(feature = "cuda")]
fn cuda(number: i32) -> Result<(Device, String)> {
    let index = usize::try_from(number).map_err(|_| {
        let why = format!("found {number}, expected a number from 0 on");
        Error::new(ErrorKind::Usage, "cannot use device", Subject::setting("device_id"), why)
            .hint("set `device_id` to 0")
    })?;
    Ok((Device::cuda(index), format!("cuda {index}")))
}

#[cfg(not(feature = "vulkan"))]
fn vulkan() -> Result<(Device, String)> {
    Err(missing(BurnDevice::Vulkan))
}

#[cfg(not(feature = "cuda"))]
fn cuda(_: i32) -> Result<(Device, String)> {
    Err(missing(BurnDevice::Cuda))
}

#[cfg(not(all(feature = "vulkan", feature = "cuda")))]
fn missing(device: BurnDevice) -> Error {
    let why = format!("this binary was built without the feature `{device}`");
    Error::new(ErrorKind::Environment, "cannot use engine", Subject::engine(format!("burn on {device}")), why)
        .hint(format!("build with `cargo build --release --features burn-engine,{device}`"))
        .hint("or set `burn_device` to cpu")
}

//! Burn's capture devices, used again and again: a process can have 65,536 of them.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use burn::tensor::{BoolDType, Device, DeviceConfig, DeviceSettings, FloatDType, IntDType};

/// How many recordings lie between two on one device. A tensor that a module keeps from one recording is so of another
/// device in the next.
const APART: usize = 64;

/// The element types that a device gives to tensors whose creator names none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Defaults {
    float: FloatDType,
    int: IntDType,
    bool: BoolDType,
}

impl Defaults {
    /// Those of a device; without one, what ONNX is at home with.
    pub fn of(device: Option<&Device>) -> Self {
        let Some(device) = device else {
            return Self { float: FloatDType::F32, int: IntDType::I64, bool: BoolDType::Native };
        };
        let DeviceSettings { float_dtype, int_dtype, bool_dtype, .. } = device.settings();
        Self { float: float_dtype, int: int_dtype, bool: bool_dtype }
    }
}

/// Devices that no recording uses, the one that rested longest first.
static RESTING: Mutex<VecDeque<(Defaults, Device)>> = Mutex::new(VecDeque::new());

/// Runs `work` on a capture device with these defaults, which nothing else uses meanwhile.
pub(crate) fn on_capture_device<T>(defaults: Defaults, work: impl FnOnce(&Device) -> T) -> Result<T, String> {
    let resting = || RESTING.lock().unwrap_or_else(PoisonError::into_inner);
    let again = {
        let mut resting = resting();
        let alike = resting.iter().filter(|(other, _)| *other == defaults).count();
        let oldest = resting.iter().position(|(other, _)| *other == defaults).filter(|_| alike >= APART);
        oldest.and_then(|at| resting.remove(at))
    };
    let device = match again {
        Some((_, device)) => device,
        None => new(defaults)?,
    };
    let result = work(&device);
    resting().push_back((defaults, device));
    Ok(result)
}

/// A new device with these defaults. Burn asks the device whether it has the types, which only a recording can answer.
fn new(Defaults { float, int, bool }: Defaults) -> Result<Device, String> {
    let device = Device::capture();
    let mut configured = Ok(());
    let recorded = device.capture_scope(|scope| {
        configured = device.clone().configure(DeviceConfig::new(Some(float), Some(int), Some(bool)));
        scope.complete([], [])
    });
    recorded.map_err(|why| why.to_string())?;
    configured.map_err(|why| format!("{why:?}"))?;
    Ok(device)
}

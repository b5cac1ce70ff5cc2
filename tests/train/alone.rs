//! Tests that draw random numbers run one at a time: a process has one generator, and a seed starts it anew.

use std::sync::{Mutex, MutexGuard, PoisonError};

use burn::tensor::Device;

static GENERATOR: Mutex<()> = Mutex::new(());

/// Holds the generator until it is dropped, and starts it from the same seed each time.
pub fn alone() -> MutexGuard<'static, ()> {
    let held = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    Device::flex().seed(1);
    held
}

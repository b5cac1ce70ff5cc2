//! Panics of a forward pass as errors that hold the message and the place in the code.

use crate::panics::caught;

/// Runs `work` and returns a panic of it as its message and place; nothing is printed.
pub(crate) fn panic_as_error<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    caught(work).map_err(|panic| match panic.place() {
        Some(place) => format!("{panic} ({place})"),
        None => panic.to_string(),
    })
}

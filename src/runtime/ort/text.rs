//! What ONNX Runtime's errors say.

/// The message of an error of `ort`. The error itself cannot be sent to another thread.
pub(super) fn text<T>(error: ort::Error<T>) -> String {
    error.message().to_owned()
}

//! The states of a model, as ONNX Runtime's tensors from step to step.

use std::any::Any;

use ort::session::IoBinding;
use ort::value::DynValue;

use super::convert::{copied, room, view};
use super::text::text;
use crate::Result as OasisResult;
use crate::engine::{Held, Kept, TensorView};
use crate::onnx::DataType;

/// A state, which the next step reads where it lies. A state whose shape stays has a second tensor, which the next step
/// writes; then the two change places.
pub(super) struct OrtHeld {
    now: DynValue,
    dtype: DataType,
    grows: bool,
    /// Whether a step may write into it.
    writable: bool,
    spare: Option<DynValue>,
}

impl Held for OrtHeld {
    fn view(&self) -> Result<TensorView<'_>, String> {
        view(&self.now, self.dtype)
    }
}

impl OrtHeld {
    /// Takes the value of a state out; a copy of it where it is not ONNX Runtime's own.
    pub(super) fn take(kept: &mut Kept) -> OasisResult<Result<Self, String>> {
        let held = kept.take()?;
        if (&*held as &dyn Any).is::<Self>() {
            let held: Box<dyn Any> = held;
            return Ok(Ok(*held.downcast::<Self>().expect("it was just looked at")));
        }
        let value = held.view().and_then(|view| {
            let grows = kept.state().grows.is_some();
            Ok(Self { now: copied(&view)?, dtype: view.dtype(), grows, writable: false, spare: None })
        });
        Ok(value)
    }

    /// The tensor to read.
    pub(super) fn now(&self) -> &DynValue {
        &self.now
    }

    /// Binds the output that is the next value to memory of its own, where the shape stays. `false` where it may change,
    /// or is empty: ONNX Runtime makes the tensor then.
    pub(super) fn bind_next(&mut self, binding: &mut IoBinding, output: &str) -> Result<bool, String> {
        let shape = self.view()?.shape().to_vec();
        if self.grows || shape.contains(&0) {
            return Ok(false);
        }
        let spare = match &mut self.spare {
            Some(spare) => spare,
            none => none.insert(room(self.dtype, &shape)?),
        };
        binding.bind_output(output, spare).map_err(text)?;
        Ok(true)
    }

    /// The state after a step that wrote what [`Self::bind_next`] bound, or gave this tensor.
    pub(super) fn next(self, made: Option<DynValue>) -> Result<Self, String> {
        let Self { now, dtype, grows, writable, spare } = self;
        match (made, spare) {
            (Some(made), _) => Ok(Self { now: made, dtype, grows, writable: false, spare: None }),
            (None, Some(next)) => Ok(Self { now: next, dtype, grows, writable: true, spare: writable.then_some(now) }),
            (None, None) => Err("a step left no next state".to_owned()),
        }
    }
}

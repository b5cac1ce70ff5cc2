//! The states of a model, as tract's tensors from step to step.

use std::any::Any;

use tract_onnx::prelude::*;

use super::convert::{datum_type, no_type, to_tract, view};
use crate::Result as OasisResult;
use crate::engine::{Held, Kept, TensorView as View};
use crate::onnx::DataType;

/// A state, which the next step takes over as it is.
struct TractHeld(TValue);

impl Held for TractHeld {
    fn view(&self) -> Result<View<'_>, String> {
        view(&self.0).map_err(|why| format!("{why:#}"))
    }
}

/// Takes the value of a state out; a copy of it where it is not tract's own.
pub(super) fn take(kept: &mut Kept) -> OasisResult<TractResult<TValue>> {
    let held = kept.take()?;
    if (&*held as &dyn Any).is::<TractHeld>() {
        let held: Box<dyn Any> = held;
        return Ok(Ok(held.downcast::<TractHeld>().expect("it was just looked at").0));
    }
    let value = match held.view() {
        Ok(view) => to_tract(&view).map(Into::into),
        Err(why) => Err(TractError::msg(why)),
    };
    Ok(value)
}

/// A value, which is of type `dtype` in the model, to be put back into a state.
pub(super) fn held(value: TValue, dtype: DataType) -> TractResult<Box<dyn Held>> {
    let expected = datum_type(dtype).ok_or_else(|| no_type(dtype))?;
    let value = match value.datum_type() == expected {
        true => value,
        false => value.cast_to_dt(expected)?.into_owned().into(),
    };
    Ok(Box::new(TractHeld(value)))
}

//! The names of a module's parameters, which are their paths in the module tree.

use burn::backend::capture::{CaptureBackend, TensorId};
use burn::module::{ModuleVisitor, Param};
use burn::tensor::{Bool, Int, Tensor};

/// Collects the path (`path.to.weight`) of every parameter of a module on a capture device, in visiting order.
#[derive(Debug, Default)]
pub(crate) struct ParamNames {
    path: Vec<String>,
    pub names: Vec<(TensorId, String)>,
}

impl ParamNames {
    fn record(&mut self, id: TensorId) {
        self.names.push((id, self.path.join(".")));
    }
}

impl ModuleVisitor for ParamNames {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Ok(tensor) = param.val().try_into_primitive::<CaptureBackend>() {
            self.record(tensor.id());
        }
    }

    fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<D, Int>>) {
        if let Ok(tensor) = param.val().try_into_primitive::<CaptureBackend>() {
            self.record(tensor.id());
        }
    }

    fn visit_bool<const D: usize>(&mut self, param: &Param<Tensor<D, Bool>>) {
        if let Ok(tensor) = param.val().try_into_primitive::<CaptureBackend>() {
            self.record(tensor.id());
        }
    }

    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }
}

//! Parameters and statistics that are the same on every run and on every machine, and trivial nowhere.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Tensor, TensorData};

/// The module with every float parameter, running statistics included, evenly spread over a range that keeps the
/// activations about as large as the inputs.
pub fn seeded<M: Module>(module: M) -> M {
    module.map(&mut Seeded { path: Vec::new(), state: 0 })
}

struct Seeded {
    /// Field names on the way from the root, each with the type it is in.
    path: Vec<(String, String)>,
    state: u64,
}

impl Seeded {
    /// The middle of the range for the parameter at hand, and how far it reaches to both sides.
    fn range(&self, dims: &[usize]) -> (f32, f32) {
        let (name, owner) = self.path.last().map_or(("", ""), |(name, owner)| (name.as_str(), owner.as_str()));
        let even = |gain: f32, fan_in: usize| (0.0, (3.0 * gain / fan_in as f32).sqrt());
        match (name, owner) {
            ("gamma", _) => (1.0, 0.25),
            ("running_var", _) => (1.0, 0.5),
            ("running_mean", _) => (0.0, 0.2),
            ("beta" | "bias", _) => (0.0, 0.1),
            ("weight", "Struct:Embedding") => (0.0, 1.0),
            ("weight", "Struct:Conv2d") => even(1.2, dims[1..].iter().product()),
            ("weight", "Struct:Linear" | "Struct:ConvTranspose2d") => even(1.0, dims[0]),
            _ => (0.0, 0.5),
        }
    }

    /// Evenly spread over -1 to 1 (SplitMix64).
    fn draw(&mut self) -> f32 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        (z >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }
}

impl ModuleMapper for Seeded {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.push((name.to_string(), container_type.to_string()));
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    /// Replaces the parameter without making the one that its initializer would.
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (shape, device) = (param.lazy_shape(), param.lazy_device());
        let (centre, reach) = self.range(shape.as_slice());
        let values: Vec<f32> = (0..shape.num_elements()).map(|_| centre + reach * self.draw()).collect();
        Param::initialized(param.id, Tensor::from_data(TensorData::new(values, shape), &device))
    }
}

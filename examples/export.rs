//! Exports a Burn module to ONNX and writes it; with the feature `tract` also checks it on tract.
//!
//! ```text
//! cargo run --example export --no-default-features --features flex -- net.onnx
//! cargo run --example export --no-default-features --features flex,tract -- net.onnx
//! ```

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use oasis::export::Exporter;

#[derive(Module, Debug)]
struct Net {
    conv: Conv2d,
    head: Linear,
}

impl Net {
    fn forward(&self, image: Tensor<4>) -> Tensor<2> {
        let features = relu(self.conv.forward(image));
        let [batch, channels, height, width] = features.dims();
        self.head.forward(features.reshape([batch, channels * height * width]))
    }
}

fn main() -> oasis::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "net.onnx".to_owned());
    let device = Device::flex();
    let net = Net {
        conv: Conv2dConfig::new([1, 4], [3, 3]).init(&device),
        head: LinearConfig::new(4 * 6 * 6, 10).init(&device),
    };
    let exported = Exporter::new().input("image").output("scores").dynamic_axis("image", 0, "batch").export(
        &net,
        Tensor::<4>::zeros([1, 1, 8, 8], &device),
        Net::forward,
    )?;
    println!("{}", exported.summary());

    #[cfg(feature = "tract")]
    verify(&exported)?;
    exported.write(&path)?;
    println!("written to {path}");
    Ok(())
}

/// Compares what tract computes with what Burn computes.
#[cfg(feature = "tract")]
fn verify(exported: &oasis::export::Exported) -> oasis::Result<()> {
    use oasis::runtime::{Backend, EngineOptions, engine};
    let tract = engine(Backend::Tract, &EngineOptions::default())?;
    for output in exported.verify(tract.as_ref(), 3)? {
        println!("{output}, pass: {}", output.pass());
    }
    Ok(())
}

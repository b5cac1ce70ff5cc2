//! A loaded graph.

use std::sync::Arc;

use burn::tensor::{Device, TensorData};

use super::convert::{from_burn, to_burn};
use super::network::Network;
use super::pools::Pools;
use crate::engine::{Session, Signature, Tensor, TensorView};
use crate::onnx::ModelFile;
use crate::runtime::guard::guarded;
use crate::{Error, ErrorKind, Result};

/// A network on a device. Any number of threads may run it at once: a pass only reads the weights, which are `Sync`.
pub(super) struct BurnSession {
    signature: Signature,
    network: Network,
    device: Device,
    pools: Option<Arc<Pools>>,
}

impl BurnSession {
    pub(super) fn new(file: &ModelFile, network: Network, device: Device, pools: Option<Arc<Pools>>) -> Self {
        Self { signature: Signature::new(file), network, device, pools }
    }

    fn pass(&self, inputs: Vec<TensorData>) -> Result<Vec<TensorData>, String> {
        let pass = || guarded("Burn", || (self.network)(&self.device, inputs));
        match &self.pools {
            Some(pools) => pools.run(pass),
            None => pass(),
        }
    }

    fn collect(&self, outputs: Vec<TensorData>) -> Result<Vec<(String, Tensor)>, String> {
        let (names, types) = (self.signature.outputs(), self.signature.output_types());
        if outputs.len() != names.len() {
            return Err(format!("found {} outputs, expected {}", outputs.len(), names.len()));
        }
        let named = names.iter().zip(types).zip(outputs);
        named.map(|((name, dtype), data)| Ok((name.clone(), from_burn(data, *dtype)?))).collect()
    }
}

impl Session for BurnSession {
    fn run(&self, inputs: &[(&str, TensorView<'_>)]) -> Result<Vec<(String, Tensor)>> {
        let views = self.signature.bind(inputs)?;
        let outputs = self.pass(views.into_iter().map(to_burn).collect());
        outputs
            .and_then(|outputs| self.collect(outputs))
            .map_err(|why| Error::new(ErrorKind::Runtime, "burn failed on", self.signature.model(), why))
    }
}

//! Burn, with graphs that are part of this binary: `build.rs` has burn-onnx turn a bundle's ONNX files into Rust, and
//! embeds their weights. The engine runs that bundle only, which it recognises by the SHA-256 of each file.

mod convert;
mod device;
mod network;
mod pools;
mod session;

use std::sync::Arc;

use burn::tensor::{Device, Tensor};

use self::network::{Imported, NETWORKS};
use self::pools::Pools;
use self::session::BurnSession;
use super::guard::guarded;
use super::options::{BurnDevice, EngineOptions};
use crate::bundle::keys;
use crate::engine::{Engine, EngineInfo, Session};
use crate::onnx::ModelFile;
use crate::{Error, ErrorKind, Result, Subject};

/// How many images to give to one run on a GPU: enough to keep it busy, and little memory.
const GPU_BATCH: usize = 32;

pub(super) struct Burn {
    device: Device,
    /// What the device is called, such as `cpu (flex)`.
    device_name: String,
    /// The threads of runs on the CPU; `None` on a GPU.
    pools: Option<Arc<Pools>>,
    threads: usize,
}

impl Burn {
    pub(super) fn new(options: &EngineOptions) -> Result<Self> {
        let (device, device_name) = device::open(options)?;
        if options.burn_device != BurnDevice::Cpu {
            return Ok(Self { device, device_name, pools: None, threads: 1 });
        }
        let threads = options.thread_count();
        let pools = Pools::new(options.run_count(), threads).map_err(|why| {
            Error::new(ErrorKind::Environment, "cannot use engine", Subject::engine("burn"), &why)
                .hint("ask for fewer `threads`")
                .caused_by(why)
        })?;
        Ok(Self { device, device_name, pools: Some(Arc::new(pools)), threads })
    }
}

impl Engine for Burn {
    fn name(&self) -> &str {
        "burn"
    }

    fn check(&self) -> Result<EngineInfo> {
        guarded("Burn", || {
            let one = Tensor::<1>::ones([1_usize], &self.device);
            one.try_into_data().map(drop).map_err(|why| format!("{why:?}"))
        })
        .map_err(|why| {
            let why = format!("device {}: {why}", self.device_name);
            Error::new(ErrorKind::Environment, "cannot use engine", Subject::engine("burn"), why)
                .hint("set `burn_device` to cpu")
        })?;
        Ok(EngineInfo {
            providers: vec![self.device_name.clone()],
            threads: self.threads,
            ..EngineInfo::new(self.name(), "Burn", env!("OASIS_BURN_VERSION"))
        })
    }

    fn load(&self, file: &ModelFile) -> Result<Box<dyn Session>> {
        let imported = imported(file)?;
        let network = guarded("Burn", || Ok((imported.load)(&self.device))).map_err(|why| {
            Error::new(ErrorKind::Model, "burn cannot load", file.name(), why).hint("set `backend` to tract")
        })?;
        Ok(Box::new(BurnSession::new(file, network, self.device.clone(), self.pools.clone())))
    }

    fn best_batch(&self) -> usize {
        if self.pools.is_some() { 1 } else { GPU_BATCH }
    }
}

/// The imported graph that was made of the very file that the model was read from.
///
/// # Errors
/// [`ErrorKind::Environment`] where this binary was built with another bundle.
fn imported(file: &ModelFile) -> Result<&'static Imported> {
    let found = file.sha256().unwrap_or("unknown");
    if let Some(imported) = NETWORKS.iter().find(|imported| imported.sha256 == found) {
        return Ok(imported);
    }
    let role = file.model().property(keys::ROLE).unwrap_or("of this role");
    let expected = match NETWORKS.iter().find(|imported| imported.role == role) {
        Some(imported) => format!("expected {}", imported.sha256),
        None => format!("and that bundle has no {role}"),
    };
    let why = format!("this binary imported another bundle when it was built: found sha256 {found}, {expected}");
    Err(Error::new(ErrorKind::Environment, "burn cannot load", file.name(), why)
        .hint("build with `OASIS_BURN_BUNDLE=DIR cargo build --release --features burn-engine`")
        .hint("or set `backend` to tract"))
}

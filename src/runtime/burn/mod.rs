//! Burn, with graphs that are part of this binary: `build.rs` has burn-onnx turn a bundle's ONNX files into Rust and
//! embeds their weights. It runs that bundle, told by the SHA-256 of each file, and no other.

mod convert;
mod device;
mod network;
mod pools;
mod session;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use burn::tensor::{Device, Tensor};

use self::network::{Imported, NETWORKS};
use self::pools::Pools;
use self::session::BurnSession;
use super::engine::{Engine, EngineInfo, EngineOptions, Session};
use crate::bundle::Graph;
use crate::{Error, ErrorKind, Result};

/// The version that `Cargo.toml` asks for.
const VERSION: &str = "0.22.1";
/// Images a run on a GPU is given: enough to fill one, and little memory.
const GPU_BATCH: usize = 32;

pub(super) struct Burn {
    device: Device,
    /// What the device is called, such as `cpu (flex)`.
    device_name: String,
    /// Where runs on the CPU get their threads; none on a GPU.
    pools: Option<Arc<Pools>>,
    threads: usize,
}

impl Burn {
    pub(super) fn new(options: &EngineOptions) -> Result<Self> {
        let (device, device_name) = device::open(options)?;
        if !device::is_cpu(options) {
            return Ok(Self { device, device_name, pools: None, threads: 1 });
        }
        let threads = options.thread_count();
        let pools = Pools::new(options.run_count(), threads).map_err(|why| {
            Error::new(ErrorKind::Environment, "cannot use engine", "burn", why)
                .hint("ask for fewer threads with --threads N")
        })?;
        Ok(Self { device, device_name, pools: Some(Arc::new(pools)), threads })
    }
}

impl Engine for Burn {
    fn name(&self) -> &str {
        "burn"
    }

    fn check(&self) -> Result<EngineInfo> {
        guarded(|| {
            let one = Tensor::<1>::ones([1_usize], &self.device);
            one.try_into_data().map(drop).map_err(|why| format!("{why:?}"))
        })
        .map_err(|why| {
            let why = format!("device {}: {why}", self.device_name);
            Error::new(ErrorKind::Environment, "cannot use engine", "burn", why).hint("use --burn-device cpu")
        })?;
        Ok(EngineInfo {
            name: self.name().to_owned(),
            library: "Burn".to_owned(),
            path: None,
            version: VERSION.to_owned(),
            wanted: VERSION.to_owned(),
            providers: vec![self.device_name.clone()],
            threads: self.threads,
        })
    }

    fn load(&self, graph: &Graph) -> Result<Box<dyn Session>> {
        let imported = imported(graph)?;
        let network = guarded(|| Ok((imported.load)(&self.device))).map_err(|why| {
            Error::new(ErrorKind::Model, "burn cannot load", graph.name(), why).hint("try --backend tract")
        })?;
        Ok(Box::new(BurnSession::new(graph, network, self.device.clone(), self.pools.clone())))
    }

    fn best_batch(&self) -> usize {
        if self.pools.is_some() { 1 } else { GPU_BATCH }
    }
}

/// What was imported from the very file of `graph`.
fn imported(graph: &Graph) -> Result<&'static Imported> {
    let found = graph.sha256();
    if let Some(imported) = NETWORKS.iter().find(|imported| imported.sha256 == found) {
        return Ok(imported);
    }
    let role = graph.role();
    let expected = match NETWORKS.iter().find(|imported| imported.role == role.as_str()) {
        Some(imported) => format!("expected {}", imported.sha256),
        None => format!("and that bundle has no {}", role.file_name()),
    };
    let why = format!("this binary imported another bundle when it was built: found sha256 {found}, {expected}");
    Err(Error::new(ErrorKind::Environment, "burn cannot load", graph.name(), why)
        .hint("build with `OASIS_BURN_BUNDLE=DIR cargo build --release --features burn-engine`")
        .hint("or use --backend tract"))
}

/// Runs `work`, with Burn's panics as errors.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("Burn panicked: {}", text.unwrap_or("no message")))
    })
}

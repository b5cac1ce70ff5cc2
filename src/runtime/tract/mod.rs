//! The pure-Rust engine.
//!
//! A plan is made for each set of input shapes, since tract infers some shapes only from concrete ones. The graphs of a
//! bundle treat the images of a batch independently, and tract is fastest on one image at a time. So their batches are
//! split. A state that grows has one plan for all of its lengths. The threads work on different images where the batch has enough of them, and inside one image otherwise.

mod convert;
mod load;
mod session;
mod state;

use std::sync::Arc;

use self::session::TractSession;
use super::options::EngineOptions;
use crate::engine::{Engine, EngineInfo, Session};
use crate::onnx::{ModelFile, Workload};
use crate::panics::works_for_others;
use crate::{Error, ErrorKind, Result, Subject};

/// The engine, and the threads that its sessions share.
pub(super) struct Tract {
    threads: usize,
    pool: Option<Arc<rayon::ThreadPool>>,
}

impl Tract {
    pub(super) fn new(options: &EngineOptions) -> Result<Self> {
        let threads = options.thread_count();
        let pool = (threads > 1)
            .then(|| {
                rayon::ThreadPoolBuilder::new()
                    .num_threads(threads)
                    .thread_name(|index| format!("tract-{index}"))
                    .start_handler(|_| works_for_others())
                    .build()
                    .map(Arc::new)
            })
            .transpose()
            .map_err(|why| {
                Error::new(ErrorKind::Environment, "cannot use engine", Subject::engine("tract"), &why)
                    .hint("ask for fewer `threads`")
                    .caused_by(why)
            })?;
        Ok(Self { threads, pool })
    }
}

impl Engine for Tract {
    fn name(&self) -> &str {
        "tract"
    }

    fn check(&self) -> Result<EngineInfo> {
        let info = EngineInfo::new(self.name(), "tract", env!("OASIS_TRACT_VERSION"));
        Ok(EngineInfo { threads: self.threads, ..info })
    }

    fn load(&self, file: &ModelFile) -> Result<Box<dyn Session>> {
        let session = match file.workload() {
            Workload::Step => TractSession::new(file, 1, None)?,
            _ => TractSession::new(file, self.threads, self.pool.clone())?,
        };
        Ok(Box::new(session))
    }
}

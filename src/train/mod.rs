//! Training: one loop for both models, with checkpoints and a history.
//!
//! [`train_vqvae`] and [`train_prior`] carry out a [`TrainRequest`] and leave a run folder; [`TrainedVqvae`] and
//! [`TrainedPrior`] read the best model back from one.

mod device;
mod event;
mod history;
mod images;
mod objective;
mod prior;
mod record;
mod request;
mod run;
mod ssim_loss;
mod start;
mod state;
mod trained;
mod trainer;
mod vqvae;

pub use device::DeviceKind;
pub use event::{Event, Outcome};
pub use record::{ModelKind, RunRecord};
pub use request::TrainRequest;
pub use run::BURN_VERSION;
pub use start::{train_prior, train_vqvae};
pub use state::State;
pub use trained::{TrainedPrior, TrainedVqvae};

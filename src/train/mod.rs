//! Training: one loop for both models, with checkpoints and a history.

mod device;
mod history;
mod images;
mod objective;
mod prior;
mod request;
pub mod run;
mod ssim_loss;
pub mod trainer;
mod vqvae;

pub use device::DeviceKind;
pub use history::History;
pub use images::{Images, Variation};
pub use objective::{Objective, Validation};
pub use prior::{CodeGrids, PriorObjective, conditions};
pub use request::{TrainRequest, TrainedPrior, TrainedVqvae, train_prior, train_vqvae};
pub use run::Run;
pub use ssim_loss::SsimLoss;
pub use vqvae::{VqvaeObjective, VqvaeTrace};

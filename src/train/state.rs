//! Where a training stands.

use serde::{Deserialize, Serialize};

/// `state.json`: where the training stands at a checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct State {
    /// Epochs that are done.
    pub epoch: usize,
    /// Optimiser steps that are done.
    pub step: usize,
    /// Samples that are done of the epoch after these; 0 where it has not begun.
    pub done: usize,
    /// The sum of the losses of the samples in `done`.
    pub loss_sum: f64,
    /// The validation score of the last finished epoch; higher is better.
    pub score: f64,
    /// The best validation score of all epochs.
    pub best_score: f64,
    /// The epoch with the best score; 0 before the first epoch is finished.
    pub best_epoch: usize,
}

impl Default for State {
    /// Before the first step. The scores are the least number that JSON can hold.
    fn default() -> Self {
        Self { epoch: 0, step: 0, done: 0, loss_sum: 0.0, score: f64::MIN, best_score: f64::MIN, best_epoch: 0 }
    }
}

impl State {
    /// The name of its checkpoint's folder.
    pub(super) fn folder(&self) -> String {
        match self.done {
            0 => Self::epoch_folder(self.epoch),
            done => format!("{}+{done:06}", Self::epoch_folder(self.epoch)),
        }
    }

    /// The name of the checkpoint's folder at the end of an epoch.
    pub(super) fn epoch_folder(epoch: usize) -> String {
        format!("epoch-{epoch:04}")
    }
}

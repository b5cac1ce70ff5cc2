//! What a training tells while it runs, and where it ended.

use super::state::State;

/// What a training tells whoever watches it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Some steps were done.
    #[non_exhaustive]
    Step {
        /// The epoch, counted from 1.
        epoch: usize,
        /// How many epochs the training has.
        epochs: usize,
        /// Samples of this epoch that are done.
        done: usize,
        /// Samples in an epoch.
        samples: usize,
        /// The mean loss of the steps since the last event.
        loss: f64,
        /// Names and values of what was measured in the last step.
        figures: Vec<(&'static str, f64)>,
        /// Samples a second since this epoch began or was resumed.
        rate: f64,
        /// Seconds to the end of the training at this rate, without the validations.
        left: f64,
    },
    /// An epoch is done, and its checkpoint is written.
    #[non_exhaustive]
    Epoch {
        /// The state of the checkpoint.
        state: &'a State,
        /// The mean loss of the epoch's steps.
        loss: f64,
        /// Names and values of what the validation measured.
        values: Vec<(&'static str, f64)>,
    },
}

/// Where a training ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Outcome {
    /// The state of its last checkpoint.
    pub state: State,
    /// Names and values of what the last validation measured; empty where no epoch was finished since the training was
    /// started or resumed.
    pub validation: Vec<(&'static str, f64)>,
    /// Whether it was stopped before the end of its recipe.
    pub interrupted: bool,
}

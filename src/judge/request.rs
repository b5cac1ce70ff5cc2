//! What is judged, and which slices it is judged by.

use std::collections::BTreeSet;

use crate::data::{Dataset, Split};
use crate::runtime::Choice;
use crate::{Error, ErrorKind, Result, Subject};

/// The fewest samples that are judged.
const FEWEST: usize = 16;

/// What to judge.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct JudgeRequest {
    /// The split of the held-out slices that samples are compared with: test, or validate where a setting is chosen by
    /// the result.
    pub split: Split,
    /// How many samples are compared with as many slices of the split: 16 to all of them.
    pub count: usize,
    /// The seed of every random draw: of the samples, of pairs, and of the networks in the two-sample tests.
    pub seed: u64,
    /// How samples are drawn.
    pub choice: Choice,
    /// Whether to leave out what takes most of the time: the two-sample tests, and the likelihoods, which are the same
    /// for every choice.
    pub quick: bool,
}

impl JudgeRequest {
    /// `count` samples beside test slices, drawn by the prior's own probabilities, by all measures.
    pub fn new(count: usize, seed: u64) -> Self {
        Self { split: Split::Test, count, seed, choice: Choice::default(), quick: false }
    }

    /// The numbers of the `count` slices of the split that samples are compared with, spread evenly over it.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for the training slices and a count out of range, [`ErrorKind::Input`] where all of the
    /// slices are of one subject.
    pub(super) fn pick(&self, dataset: &Dataset) -> Result<Vec<usize>> {
        let Self { split, count, .. } = *self;
        let refused = |kind, subject: Subject, why: String| Error::new(kind, "cannot judge", subject, why);
        if split == Split::Train {
            let why = "found train, expected test or validate: slices that the prior has not seen";
            let error = refused(ErrorKind::Usage, Subject::setting("split"), why.to_owned());
            return Err(error.hint("set `split` to test"));
        }
        let files = dataset.split(split)?;
        let held_out = files.len();
        if !(FEWEST..=held_out).contains(&count) {
            let why = format!("found {count}, expected {FEWEST} to {held_out}, the number of {split} slices");
            let error = refused(ErrorKind::Usage, Subject::setting("count"), why);
            return Err(error.hint(format!("leave `count` out to judge as many samples as there are {split} slices")));
        }
        let picked: Vec<usize> = (0..count).map(|index| index * held_out / count).collect();
        let cases: BTreeSet<_> = picked.iter().map(|index| files[*index].case).collect();
        if cases.len() < 2 && cases.first() != Some(&None) {
            let why = format!("found {split} slices of {} subject, expected 2 or more", cases.len());
            let error = refused(ErrorKind::Input, dataset.root().into(), why);
            return Err(error.hint(
                "the two-sample tests learn from some subjects and are tested on others: use data with more of them",
            ));
        }
        Ok(picked)
    }
}

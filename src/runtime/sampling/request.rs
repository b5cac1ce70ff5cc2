//! What to sample.

use ndarray::{Array2, Array3, s};

use super::choose::Choice;
use crate::bundle::{Sizes, Vocabulary};
use crate::runtime::Oasis;
use crate::{Error, ErrorKind, Result};

/// What a sample should show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Condition {
    /// The slice position, 0..32; any where `None`.
    pub slice: Option<i64>,
    /// The dementia class, 0..3; any where `None`.
    pub class: Option<i64>,
}

impl Condition {
    /// The prior's input for this condition.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a value outside the vocabulary.
    pub fn encode(self, words: &Vocabulary) -> Result<[i64; 2]> {
        let one = |flag: &str, value: Option<i64>, count: i64, any: i64| match value {
            None => Ok(any),
            Some(value) if (0..count).contains(&value) || value == any => Ok(value),
            Some(value) => {
                let why = format!("found {value}, expected 0 to {}, or {any} for any", count - 1);
                Err(Error::new(ErrorKind::Usage, "cannot sample", flag, why).hint(format!("leave {flag} out for any")))
            }
        };
        Ok([
            one("--slice", self.slice, words.slice_positions, words.slice_any)?,
            one("--cdr", self.class, words.classes.len() as i64, words.class_any)?,
        ])
    }
}

/// Codes that samples start from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Codes `[1, h, w]`, for all samples, or `[count, h, w]`.
    pub codes: Array3<i64>,
    /// How many rows of them are kept, from the top.
    pub rows: usize,
}

/// What to sample.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleRequest {
    /// The number of samples.
    pub count: usize,
    /// The number of the first sample: samples 4.. of a seed are the same, drawn alone or after 0..4.
    pub first: u64,
    /// The seed.
    pub seed: u64,
    /// What samples should show: one condition for all, or one each.
    pub conditions: Vec<Condition>,
    /// How codes are drawn.
    pub choice: Choice,
    /// Codes to start from.
    pub given: Option<Given>,
}

impl SampleRequest {
    /// `count` samples of `seed`, of anything, from the model's own distribution.
    pub fn new(count: usize, seed: u64) -> Self {
        let conditions = vec![Condition::default()];
        Self { count, first: 0, seed, conditions, choice: Choice::default(), given: None }
    }

    /// Checks the request, and gives the prior's condition `[count, 2]`.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a number outside its range, [`ErrorKind::Input`] for given codes that do not fit.
    pub(super) fn check(&self, oasis: &Oasis) -> Result<Array2<i64>> {
        let Sizes { grid: [h, w], codebook_size, .. } = oasis.sizes();
        let refuse = |kind, flag: &str, why: String| Error::new(kind, "cannot sample", flag, why);
        let count = self.count;
        if count == 0 {
            let error = refuse(ErrorKind::Usage, "--count", "found 0, expected 1 or more".to_owned());
            return Err(error.hint("say how many samples to draw"));
        }
        self.choice.check(codebook_size)?;
        let words = &oasis.bundle().manifest().condition;
        let given: Vec<[i64; 2]> = self.conditions.iter().map(|one| one.encode(words)).collect::<Result<_>>()?;
        if given.len() != 1 && given.len() != count {
            let why = format!("found {}, expected 1 or {count}", given.len());
            return Err(refuse(ErrorKind::Usage, "conditions", why).hint("give one for all samples, or one each"));
        }
        if let Some(Given { codes, rows }) = &self.given {
            let (n, ..) = codes.dim();
            if n != 1 && n != count {
                let why = format!("found {n} grids, expected 1 or {count}");
                return Err(refuse(ErrorKind::Input, "--given", why).hint("give one grid for all samples, or one each"));
            }
            oasis.check_codes(codes.view())?;
            if *rows > h {
                let error = refuse(ErrorKind::Usage, "--rows", format!("found {rows}, expected 0 to {h}"));
                return Err(error.hint(format!("give the number of {w}-code rows to keep")));
            }
        }
        Ok(Array2::from_shape_fn((count, 2), |(index, axis)| given[index % given.len()][axis]))
    }

    /// Codes `[count, h, w]` with the given rows, zeros below; and how many rows are given.
    pub(super) fn begin(&self, [h, w]: [usize; 2]) -> (Array3<i64>, usize) {
        let mut codes = Array3::zeros((self.count, h, w));
        let Some(Given { codes: given, rows }) = &self.given else { return (codes, 0) };
        let kept = given.slice(s![.., ..*rows, ..]);
        let kept = kept.broadcast((self.count, *rows, w)).expect("the shape was checked");
        codes.slice_mut(s![.., ..*rows, ..]).assign(&kept);
        (codes, *rows)
    }
}

/// How far sampling has come. Samples are drawn in waves, as many together as the threads are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows that are done, the given ones included.
    pub rows_done: usize,
    /// Rows of the grid, times the number of waves.
    pub rows: usize,
}

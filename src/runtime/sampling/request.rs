//! What to sample.

use ndarray::{Array2, Array3, s};

use super::choice::Choice;
use crate::bundle::{Sizes, Vocabulary};
use crate::runtime::pipeline::Oasis;
use crate::{Error, ErrorKind, Result, Subject};

fn refuse(kind: ErrorKind, setting: &str, why: String) -> Error {
    Error::new(kind, "cannot sample", Subject::setting(setting), why)
}

/// What a sample should show. The default leaves everything open.
///
/// ```
/// use oasis::runtime::Condition;
/// let middle = Condition::default().slice(16);
/// assert_eq!((middle.slice, middle.class), (Some(16), None));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Condition {
    /// The slice position, 0 to 31; `None` for any.
    pub slice: Option<i64>,
    /// The dementia class, 0 to 2; `None` for any.
    pub class: Option<i64>,
}

impl Condition {
    /// The same at another slice position.
    #[must_use]
    pub fn slice(mut self, position: impl Into<Option<i64>>) -> Self {
        self.slice = position.into();
        self
    }

    /// The same with another dementia class.
    #[must_use]
    pub fn class(mut self, class: impl Into<Option<i64>>) -> Self {
        self.class = class.into();
        self
    }

    /// The prior's input for this condition.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a value outside the vocabulary.
    fn encode(self, words: &Vocabulary) -> Result<[i64; 2]> {
        let one = |setting: &str, value: Option<i64>, count: i64, any: i64| match value {
            None => Ok(any),
            Some(value) if (0..count).contains(&value) || value == any => Ok(value),
            Some(value) => {
                let why = format!("found {value}, expected 0 to {}, or {any} for any", count - 1);
                Err(refuse(ErrorKind::Usage, setting, why).hint(format!("leave `{setting}` out for any")))
            }
        };
        Ok([
            one("slice", self.slice, words.slice_positions, words.slice_any)?,
            one("class", self.class, words.classes.len() as i64, words.class_any)?,
        ])
    }
}

/// Codes that samples start from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Given {
    /// Codes `[1, h, w]`, for all samples, or `[count, h, w]`.
    pub codes: Array3<i64>,
    /// How many rows of the codes are kept, from the top.
    pub rows: usize,
}

impl Given {
    /// The first `rows` rows of codes `[1, h, w]` or `[count, h, w]`.
    pub fn new(codes: Array3<i64>, rows: usize) -> Self {
        Self { codes, rows }
    }
}

/// What to sample.
///
/// ```
/// use oasis::runtime::{Choice, Condition, SampleRequest};
/// let request = SampleRequest::new(4, 1).condition(Condition::default().slice(16)).choice(Choice::default().top_p(0.9));
/// assert_eq!(request.count, 4);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SampleRequest {
    /// The number of samples.
    pub count: usize,
    /// The number of the first sample. Sample 4 of a seed is the same whether it is drawn alone or after samples 0 to 3.
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

    /// The same from another first sample on.
    #[must_use]
    pub fn first(mut self, number: u64) -> Self {
        self.first = number;
        self
    }

    /// The same under one condition for all samples.
    #[must_use]
    pub fn condition(self, condition: Condition) -> Self {
        self.conditions([condition])
    }

    /// The same under other conditions: one for all samples, or one each.
    #[must_use]
    pub fn conditions(mut self, conditions: impl IntoIterator<Item = Condition>) -> Self {
        self.conditions = conditions.into_iter().collect();
        self
    }

    /// The same with another way to draw codes.
    #[must_use]
    pub fn choice(mut self, choice: Choice) -> Self {
        self.choice = choice;
        self
    }

    /// The same with other codes to start from.
    #[must_use]
    pub fn given(mut self, given: impl Into<Option<Given>>) -> Self {
        self.given = given.into();
        self
    }

    /// Checks the request, and gives the prior's condition `[count, 2]`.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a number outside its range, [`ErrorKind::Input`] for given codes that do not fit.
    pub(super) fn check(&self, oasis: &Oasis) -> Result<Array2<i64>> {
        let Sizes { grid: [h, w], codebook_size, .. } = oasis.sizes();
        let count = self.count;
        if count == 0 {
            let error = refuse(ErrorKind::Usage, "count", "found 0, expected 1 or more".to_owned());
            return Err(error.hint("set `count` to the number of samples to draw"));
        }
        self.choice.check(codebook_size)?;
        let words = &oasis.bundle().manifest().condition;
        let given: Vec<[i64; 2]> = self.conditions.iter().map(|one| one.encode(words)).collect::<Result<_>>()?;
        if given.len() != 1 && given.len() != count {
            let why = format!("found {}, expected 1 or {count}", given.len());
            return Err(
                refuse(ErrorKind::Usage, "conditions", why).hint("give one condition for all samples, or one each")
            );
        }
        if let Some(Given { codes, rows }) = &self.given {
            let (n, ..) = codes.dim();
            if n != 1 && n != count {
                let why = format!("found {n} grids, expected 1 or {count}");
                return Err(refuse(ErrorKind::Input, "given", why).hint("give one grid for all samples, or one each"));
            }
            oasis.check_codes(codes.view())?;
            if *rows > h {
                let error = refuse(ErrorKind::Usage, "rows", format!("found {rows}, expected 0 to {h}"));
                return Err(error.hint(format!("set `rows` to the number of rows, of {w} codes each, to keep")));
            }
        }
        Ok(Array2::from_shape_fn((count, 2), |(index, axis)| given[index % given.len()][axis]))
    }

    /// Codes `[count, h, w]`, with zeros below the given rows, and the number of given rows.
    pub(super) fn begin(&self, [h, w]: [usize; 2]) -> (Array3<i64>, usize) {
        let mut codes = Array3::zeros((self.count, h, w));
        let Some(Given { codes: given, rows }) = &self.given else { return (codes, 0) };
        let kept = given.slice(s![.., ..*rows, ..]);
        let kept = kept.broadcast((self.count, *rows, w)).expect("the shape was checked");
        codes.slice_mut(s![.., ..*rows, ..]).assign(&kept);
        (codes, *rows)
    }
}

/// How far sampling has come. Samples are drawn in waves, 16 a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Rows that are done in all samples of their wave, the given rows included.
    pub rows_done: usize,
    /// The rows of a grid times the number of waves.
    pub rows: usize,
}

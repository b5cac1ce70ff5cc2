//! New grids of codes from the prior, as if drawn code by code in raster order.
//!
//! Each code is drawn by inverting its cumulated distribution, in f64, at a uniform number that is a function of the
//! seed, the sample's number, the row and the column alone. So a sample does not depend on which others are drawn with
//! it, on threads, or on the order of work; nor on the engine, but for draws that fall within the float error of two
//! engines' logits.

use std::ops::ControlFlow;

use ndarray::{Array2, Array3, ArrayView3, Axis, s};
use rayon::prelude::*;

use super::choose::Choice;
use super::philox::uniform;
use super::pipeline::Oasis;
use super::steps::{Steps, TOGETHER};
use crate::bundle::{Role, Sizes, Vocabulary};
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
}

/// How far sampling has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows that are done, the given ones included.
    pub rows_done: usize,
    /// Rows of the grid.
    pub rows: usize,
}

impl Oasis {
    /// Draws samples: codes `[count, h, w]`. By the steps of the prior where the bundle has them, else by whole passes,
    /// as [`Oasis::sample_by_passes`].
    ///
    /// `progress` is told of every row that is done in every sample; where it breaks, sampling ends.
    ///
    /// # Errors
    /// Those of [`Oasis::sample_by_passes`].
    pub fn sample(
        &self,
        request: &SampleRequest,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Array3<i64>> {
        let condition = self.check_request(request)?;
        let Some(steps) = Steps::load(self)? else { return self.sample_by_passes(request, progress) };
        let (mut codes, given) = self.begin(request);
        let threads = rayon::current_num_threads();
        let [h, _] = self.sizes().grid;
        let at_once = threads * TOGETHER;
        let all = request.count.div_ceil(at_once) * h;
        for (wave, first) in (0..request.count).step_by(at_once).enumerate() {
            let samples = first..(first + at_once).min(request.count);
            let mut groups = steps.groups(samples.clone(), condition.view(), threads);
            for row in 0..h {
                let part = codes.slice_mut(s![samples.clone(), row, ..]);
                steps.rows(request, &mut groups, row, row < given, part)?;
                tell(progress, wave * h + row + 1, all)?;
            }
        }
        Ok(codes)
    }

    /// Draws samples by passes of the whole prior: codes `[count, h, w]`.
    ///
    /// The grid that drawing code by code would give is the fixed point of drawing every code at once from the last
    /// grid, since each draw is a function of the codes before it and of its own uniform number (Wiggers and Hoogeboom,
    /// "Predictive Sampling with Forecasting Autoregressive Models", 2020). So each pass of the prior settles at least
    /// one code of every sample, and as many more as were foreseen.
    ///
    /// `progress` is told when rows are settled in every sample; where it breaks, sampling ends.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] for a request outside its ranges, [`ErrorKind::Input`] for given codes that do not fit or a
    /// bundle without a prior, [`ErrorKind::Model`] for logits that are no numbers, [`ErrorKind::Interrupted`] where
    /// `progress` breaks, and those of [`Oasis::run`].
    pub fn sample_by_passes(
        &self,
        request: &SampleRequest,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Array3<i64>> {
        let Sizes { grid: [h, w], codebook_size, .. } = self.sizes();
        let count = request.count;
        let condition = self.check_request(request)?;
        self.load(&Role::Prior)?;
        let (mut codes, first_row) = self.begin(request);
        let mut settled = vec![first_row * w; count];
        let mut rows_done = first_row;
        while rows_done < h {
            let open: Vec<usize> = (0..count).filter(|index| settled[*index] < h * w).collect();
            let (fed, steer) = (codes.select(Axis(0), &open), condition.select(Axis(0), &open));
            let logits = self.prior_pass(fed.view(), steer.view(), [open.len(), codebook_size, h, w])?;
            let drawn: Vec<(Array2<i64>, usize)> = open
                .par_iter()
                .enumerate()
                .map(|(at, &index)| {
                    let grid = fed.index_axis(Axis(0), at).to_owned();
                    self.settle(request, index, grid, settled[index], logits.index_axis(Axis(0), at))
                })
                .collect::<Result<_>>()?;
            for (&index, (grid, now)) in open.iter().zip(&drawn) {
                codes.index_axis_mut(Axis(0), index).assign(grid);
                settled[index] = *now;
            }
            let rows = settled.iter().min().map_or(h, |least| least / w);
            if rows > rows_done {
                rows_done = rows;
                tell(progress, rows_done, h)?;
            }
        }
        Ok(codes)
    }

    /// Draws every code of a sample that is not settled, from logits `[K, h, w]` of `grid` itself: the next grid, and
    /// how many of its codes, in raster order, are settled. A code is once all those before it were fed as they stay.
    fn settle(
        &self,
        request: &SampleRequest,
        index: usize,
        mut grid: Array2<i64>,
        settled: usize,
        logits: ArrayView3<'_, f32>,
    ) -> Result<(Array2<i64>, usize)> {
        let (h, w) = grid.dim();
        let (mut as_fed, mut now) = (true, settled);
        for at in settled..h * w {
            let (row, column) = (at / w, at % w);
            let code = self.draw(request, index, [row, column], logits.slice(s![.., row, column]).iter().copied())?;
            if as_fed {
                now = at + 1;
                as_fed = grid[[row, column]] == code;
            }
            grid[[row, column]] = code;
        }
        Ok((grid, now))
    }

    /// The code of one place of a sample, from its logits.
    pub(super) fn draw(
        &self,
        request: &SampleRequest,
        index: usize,
        [row, column]: [usize; 2],
        logits: impl Iterator<Item = f32>,
    ) -> Result<i64> {
        let image = request.first.wrapping_add(index as u64);
        let noise = uniform(request.seed, image, row as u32, column as u32);
        request.choice.pick(logits, noise).map(|code| code as i64).ok_or_else(|| {
            let why =
                format!("{} gives logits that are no numbers at row {row}, column {column}", self.engine().name());
            let name = self.bundle().graph(&Role::Prior).map_or("prior", |graph| graph.name());
            Error::new(ErrorKind::Model, "cannot sample", name, why)
        })
    }

    /// Codes `[count, h, w]` with the given rows, zeros below; and how many rows are given.
    fn begin(&self, request: &SampleRequest) -> (Array3<i64>, usize) {
        let Sizes { grid: [h, w], .. } = self.sizes();
        let mut codes = Array3::zeros((request.count, h, w));
        let Some(Given { codes: given, rows }) = &request.given else { return (codes, 0) };
        let kept = given.slice(s![.., ..*rows, ..]);
        let kept = kept.broadcast((request.count, *rows, w)).expect("the shape was checked");
        codes.slice_mut(s![.., ..*rows, ..]).assign(&kept);
        (codes, *rows)
    }

    /// Checks a request without sampling.
    ///
    /// # Errors
    /// Those of [`Oasis::sample`] that can be told beforehand.
    pub fn check_sample(&self, request: &SampleRequest) -> Result<()> {
        self.check_request(request)?;
        self.load(&Role::Prior)
    }

    /// Checks a request, and gives the prior's condition `[count, 2]`.
    fn check_request(&self, request: &SampleRequest) -> Result<Array2<i64>> {
        let Sizes { grid: [h, w], codebook_size, .. } = self.sizes();
        let count = request.count;
        if count == 0 {
            return Err(Error::new(ErrorKind::Usage, "cannot sample", "--count", "found 0, expected 1 or more"));
        }
        request.choice.check(codebook_size)?;
        let words = &self.bundle().manifest().condition;
        let given: Vec<[i64; 2]> = request.conditions.iter().map(|one| one.encode(words)).collect::<Result<_>>()?;
        if given.len() != 1 && given.len() != count {
            let why = format!("found {}, expected 1 or {count}", given.len());
            return Err(Error::new(ErrorKind::Usage, "cannot sample", "conditions", why));
        }
        if let Some(Given { codes, rows }) = &request.given {
            let (n, ..) = codes.dim();
            if n != 1 && n != count {
                let why = format!("found {n} grids, expected 1 or {count}");
                return Err(Error::new(ErrorKind::Input, "cannot sample", "--given", why));
            }
            self.check_codes(codes.view())?;
            if *rows > h {
                let why = format!("found {rows}, expected 0 to {h}");
                return Err(Error::new(ErrorKind::Usage, "cannot sample", "--rows", why)
                    .hint(format!("give the number of {w}-code rows to keep")));
            }
        }
        Ok(Array2::from_shape_fn((count, 2), |(index, axis)| given[index % given.len()][axis]))
    }
}

/// Tells of rows that are done.
///
/// # Errors
/// [`ErrorKind::Interrupted`] where that breaks before the last row.
fn tell(progress: &mut dyn FnMut(Progress) -> ControlFlow<()>, rows_done: usize, rows: usize) -> Result<()> {
    if progress(Progress { rows_done, rows }).is_break() && rows_done < rows {
        let why = format!("stopped after {rows_done} of {rows} rows");
        return Err(Error::new(ErrorKind::Interrupted, "cannot sample", "prior", why));
    }
    Ok(())
}

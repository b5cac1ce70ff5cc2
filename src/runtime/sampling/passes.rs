//! Sampling by passes of the whole prior.
//!
//! The grid that drawing code by code would give is the fixed point of drawing every code at once from the last grid,
//! since each draw is a function of the codes before it and of its own random numbers (Wiggers and Hoogeboom, "Predictive
//! Sampling with Forecasting Autoregressive Models", 2020). So each pass of the prior settles at least one code of every
//! sample, and as many more as were foreseen.

use std::ops::Range;

use ndarray::{Array2, ArrayView3, ArrayViewMut3, Axis, s};
use rayon::prelude::*;

use super::Draws;
use crate::Result;
use crate::bundle::Sizes;

/// Draws `samples` into `codes` `[samples, h, w]`, of which the first `given` rows are there; tells of rows that are
/// settled in all of them.
///
/// # Errors
/// Those of the engine and of `tell`, and logits that are no numbers.
pub(super) fn draw(
    draws: Draws<'_>,
    samples: Range<usize>,
    given: usize,
    mut codes: ArrayViewMut3<'_, i64>,
    tell: &mut dyn FnMut(usize) -> Result<()>,
) -> Result<()> {
    let Sizes { grid: [h, w], codebook_size, .. } = draws.oasis.sizes();
    let mut settled = vec![given * w; samples.len()];
    let mut rows_done = given;
    if given == h {
        tell(h)?;
    }
    while rows_done < h {
        let open: Vec<usize> = (0..samples.len()).filter(|index| settled[*index] < h * w).collect();
        let numbers: Vec<usize> = open.iter().map(|index| samples.start + index).collect();
        let (fed, steer) = (codes.select(Axis(0), &open), draws.condition.select(Axis(0), &numbers));
        let logits = draws.oasis.prior_pass(fed.view(), steer.view(), [open.len(), codebook_size, h, w])?;
        let drawn: Vec<(Array2<i64>, usize)> = open
            .par_iter()
            .enumerate()
            .map(|(at, &index)| {
                let grid = fed.index_axis(Axis(0), at).to_owned();
                settle(draws, numbers[at], grid, settled[index], logits.index_axis(Axis(0), at))
            })
            .collect::<Result<_>>()?;
        for (&index, (grid, now)) in open.iter().zip(&drawn) {
            codes.index_axis_mut(Axis(0), index).assign(grid);
            settled[index] = *now;
        }
        let rows = settled.iter().min().map_or(h, |least| least / w);
        if rows > rows_done {
            rows_done = rows;
            tell(rows_done)?;
        }
    }
    Ok(())
}

/// Draws every code of a sample that is not settled, from logits `[K, h, w]` of `grid` itself: the next grid, and how
/// many of its codes, in raster order, are settled. A code is once all those before it were fed as they stay.
fn settle(
    draws: Draws<'_>,
    sample: usize,
    mut grid: Array2<i64>,
    settled: usize,
    logits: ArrayView3<'_, f32>,
) -> Result<(Array2<i64>, usize)> {
    let (h, w) = grid.dim();
    let (mut as_fed, mut now) = (true, settled);
    for at in settled..h * w {
        let (row, column) = (at / w, at % w);
        let here = logits.slice(s![.., row, column]).to_vec();
        let code = match as_fed {
            true => draws.settle(sample, [row, column], &here, grid.view())?,
            false => draws.draw(sample, [row, column], &here, draws.oasis.engine().name())?.code as i64,
        };
        if as_fed {
            now = at + 1;
            as_fed = grid[[row, column]] == code;
        }
        grid[[row, column]] = code;
    }
    Ok((grid, now))
}

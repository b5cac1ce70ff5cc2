//! Sampling by passes of the whole prior.
//!
//! Each draw is a function of the codes before it and of its own random numbers. So the grid that drawing code by code
//! gives is the one that stays as it is when every code is drawn again from the logits of the grid itself (Wiggers and
//! Hoogeboom, "Predictive Sampling with Forecasting Autoregressive Models", 2020). Each pass of the prior draws anew
//! every code that is not settled. It settles at least one code of every sample, and all those after it whose codes before
//! them the last pass had guessed right.

use ndarray::{Array2, ArrayView3, Axis, s};

use super::draws::{Draws, Wave};
use crate::Result;
use crate::bundle::Sizes;

/// Draws the samples of a wave; tells `tell` how many rows are settled in all of them.
///
/// # Errors
/// Those of the engine and of `tell`, and logits that hold NaN or infinity.
pub(super) fn draw(draws: Draws<'_>, wave: Wave<'_>, tell: &mut dyn FnMut(usize) -> Result<()>) -> Result<()> {
    let Wave { samples, given, mut codes } = wave;
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
        let drawn = draws.workers.map((0..open.len()).collect(), |at| {
            let grid = fed.index_axis(Axis(0), at).to_owned();
            settle(draws, numbers[at], grid, settled[open[at]], logits.index_axis(Axis(0), at))
        })?;
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

/// Draws every code of a sample that is not settled from the logits `[K, h, w]` of its grid. Gives the next grid, and how
/// many of its codes, in raster order, are settled: a code is settled once its logits were computed from final codes.
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

//! Whether engines draw the same samples.

use std::ops::ControlFlow;

use ndarray::{Array3, Axis};

use super::engines::{COMPARE, check_engines};
use super::report::{Report, SamplesReport};
use crate::runtime::pipeline::Oasis;
use crate::runtime::sampling::{Progress, SampleRequest};
use crate::{Error, ErrorKind, Result};

/// Draws the samples of `request` on every engine, and adds to the report of the same engines how many are the same.
///
/// # Errors
/// [`ErrorKind::Usage`] where the report is of other engines, and those of [`Oasis::sampler`] and
/// [`Sampler::sample`](crate::runtime::Sampler::sample).
pub fn compare_samples(
    engines: &[&Oasis],
    request: &SampleRequest,
    report: &mut Report,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<()> {
    check_engines(engines)?;
    let mut drawn: Vec<(&str, Array3<i64>)> = Vec::with_capacity(engines.len());
    for (index, oasis) in engines.iter().enumerate() {
        let mut all = |Progress { rows_done, rows }| {
            progress(Progress { rows_done: index * rows + rows_done, rows: engines.len() * rows })
        };
        drawn.push((oasis.engine().name(), oasis.sampler()?.sample(request, &mut all)?));
    }
    let of = |name: &str| drawn.iter().find(|(engine, _)| *engine == name).map(|(_, codes)| codes);
    for pair in &mut report.pairs {
        let (Some(a), Some(b)) = (of(&pair.a), of(&pair.b)) else {
            let why = format!("the report is of {} and {}, which are not among the engines", pair.a, pair.b);
            return Err(Error::new(ErrorKind::Usage, COMPARE, "samples", why));
        };
        let identical = a.axis_iter(Axis(0)).zip(b.axis_iter(Axis(0))).filter(|(a, b)| a == b).count();
        let pass = identical == request.count;
        pair.samples = Some(SamplesReport { count: request.count, identical, pass });
        pair.pass &= pass;
    }
    report.pass = report.pairs.iter().all(|pair| pair.pass);
    Ok(())
}

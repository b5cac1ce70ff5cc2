//! The judging: samples and slices go through one measure after the other.

use std::ops::ControlFlow;

use ndarray::{Array3, ArrayView1};

use super::anatomy::Measures;
use super::diversity::MsSsim;
use super::features::{Components, encoder_features, small_pictures};
use super::likelihood::BitsPerCode;
use super::memory::{Memory, memoriser};
use super::pictures::Pictures;
use super::report::JudgeReport;
use super::request::JudgeRequest;
use super::sets::{Set, matching};
use super::space::{Frechet, Manifolds, Space};
use super::two_sample::Tests;
use super::watch::Watch;
use crate::data::{Dataset, Split};
use crate::runtime::{Choice, Condition, Oasis, SampleRequest, Sampler};
use crate::{Error, Result};

/// Training slices for each held-out slice that the harder two-sample test learns from.
const LESSONS: u64 = 3;
/// Principal components of small pictures.
const COMPONENTS: usize = 32;

/// Judges the samples of a bundle's prior by the slices of `dataset`, which needs all three splits.
///
/// # Errors
/// [`ErrorKind::Usage`](crate::ErrorKind::Usage) for a request of training slices, of too few or of too many samples,
/// [`ErrorKind::Input`](crate::ErrorKind::Input) for a bundle without a prior, for held-out slices of one subject and
/// for slices that cannot be read, [`ErrorKind::Interrupted`](crate::ErrorKind::Interrupted) where it is stopped, and
/// those of the engine.
pub fn judge(
    oasis: &Oasis,
    dataset: &Dataset,
    request: &JudgeRequest,
    mut watch: Watch<'_>,
) -> Result<(JudgeReport, Pictures)> {
    let JudgeRequest { split, count, seed, choice, quick } = *request;
    let picked = request.pick(dataset)?;
    let sampler = oasis.sampler()?;
    sampler.check(&SampleRequest::new(count, seed).choice(choice))?;

    let mut encode = |split: Split| {
        watch.at(&format!("encoding {split}"))?;
        Set::of_split(oasis, dataset, split, &mut || watch.go_on())
    };
    let (train, validate, test) = (encode(Split::Train)?, encode(Split::Validate)?, encode(Split::Test)?);
    let bits_per_code = if quick {
        None
    } else {
        watch.at("likelihoods")?;
        Some(BitsPerCode::of(oasis, [&train, &validate, &test], &mut || watch.go_on())?)
    };

    watch.at("sampling")?;
    let (held_out, others) = if split == Split::Test { (&test, &validate) } else { (&validate, &test) };
    let real = held_out.select(&picked);
    let samples = real.with_codes(sample(&sampler, &real, choice, seed, &watch)?);
    let seen = train.select(&matching(&train, &real, seed));

    watch.at("features")?;
    let space = |of: &dyn Fn(&Set) -> Result<_>| {
        Ok::<_, Error>(Space { samples: of(&samples)?, real: of(&real)?, seen: of(&seen)?, cases: &real.cases })
    };
    let encoder = space(&|set| encoder_features(oasis, set))?;
    let small = space(&|set| small_pictures(oasis, set))?;
    let components = Components::of(small.seen.view(), COMPONENTS);
    let pca = small.map(|small| components.project(small.view()));
    let (frechet, manifolds) = (Frechet::of(&encoder, &pca), Manifolds::of(&encoder));

    watch.at("diversity")?;
    let msssim = MsSsim::of(oasis, &samples, &real, seed)?;

    watch.at("anatomy")?;
    let [drawn, found, known] = [&samples, &real, &seen].map(|set| Measures::of(oasis, set));
    let anatomy = found?.judge(&drawn?, &known?, &real.cases);

    watch.at("memory")?;
    let memory = Memory { oasis, train: &train, small: small_pictures(oasis, &train)? };
    let near = memory.nearest(&samples)?;
    let others = others.select(&matching(others, &real, seed));
    let memorised = memory.judge(&samples, &near, &real, &others, &memoriser(&train, &real))?;
    let nearest = train.select(&near.iter().map(|near| near.index).collect::<Vec<_>>());
    let pictures = Pictures::of(oasis, &samples, &real, &nearest)?;

    let two_sample = if quick {
        None
    } else {
        watch.at("sampling for the harder two-sample test")?;
        let lessons: Vec<usize> =
            (1..=LESSONS).flat_map(|round| matching(&train, &real, seed.wrapping_add(round))).collect();
        let known = train.select(&lessons);
        let likewise = known.with_codes(sample(&sampler, &known, choice, seed.wrapping_add(1), &watch)?);
        let tests = Tests { oasis, samples: &samples, real: &real, lessons: [&known, &likewise], seed };
        Some(tests.judge(&mut watch)?)
    };
    let report = JudgeReport {
        backend: oasis.engine().name().to_owned(),
        split,
        count,
        seed,
        temperature: choice.temperature,
        top_k: choice.top_k,
        top_p: choice.top_p,
        bits_per_code,
        two_sample,
        frechet,
        manifolds,
        msssim,
        memorised,
        anatomy,
    };
    Ok((report, pictures))
}

/// The codes of samples, one under the condition of each slice of `set`.
fn sample(sampler: &Sampler<'_>, set: &Set, choice: Choice, seed: u64, watch: &Watch<'_>) -> Result<Array3<i64>> {
    let condition = |row: ArrayView1<'_, i64>| Condition::default().slice(row[0]).class(row[1]);
    let request =
        SampleRequest::new(set.len(), seed).choice(choice).conditions(set.condition.outer_iter().map(condition));
    sampler.sample(&request, &mut |_| match watch.stopped() {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    })
}

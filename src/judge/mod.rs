//! How real a bundle's samples are, by numbers that need no pretrained network.
//!
//! Samples are drawn under the conditions of held-out real slices, one each, so that both sets show the same mix of slice
//! positions. What is compared are decoded codes on either side, reconstructions of real slices beside samples, so that
//! the prior is judged and not the decoder; `raw_accuracy` alone takes the real slices as they are.

mod anatomy;
mod classify;
mod diversity;
mod features;
mod likelihood;
mod memory;
mod pictures;
mod report;
mod sets;
mod space;
mod two_sample;

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::Array3;

use self::anatomy::Measures;
pub use self::anatomy::{Anatomy, Apart};
use self::diversity::diversity;
use self::features::{Components, encoder_features, small_pictures};
pub use self::likelihood::BitsPerCode;
pub use self::memory::Memorised;
use self::memory::{Memory, memoriser};
pub use self::pictures::Pictures;
pub use self::report::{Frechet, JudgeReport, Manifolds, MsSsim};
use self::sets::{Set, matching};
use self::space::Space;
use self::two_sample::Tested;
pub use self::two_sample::{Taught, TwoSample};
use crate::data::{Dataset, Split};
use crate::runtime::{Choice, Condition, Oasis, SampleRequest, Sampler};
use crate::{Error, ErrorKind, Result};

/// Fewest samples that are judged.
pub const FEWEST: usize = 16;
/// Training slices for each held-out slice that the harder two-sample test learns from.
const LESSONS: u64 = 3;
/// Principal components of small pictures.
const COMPONENTS: usize = 32;

/// What to judge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JudgeRequest {
    /// The held-out slices that samples are set beside: test slices, or validation slices to choose a setting by.
    pub split: Split,
    /// Samples, and real slices beside them: [`FEWEST`] to as many as the split has.
    pub count: usize,
    /// The seed of samples, pairs and the two-sample test's networks.
    pub seed: u64,
    /// How samples are drawn.
    pub choice: Choice,
    /// Leave out what takes most of the time: the two-sample tests, and the likelihoods, which are of the prior and not of a
    /// setting.
    pub quick: bool,
}

/// Whoever watches.
pub struct Watch<'a> {
    /// Once set, judging ends with [`ErrorKind::Interrupted`].
    pub stop: &'a AtomicBool,
    /// Told what is being done.
    pub say: &'a mut dyn FnMut(&str),
}

impl Watch<'_> {
    fn at(&mut self, what: &str) -> Result<()> {
        (self.say)(what);
        self.go_on()
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn go_on(&self) -> Result<()> {
        if self.stopped() { Err(self.stopped_error()) } else { Ok(()) }
    }

    fn stopped_error(&self) -> Error {
        Error::new(ErrorKind::Interrupted, "cannot judge", "prior", "stopped before the end")
    }
}

/// Judges the samples of a bundle's prior by the slices of `dataset`, all three splits of it.
///
/// # Errors
/// [`ErrorKind::Usage`] for training slices, too few or too many samples, [`ErrorKind::Input`] for a bundle without a prior,
/// held-out slices of one subject or slices that cannot be read, [`ErrorKind::Interrupted`] where it is stopped, and those
/// of the engine.
pub fn judge(
    oasis: &Oasis,
    dataset: &Dataset,
    request: &JudgeRequest,
    mut watch: Watch<'_>,
) -> Result<(JudgeReport, Pictures)> {
    let JudgeRequest { split, count, seed, choice, quick } = *request;
    let picked = check(dataset, split, count)?;
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
    let spread = |of: &dyn Fn(&Set) -> Result<_>| {
        Ok::<_, Error>(Space { samples: of(&samples)?, real: of(&real)?, seen: of(&seen)?, cases: &real.cases })
    };
    let encoder = spread(&|set| encoder_features(oasis, set))?;
    let small = spread(&|set| small_pictures(oasis, set))?;
    let components = Components::of(small.seen.view(), COMPONENTS);
    let pca = small.map(|small| components.project(small.view()));
    let (frechet, manifolds) = (Frechet::of(&encoder, &pca), Manifolds::of(&encoder));

    watch.at("diversity")?;
    let msssim = MsSsim::of(diversity(oasis, &samples, seed)?, diversity(oasis, &real, seed)?);

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
        let tested = Tested { oasis, samples: &samples, real: &real, teaching: [&known, &likewise], seed };
        Some(tested.judge(&mut watch)?)
    };
    let report = JudgeReport {
        backend: oasis.engine().name().to_owned(),
        split: split.name().to_owned(),
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

/// The numbers of the `count` slices of a split that are judged, evenly spread.
fn check(dataset: &Dataset, split: Split, count: usize) -> Result<Vec<usize>> {
    if split == Split::Train {
        let why = "found train, expected test or validate: slices that the prior has not seen";
        return Err(Error::new(ErrorKind::Usage, "cannot judge", "--split", why).hint("pass --split test"));
    }
    let files = dataset.split(split)?;
    let held_out = files.len();
    if !(FEWEST..=held_out).contains(&count) {
        let why = format!("found {count}, expected {FEWEST} to {held_out}, the number of {split} slices");
        return Err(Error::new(ErrorKind::Usage, "cannot judge", "--count", why)
            .hint(format!("leave --count out to judge as many as there are {split} slices")));
    }
    let picked: Vec<usize> = (0..count).map(|index| index * held_out / count).collect();
    let cases: BTreeSet<_> = picked.iter().map(|index| files[*index].case).collect();
    if cases.len() < 2 && cases.first() != Some(&None) {
        let why = format!("found {split} slices of {} subject, expected 2 or more", cases.len());
        return Err(Error::new(ErrorKind::Input, "cannot judge", dataset.root().display(), why)
            .hint("the two-sample test is trained on some subjects and tested on others; use data with more of them"));
    }
    Ok(picked)
}

/// A sample under the condition of every slice of `real`.
fn sample(sampler: &Sampler<'_>, real: &Set, choice: Choice, seed: u64, watch: &Watch<'_>) -> Result<Array3<i64>> {
    let condition = |row: ndarray::ArrayView1<'_, i64>| Condition::default().slice(row[0]).class(row[1]);
    let sampling =
        SampleRequest::new(real.len(), seed).choice(choice).conditions(real.condition.outer_iter().map(condition));
    sampler.sample(&sampling, &mut |_| match watch.stopped() {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    })
}

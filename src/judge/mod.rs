//! How real a bundle's samples are, by numbers that need no pretrained network.
//!
//! Samples are drawn under the conditions of held-out real slices, one each, so that both sets show the same mix of slice
//! positions. What is compared are decoded codes on either side, reconstructions of real slices beside samples, so that
//! the prior is judged and not the decoder; `raw_accuracy` alone takes the real slices as they are.

mod anatomy;
mod classify;
mod features;
mod memory;
mod report;
mod sets;

use std::sync::atomic::{AtomicBool, Ordering};

use burn::tensor::Device;
use ndarray::{Array2, Array3, Axis, s};
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use rayon::prelude::*;

use self::anatomy::Measures;
pub use self::anatomy::{Anatomy, Apart};
use self::classify::tell_apart;
use self::features::{Components, Features};
pub use self::memory::Memorised;
use self::memory::{Memory, memorised};
pub use self::report::{BitsPerCode, Frechet, JudgeReport, MsSsim, TwoSample};
use self::sets::{Set, image};
use crate::data::{Dataset, Fit, Frame, Split};
use crate::metrics::{CodeHistograms, frechet, median_distance, mmd, ms_ssim, precision};
use crate::runtime::{Choice, Condition, Oasis, SampleRequest};
use crate::{Error, ErrorKind, Result};

/// Principal components of small pictures.
const COMPONENTS: usize = 32;
/// Neighbours that a manifold reaches to.
const NEIGHBOURS: usize = 3;
/// The accuracy that the two-sample test must reach on samples that are no brains.
const CONTROL: f64 = 0.95;
/// Rows and columns of the centred part that the two-sample test looks at; it holds every registered brain.
const LOOK: [usize; 2] = [192, 160];

/// What to judge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JudgeRequest {
    /// Samples, and real slices beside them; at most as many as there are test slices.
    pub count: usize,
    /// The seed of samples, pairs and the two-sample test's networks.
    pub seed: u64,
    /// How samples are drawn.
    pub choice: Choice,
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

    fn go_on(&self) -> Result<()> {
        if !self.stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Interrupted, "cannot judge", "prior", "stopped before the end"))
    }
}

/// Judges the samples of a bundle's prior by the slices of `dataset`, all three splits of it.
///
/// # Errors
/// [`ErrorKind::Usage`] for too few or too many samples, [`ErrorKind::Input`] for a bundle without a prior or slices that
/// cannot be read, [`ErrorKind::Interrupted`] where it is stopped, and those of the engine.
pub fn judge(oasis: &Oasis, dataset: &Dataset, request: &JudgeRequest, mut watch: Watch<'_>) -> Result<JudgeReport> {
    let JudgeRequest { count, seed, choice } = *request;
    let files = dataset.split(Split::Test)?;
    if !(8..=files.len()).contains(&count) {
        let why = format!("found {count}, expected 8 to {}, the number of test slices", files.len());
        return Err(Error::new(ErrorKind::Usage, "cannot judge", "--count", why));
    }
    let mut sampling = SampleRequest { choice, ..SampleRequest::new(count, seed) };
    oasis.check_sample(&sampling)?;

    let mut encode = |split: Split| {
        watch.at(&format!("encoding {split}"))?;
        Set::of_split(oasis, dataset, split, &mut |_| watch.go_on())
    };
    let (train, validate, test) = (encode(Split::Train)?, encode(Split::Validate)?, encode(Split::Test)?);

    watch.at("likelihoods")?;
    let histograms = CodeHistograms::fit(train.codes.view(), validate.codes.view(), oasis.sizes().codebook_size);
    let bits = |set: &Set| -> Result<f64> {
        let mut total = 0.0;
        for first in (0..set.len()).step_by(64) {
            let some = s![first..(first + 64).min(set.len()), ..];
            let codes = set.codes.slice(s![first..(first + 64).min(set.len()), .., ..]);
            total += oasis.bits_per_code(codes, set.condition.slice(some))?.sum();
            watch.go_on()?;
        }
        Ok(total / set.len() as f64)
    };
    let bits_per_code = BitsPerCode {
        train: bits(&train)?,
        validate: bits(&validate)?,
        test: bits(&test)?,
        uniform: histograms.uniform(),
        order0: histograms.order0(test.codes.view()),
        per_position: histograms.per_position(test.codes.view()),
    };

    watch.at("sampling")?;
    let picked: Vec<usize> = (0..count).map(|index| index * test.len() / count).collect();
    let real = test.select(&picked);
    sampling.conditions =
        real.condition.outer_iter().map(|row| Condition { slice: Some(row[0]), class: Some(row[1]) }).collect();
    let stop = watch.stop;
    let codes = oasis.sample(&sampling, &mut |_| match stop.load(Ordering::Relaxed) {
        true => std::ops::ControlFlow::Break(()),
        false => std::ops::ControlFlow::Continue(()),
    })?;
    let samples = real.with_codes(codes);
    let seen = train.select(&matching(&train, &real, seed));
    let others = validate.select(&matching(&validate, &real, seed));
    let repeated = memorised(&train, &real);

    watch.at("features")?;
    let of = |set: &Set| Features::of(oasis, set);
    let [of_samples, of_real, of_seen] = [of(&samples)?, of(&real)?, of(&seen)?];
    let components = Components::of(of_seen.small.view(), COMPONENTS);
    let project = |features: &Features| components.project(features.small.view());
    let ratio = |apart: &dyn Fn(&Array2<f64>, &Array2<f64>) -> f64, of: &dyn Fn(&Features) -> Array2<f64>| {
        apart(&of(&of_samples), &of(&of_real)) / apart(&of(&of_seen), &of(&of_real))
    };
    let by_frechet = |a: &Array2<f64>, b: &Array2<f64>| frechet(a.view(), b.view());
    let width = median_distance(of_real.encoder.view());
    let by_mmd = |a: &Array2<f64>, b: &Array2<f64>| mmd(a.view(), b.view(), width);
    let encoder = |features: &Features| features.encoder.clone();

    watch.at("diversity")?;
    let msssim = MsSsim { samples: diversity(oasis, &samples, seed)?, real: diversity(oasis, &real, seed)? };

    watch.at("memory")?;
    let whole = Features::of(oasis, &train)?;
    let small_of = |set: &Set| Ok::<_, Error>(Features::of(oasis, set)?.small);
    let (small_others, small_repeated) = (small_of(&others)?, small_of(&repeated)?);
    let memory = Memory { oasis, train: &train, small: whole.small.view() };
    let memorised = memory.judge(
        (&samples, of_samples.small.view()),
        (&real, of_real.small.view()),
        (&others, small_others.view()),
        (&repeated, small_repeated.view()),
    )?;

    watch.at("anatomy")?;
    let measures = |set: &Set| Measures::of(oasis, set);
    let anatomy = measures(&real)?.judge(&measures(&samples)?, &measures(&seen)?);

    let device = Device::flex().autodiff();
    let drawn = looked_at(oasis, &samples)?;
    let mut told = |what: &str, theirs: &Array3<f32>, ours: &Array3<f32>| {
        watch.at(&format!("two-sample test: {what}"))?;
        tell_apart(ours, theirs, &real.cases, seed, &device, || stop.load(Ordering::Relaxed))
            .ok_or_else(|| Error::new(ErrorKind::Interrupted, "cannot judge", "prior", "stopped before the end"))
    };
    let reconstructed = looked_at(oasis, &real)?;
    let shuffled = looked_at(oasis, &shuffled(&real, seed))?;
    let raw_slices = raw(&picked.iter().map(|index| &files[*index].path).collect::<Vec<_>>())?;
    let two = told("reconstructions", &reconstructed, &drawn)?;
    let raw = told("raw slices", &raw_slices, &drawn)?;
    let control = told("control", &reconstructed, &shuffled)?;

    Ok(JudgeReport {
        backend: oasis.engine().name().to_owned(),
        count,
        seed,
        temperature: choice.temperature,
        bits_per_code,
        two_sample: TwoSample {
            accuracy: two.accuracy,
            low: two.interval[0],
            high: two.interval[1],
            raw_accuracy: raw.accuracy,
            control: control.accuracy,
            valid: control.accuracy >= CONTROL,
        },
        frechet: Frechet { encoder_ratio: ratio(&by_frechet, &encoder), pca_ratio: ratio(&by_frechet, &project) },
        mmd_ratio: ratio(&by_mmd, &encoder),
        precision: precision(of_samples.encoder.view(), of_real.encoder.view(), NEIGHBOURS),
        recall: precision(of_real.encoder.view(), of_samples.encoder.view(), NEIGHBOURS),
        real_precision: precision(of_seen.encoder.view(), of_real.encoder.view(), NEIGHBOURS),
        msssim,
        memorised,
        anatomy,
    })
}

/// For every slice of `like`, one of `set` at the same position, drawn; any where there is none.
fn matching(set: &Set, like: &Set, seed: u64) -> Vec<usize> {
    let mut rng = StdRng::seed_from_u64(seed);
    let positions = like.condition.column(0);
    positions
        .iter()
        .map(|position| {
            let there: Vec<usize> = (0..set.len()).filter(|index| set.condition[[*index, 0]] == *position).collect();
            there.choose(&mut rng).copied().unwrap_or_else(|| rng.random_range(0..set.len()))
        })
        .collect()
}

/// The mean MS-SSIM of pairs of a set's images of one position and different subjects.
fn diversity(oasis: &Oasis, set: &Set, seed: u64) -> Result<f64> {
    let images = whole(oasis, set)?;
    let mut rng = StdRng::seed_from_u64(seed);
    let pairs: Vec<(usize, usize)> = (0..set.len())
        .filter_map(|index| {
            let fits = |other: &usize| {
                set.condition[[*other, 0]] == set.condition[[index, 0]] && set.cases[*other] != set.cases[index]
            };
            let others: Vec<usize> = (0..set.len()).filter(fits).collect();
            others.choose(&mut rng).map(|other| (index, *other))
        })
        .collect();
    let view = |index: usize| images.index_axis(Axis(0), index);
    let total: f64 = pairs.par_iter().map(|(a, b)| ms_ssim(view(*a), view(*b))).sum();
    Ok(total / pairs.len() as f64)
}

/// A set's decoded images `[n, 256, 256]`.
fn whole(oasis: &Oasis, set: &Set) -> Result<Array3<f32>> {
    let side = crate::bundle::IMAGE;
    let mut all = Array3::zeros((set.len(), side[0], side[1]));
    set.decode(oasis, |first, images| {
        for index in 0..images.dim().0 {
            all.index_axis_mut(Axis(0), first + index).assign(&image(images, index));
        }
        Ok(())
    })?;
    Ok(all)
}

/// The part of a set's images that the two-sample test looks at.
fn looked_at(oasis: &Oasis, set: &Set) -> Result<Array3<f32>> {
    Ok(centre(&whole(oasis, set)?))
}

fn centre(images: &Array3<f32>) -> Array3<f32> {
    let (_, height, width) = images.dim();
    let (top, left) = ((height - LOOK[0]) / 2, (width - LOOK[1]) / 2);
    images.slice(s![.., top..top + LOOK[0], left..left + LOOK[1]]).to_owned()
}

/// Slices as they are, of which the two-sample test looks at a part.
fn raw(paths: &[&std::path::PathBuf]) -> Result<Array3<f32>> {
    let frames: Vec<Frame> = paths.par_iter().map(|path| Frame::decode(path, Fit::Exact)).collect::<Result<_>>()?;
    let views: Vec<_> = frames.iter().map(|frame| frame.pixels.view()).collect();
    Ok(centre(&ndarray::stack(Axis(0), &views).expect("frames are of one size")))
}

/// A set with the codes of every grid in an order drawn anew: the right codes, and no brain.
fn shuffled(set: &Set, seed: u64) -> Set {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut codes = set.codes.clone();
    for mut grid in codes.outer_iter_mut() {
        let mut order: Vec<i64> = grid.iter().copied().collect();
        order.shuffle(&mut rng);
        grid.iter_mut().zip(order).for_each(|(code, other)| *code = other);
    }
    set.with_codes(codes)
}

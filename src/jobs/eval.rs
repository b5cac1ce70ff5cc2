//! SSIM and the rest over a split.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::report::{EvalReport, Tally};
use super::scores::{Origin, ScoreFile, ScoreRow, codes_of, read_csv};
use super::stream::{Ended, Stream, stack};
use crate::bundle::Bundle;
use crate::data::{SliceFile, order};
use crate::runtime::{Oasis, image_at};
use crate::{Error, ErrorKind, Result, Subject};

const MERGE: &str = "cannot merge scores";

/// Scores every slice of `stream`, and writes a row for each into `csv`.
///
/// Where the stream is stopped, the report and the file hold the slices that were done.
///
/// # Errors
/// Those of the engine; [`ErrorKind::Input`] where the file cannot be written or no slice could be scored;
/// [`ErrorKind::Interrupted`] where it was stopped before the first slice was done.
pub fn evaluate(oasis: &Oasis, stream: &mut Stream<'_>, csv: Option<&Path>) -> Result<(EvalReport, Ended)> {
    let started = Instant::now();
    let origin = Origin::of(oasis);
    let mut file = csv.map(ScoreFile::create).transpose()?;
    let mut tally = Tally::new(oasis.sizes());
    let files = stream.files;
    let ended = stream.run(
        files,
        oasis.engine().best_batch(),
        |slices| {
            let images = stack(slices)?;
            let codes = oasis.encode(images.view())?;
            let reconstructions = oasis.decode(codes.view())?;
            let row = |(index, (file, frame)): (usize, &(&SliceFile, crate::data::Frame))| {
                let codes = codes_of(codes.view(), index);
                ScoreRow::new(file, frame.pixels.view(), image_at(&reconstructions, index), codes, &origin)
            };
            Ok(slices.iter().enumerate().map(row).collect())
        },
        |row| {
            if let Some(file) = &mut file {
                file.add(&row)?;
            }
            tally.add(&row)
        },
    )?;
    if tally.images() == 0 {
        return Err(match ended.failures.into_iter().next() {
            Some(failure) => failure.error,
            None if ended.interrupted => {
                Error::new(ErrorKind::Interrupted, "stopped", "evaluation", "no slice was done yet")
            }
            None => Error::new(ErrorKind::Input, "nothing to evaluate", "evaluation", "there are no slices"),
        });
    }
    if let Some(file) = file {
        file.finish()?;
    }
    Ok((tally.report(&origin, started.elapsed().as_secs_f64()), ended))
}

/// Joins the scores that [`evaluate`] wrote for parts of a split: gives the report, and writes to `csv` the rows, that one
/// run over the whole split would have given; its `seconds` are 0.
///
/// # Errors
/// [`ErrorKind::Input`] where a file cannot be read, a slice is scored twice, the scores come from two engines or from
/// another bundle than `bundle`, or there are none.
pub fn merge(files: &[PathBuf], bundle: &Bundle, csv: Option<&Path>) -> Result<EvalReport> {
    let fail = |path: &Path, why: String| Error::input(MERGE, path, why);
    let mut rows = Vec::new();
    let mut origin: Option<Origin> = None;
    for file in files {
        for row in read_csv(file)? {
            let found = row.origin();
            let first = origin.get_or_insert_with(|| found.clone());
            if *first != found {
                let why = format!(
                    "found scores of {} on bundle {}, but {} has {} on bundle {}",
                    found.backend,
                    found.bundle,
                    files[0].display(),
                    first.backend,
                    first.bundle
                );
                return Err(fail(file, why).hint("merge shards of one engine and one bundle"));
            }
            rows.push((SliceFile::new(PathBuf::from(&row.file)), row));
        }
    }
    let Some(origin) = origin else {
        return Err(match files.first() {
            Some(first) => fail(first, "there are no scores in any of the files".to_owned()),
            None => {
                Error::new(ErrorKind::Usage, MERGE, Subject::setting("merge"), "found no files, expected 1 or more")
            }
        });
    };
    if origin.bundle != bundle.id() {
        let why = format!("found scores of bundle {}, but {} is {}", origin.bundle, bundle.name(), bundle.id());
        return Err(fail(&files[0], why).hint("set `bundle` to the bundle that the scores were made with"));
    }
    rows.sort_by(|(a, _), (b, _)| order(a, b));
    if let Some(pair) = rows.windows(2).find(|pair| pair[0].1.file == pair[1].1.file) {
        let why = format!("the slice {} is scored twice", pair[0].1.file);
        return Err(fail(&files[0], why).hint("name each shard once"));
    }
    let mut file = csv.map(ScoreFile::create).transpose()?;
    let mut tally = Tally::new(bundle.sizes());
    for (_, row) in &rows {
        tally.add(row)?;
        if let Some(file) = &mut file {
            file.add(row)?;
        }
    }
    if let Some(file) = file {
        file.finish()?;
    }
    Ok(tally.report(&origin, 0.0))
}

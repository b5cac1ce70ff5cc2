//! SSIM and the rest over a split.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::outputs::is_input;
use super::report::{EvalReport, Tally};
use super::score_reader::read_csv;
use super::scores::{Origin, ScoreFile, ScoreRow, codes_of};
use super::stream::{Ended, Stream, stack};
use super::table::Table;
use crate::bundle::Bundle;
use crate::data::{SliceFile, order};
use crate::fs::is_one_of;
use crate::plain::spell;
use crate::runtime::{Oasis, image_at};
use crate::{Error, ErrorKind, Result, Subject};

const MERGE: &str = "cannot merge scores";

/// Scores every slice of `stream`, and writes a row for each into `csv`.
///
/// Where the stream is stopped, the report and the file hold the slices that were done. A file that can be begun and not
/// finished is a failure beside the report.
///
/// # Errors
/// Those of the engine; [`ErrorKind::Input`] where the file cannot be written or is a slice, or no slice could be scored;
/// [`ErrorKind::Interrupted`] where it was stopped before the first slice was done.
pub fn evaluate(oasis: &Oasis, stream: &mut Stream<'_>, csv: Option<&Path>) -> Result<(EvalReport, Ended)> {
    let started = Instant::now();
    let origin = Origin::of(oasis);
    let files = stream.files;
    let begin = |csv| Ok(Table::begun(csv, begin(csv, files.iter().map(|file| file.path.as_path()))?));
    let mut table: Option<Table> = csv.map(begin).transpose()?;
    let mut tally = Tally::new(oasis.sizes());
    let mut ended = stream.run(
        files,
        oasis.engine().best_batch(),
        |slices| {
            let images = stack(slices)?;
            let codes = oasis.encode(images.view())?;
            let reconstructions = oasis.decode(codes.view())?;
            let row = |(index, (file, frame)): (usize, &(&SliceFile, crate::data::Frame))| {
                let codes = codes_of(codes.view(), index);
                let reconstruction = image_at(&reconstructions, index);
                Ok(ScoreRow::new(file.file_name(), file, frame.pixels.view(), reconstruction, codes, &origin))
            };
            Ok(slices.iter().enumerate().map(row).collect())
        },
        |row| {
            if let Some(table) = &mut table {
                table.add(&row);
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
    ended.failures.extend(table.and_then(Table::finish));
    Ok((tally.report(&origin, started.elapsed().as_secs_f64()), ended))
}

/// Begins the file of scores, unless it is one of the `inputs`.
fn begin<'a>(csv: &Path, inputs: impl Iterator<Item = &'a Path>) -> Result<ScoreFile> {
    if is_one_of(csv, inputs) {
        return Err(is_input(csv, "csv"));
    }
    ScoreFile::create(csv)
}

/// Joins the scores that [`evaluate`] wrote for parts of a split: gives the report, and writes to `csv` the rows, that one
/// run over the whole split would have given; its `seconds` are 0.
///
/// # Errors
/// [`ErrorKind::Input`] where a file cannot be read, a row has scores or codes that no slice can have, a slice is scored
/// twice, the scores come from two engines or from another bundle than `bundle`, there are none, or `csv` is one of the
/// files.
pub fn merge(files: &[PathBuf], bundle: &Bundle, csv: Option<&Path>) -> Result<EvalReport> {
    let fail = |path: &Path, why: String| Error::input(MERGE, path, why);
    let id = bundle.id();
    let mut rows = Vec::new();
    let mut origin: Option<Origin> = None;
    let mut places: HashMap<String, (usize, u64)> = HashMap::new();
    for (index, file) in files.iter().enumerate() {
        for (line, row) in read_csv(file, &id, bundle.sizes())? {
            let found = row.origin();
            let first = origin.get_or_insert_with(|| found.clone());
            if *first != found {
                let why = format!(
                    "found scores of {} on bundle {} in line {line}, but {} has {} on bundle {}",
                    found.backend,
                    found.bundle,
                    spell(&files[0]),
                    first.backend,
                    first.bundle
                );
                return Err(fail(file, why).hint("merge shards of one engine and one bundle"));
            }
            if let Some((other, at)) = places.insert(row.file.clone(), (index, line)) {
                let other = spell(&files[other]);
                let why = format!("the slice {} in line {line} is scored in line {at} of {other} too", row.file);
                return Err(fail(file, why).hint("name each shard once"));
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
    if origin.bundle != id {
        let why = format!("found scores of bundle {}, but {} is {id}", origin.bundle, bundle.name());
        return Err(fail(&files[0], why).hint("set `bundle` to the bundle that the scores were made with"));
    }
    rows.sort_by(|(a, x), (b, y)| order(a, b).then_with(|| x.file.cmp(&y.file)));
    let mut file = csv.map(|csv| begin(csv, files.iter().map(PathBuf::as_path))).transpose()?;
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

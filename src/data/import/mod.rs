//! From what people download to a dataset: discs of OASIS-1 and trees of NIfTI volumes to slices in three splits.
//!
//! Volumes are read and cut one by one into a folder beside the dataset, `OUT.importing`, where each is whole or not
//! there, so that a run that was stopped is gone on with. The dataset appears when all of it is written.

mod record;
mod request;
mod scan;
mod sheet;
mod slab;
mod split;
mod tree;
mod work;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

pub use self::record::{ImportReport, Imported, Making, NotTaken, Row, Unusable};
pub use self::request::ImportRequest;
use self::scan::Scan;
pub use self::sheet::Known;
use self::sheet::Sheets;
pub use self::slab::{MNI_FIRST, Slab, T88_FIRST};
pub(crate) use self::slab::{first as first_slice, in_atlas};
pub use self::split::Held;
use super::slice::{SLICES, Split};
use super::subjects::{self, dementia_class};
use crate::fs::{check_free, create_folder, create_folder_inside, write_atomic, write_folder, write_inside};
use crate::{Error, ErrorKind, Result, Subject};

/// Larger files of settings are not believed: 64 KiB.
const MAX_SETTINGS: u64 = 64 << 10;

/// Makes a dataset of the volumes in a tree: 32 axial slices of each, as `case_NNN_slice_M.nii.png` in
/// `keras_png_slices_{train,validate,test}`, `subjects.csv`, and `import.json`, which is the report.
///
/// Subjects are split, not slices: all scans of one lie in one split. `progress` is called with (volumes done, volumes in
/// all), from several threads. Volumes that cannot be used are told of in the report; the others are done.
///
/// # Errors
/// [`ErrorKind::Input`]: the tree holds no volume, or a set that no split can be made of; none of its volumes can be used;
/// `out` is there already or cannot be written; `OUT.importing` was made with other settings. [`ErrorKind::Usage`] for
/// other bits than 8 and 16, or more subjects held out than there are. [`ErrorKind::Interrupted`] where it was stopped:
/// what is done is kept.
pub fn import(request: &ImportRequest<'_>, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<ImportReport> {
    if ![8, 16].contains(&request.bits) {
        let why = format!("found {}, expected 8 or 16", request.bits);
        return Err(Error::new(ErrorKind::Usage, "cannot import", Subject::setting("bits"), why));
    }
    if !request.tree.is_dir() {
        let why = if request.tree.exists() { "it is a file, expected a folder" } else { "no such folder" };
        return Err(
            Error::input("cannot import", request.tree, why).hint("name the folder that holds what was unpacked")
        );
    }
    check_free(request.out)?;
    let files = tree::walk(request.tree)?;
    let (scans, reasons) = scan::scans(&files);
    if scans.is_empty() {
        return Err(tree::refusal(request.tree, &files));
    }
    let mut sheets = Sheets::of(request.tree, &files);
    let known: Vec<Known> = scans.iter().map(|scan| sheets.known(&scan.subject, &scan.session)).collect();
    // Told before the work is begun, where so many subjects cannot be held out.
    splits(request, &scans, &known)?;
    let staging = staging(request.out);
    prepare(&staging, &making(request))?;

    let (done, resumed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results: Vec<Option<Result<Imported>>> = scans
        .par_iter()
        .zip(&known)
        .map(|(scan, known)| {
            if request.stop.load(Ordering::SeqCst) {
                return None;
            }
            let folder = staging.join(format!("case_{:03}", scan.case));
            let result = match work::done(&folder, scan, *known) {
                Some(imported) => {
                    resumed.fetch_add(1, Ordering::Relaxed);
                    Ok(imported)
                }
                None => {
                    let _ = std::fs::remove_dir_all(&folder);
                    work::make(request, scan, *known, &folder)
                }
            };
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, scans.len());
            Some(result)
        })
        .collect();
    if results.iter().any(Option::is_none) {
        let done = results.iter().flatten().filter(|result| result.is_ok()).count();
        let why = format!("{done} of {} volumes are done and kept in {}", scans.len(), staging.display());
        return Err(Error::new(ErrorKind::Interrupted, "stopped", "import", why).hint("run it again for the rest"));
    }
    let (mut volumes, mut used, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for (scan, result) in scans.iter().zip(results.into_iter().flatten()) {
        match result {
            Ok(imported) => {
                used.push(scan.clone());
                volumes.push(imported);
            }
            Err(error) => {
                failed.push(Unusable { path: request.tree.join(&scan.path), why: error.why().to_owned(), error })
            }
        }
    }
    if volumes.is_empty() {
        let _ = std::fs::remove_dir_all(&staging);
        let first = failed.remove(0).error;
        return Err(match failed.len() {
            0 => first,
            more => Error::input(
                "cannot import",
                request.tree,
                format!("none of its {} volumes can be used; the first: {first}", more + 1),
            )
            .hint(first.hints().first().cloned().unwrap_or_else(|| "correct the volumes".to_owned())),
        });
    }
    let known: Vec<Known> = volumes.iter().map(|volume| volume.known).collect();
    let splits = splits(request, &used, &known)?;
    let mut volumes: Vec<Row> =
        volumes.into_iter().map(|volume| Row { split: splits[&volume.subject], volume }).collect();
    volumes.sort_by_key(|row| row.volume.case);
    let mut subjects = BTreeMap::new();
    for split in splits.values() {
        *subjects.entry(*split).or_insert(0) += 1;
    }
    let mut warnings = sheets.warnings;
    for row in &volumes {
        warnings.extend(row.volume.warnings.iter().map(|warning| format!("{}: {warning}", row.volume.path)));
    }
    let registered = volumes.iter().filter(|row| row.volume.registered).count();
    if registered > 0 && registered < volumes.len() {
        warnings
            .push(format!("{registered} of {} volumes are said to lie in an atlas: the set is mixed", volumes.len()));
    }
    let report = ImportReport {
        out: request.out.to_path_buf(),
        tree: request.tree.to_path_buf(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        making: making(request),
        seed: request.seed,
        subjects,
        slices: volumes.len() * usize::from(SLICES),
        resumed: resumed.into_inner(),
        volumes,
        left_out: reasons
            .iter()
            .map(|(why, paths)| NotTaken { why: (*why).to_owned(), count: paths.len(), first: scan::first(paths) })
            .collect(),
        failed,
        warnings,
    };
    write_folder(request.out, |folder| finish(&staging, folder, &report))?;
    let _ = std::fs::remove_dir_all(&staging);
    Ok(report)
}

/// Where volumes are kept until all are done.
fn staging(out: &Path) -> PathBuf {
    let mut name = out.components().next_back().map_or_else(OsString::new, |part| part.as_os_str().to_owned());
    name.push(".importing");
    out.with_file_name(name)
}

fn making(request: &ImportRequest<'_>) -> Making {
    let ImportRequest { slab, scale, bits, axes, registered, .. } = *request;
    Making { slab: slab.map(|slab| slab.to_string()), scale, bits, axes: axes.map(|axes| axes.to_string()), registered }
}

/// Makes the folder of unfinished work, or checks that what lies there was begun with the same settings.
fn prepare(staging: &Path, making: &Making) -> Result<()> {
    let settings = staging.join("settings.json");
    create_folder(staging)?;
    match crate::fs::read(&settings, MAX_SETTINGS) {
        Ok(bytes) if serde_json::from_slice::<Making>(&bytes).ok().as_ref() == Some(making) => Ok(()),
        Ok(_) => Err(Error::input("cannot go on with an import", staging, "it was begun with other settings")
            .hint("give the same settings, or remove that folder to begin again")),
        Err(_) if std::fs::read_dir(staging).is_ok_and(|mut entries| entries.next().is_some()) => {
            Err(Error::input("cannot import", staging, "a folder of that name is in the way, and is no import's")
                .hint("remove it, or choose another `out`"))
        }
        Err(_) => write_inside(&settings, |file| serde_json::to_writer(file, making).map_err(std::io::Error::other)),
    }
}

/// The split of each subject.
fn splits(request: &ImportRequest<'_>, scans: &[Scan], known: &[Known]) -> Result<BTreeMap<String, Split>> {
    let mut classes: BTreeMap<String, Option<u8>> = BTreeMap::new();
    for (scan, known) in scans.iter().zip(known) {
        let class = known.cdr.and_then(|cdr| dementia_class(cdr).ok());
        let held = classes.entry(scan.subject.clone()).or_default();
        *held = held.or(class);
    }
    split::assign(&classes, request.validate, request.test, request.seed).map_err(|why| {
        Error::new(ErrorKind::Usage, "cannot split subjects", Subject::setting("test"), why)
            .hint("hold out fewer with `validate` and `test`; 0 leaves a split out")
    })
}

/// Fills the dataset's folder from the finished volumes.
fn finish(staging: &Path, folder: &Path, report: &ImportReport) -> Result<()> {
    for split in report.subjects.keys() {
        create_folder_inside(folder, Path::new(split.folder()))?;
    }
    for Row { split, volume } in &report.volumes {
        for position in 0..SLICES {
            let name = work::slice_name(volume.case, position);
            let (from, to) =
                (staging.join(format!("case_{:03}", volume.case)).join(&name), folder.join(split.folder()).join(&name));
            // The same bytes under a second name, where the file system has such; they are on the disk already.
            std::fs::hard_link(&from, &to).or_else(|_| std::fs::copy(&from, &to).map(|_| ())).map_err(|why| {
                Error::input("cannot write", &to, &why).caused_by(why).hint("check the free space of the folder")
            })?;
        }
    }
    write_atomic(&folder.join(subjects::FILE), |file| {
        let mut table = csv::Writer::from_writer(file);
        table.write_record(["case", "split", "cdr", "age", "subject", "session"])?;
        for Row { split, volume } in &report.volumes {
            let number = |number: Option<f32>| number.map_or(String::new(), |number| number.to_string());
            table.write_record([
                &format!("{:03}", volume.case),
                split.name(),
                &number(volume.known.cdr),
                &number(volume.known.age),
                &harmless(&volume.subject),
                &harmless(&volume.session),
            ])?;
        }
        table.flush()
    })?;
    write_atomic(&folder.join(record::FILE), |file| {
        serde_json::to_writer_pretty(file, report).map_err(std::io::Error::other)
    })
}

/// A name that no spreadsheet runs.
fn harmless(name: &str) -> String {
    if name.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\'']) { format!("'{name}") } else { name.to_owned() }
}

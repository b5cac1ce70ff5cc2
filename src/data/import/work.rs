//! One volume to its slices, in a folder of their own that is whole or not there.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::record::Imported;
use super::request::ImportRequest;
use super::scan::Scan;
use super::sheet::Known;
use super::slab::{first, in_atlas, is_t88};
use crate::data::frame::FRAME;
use crate::data::save::{save_inside, save_words_inside};
use crate::data::slice::SLICES;
use crate::data::volume::Volume;
use crate::fs::{self, write_folder, write_inside};
use crate::{Error, Result};

/// The file beside the slices of a volume that says what they were made of.
const RECORD: &str = "volume.json";
/// Larger records are not believed: 64 KiB.
const MAX_RECORD: u64 = 64 << 10;

/// What is kept beside the slices of a volume until all volumes are done.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// The length and the time of change of the files, which a further run compares.
    stamps: Vec<(u64, u128)>,
    imported: Imported,
}

/// The name of a slice.
pub(super) fn slice_name(case: u32, position: u8) -> String {
    format!("case_{case:03}_slice_{position}.nii.png")
}

/// The slices of a volume that an earlier run made, where its files are as they were then.
pub(super) fn done(folder: &Path, scan: &Scan, known: Known) -> Option<Imported> {
    let kept: Kept = serde_json::from_slice(&fs::read(&folder.join(RECORD), MAX_RECORD).ok()?).ok()?;
    let Kept { stamps, mut imported } = kept;
    let same = imported.path == crate::plain::spell(&scan.path)
        && (imported.case, &imported.subject, &imported.session) == (scan.case, &scan.subject, &scan.session)
        && imported.files.iter().map(|file| stamp(&file.path)).eq(stamps.into_iter().map(Some))
        && (0..SLICES).all(|position| folder.join(slice_name(scan.case, position)).is_file());
    imported.known = known;
    same.then_some(imported)
}

fn stamp(path: &Path) -> Option<(u64, u128)> {
    let found = std::fs::metadata(path).ok()?;
    let changed = found.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((found.len(), changed.as_nanos()))
}

/// Reads a volume and writes its slices into the new folder `folder`.
///
/// # Errors
/// [`crate::ErrorKind::Input`]: the volume cannot be read or used, or the folder cannot be written.
pub(super) fn make(request: &ImportRequest<'_>, scan: &Scan, known: Known, folder: &Path) -> Result<Imported> {
    let path: PathBuf = request.tree.join(&scan.path);
    let fail = |why: String| {
        Error::input("cannot import volume", &path, why)
            .hint("leave it out of the tree, or correct it; the others are done")
    };
    let mut volume = Volume::open(&path)?;
    if let Some(axes) = request.axes {
        volume = volume.with_axes(axes);
    }
    let (width, height) = volume.size();
    if width > FRAME || height > FRAME {
        return Err(fail(format!("its slices are {width}x{height}, expected at most {FRAME}x{FRAME} voxels of 1 mm")));
    }
    let first = first(&volume, request.slab, is_t88(scan.atlas), request.registered).map_err(fail)?;
    let last = first + usize::from(SLICES) - 1;
    let slices = volume.read(first..last + 1)?.grey(request.scale)?;
    let registered = in_atlas(&volume, is_t88(scan.atlas), request.registered);
    let mut warnings = volume.doubts();
    if !registered {
        warnings.push("it is not said to lie in an atlas: models know registered brains alone".to_owned());
    }
    let values = slices.values().clone();
    for (count, what) in [(values.negative, "below 0"), (values.nan, "no number")] {
        if count > 0 {
            warnings.push(format!("{count} voxels are {what}, and become black"));
        }
    }
    let heights = volume.height(first).zip(volume.height(last)).map(|(low, high)| [low, high]);
    let imported = Imported {
        case: scan.case,
        subject: scan.subject.clone(),
        session: scan.session.clone(),
        known,
        path: crate::plain::spell(&scan.path),
        format: volume.format().to_owned(),
        files: slices.files.clone(),
        shape: volume.shape(),
        axes: volume.axes().to_string(),
        slab: [first, last],
        heights,
        registered,
        values,
        warnings,
    };
    let stamps = imported.files.iter().filter_map(|file| stamp(&file.path)).collect();
    let kept = Kept { stamps, imported };
    write_folder(folder, |folder| {
        for position in 0..SLICES {
            let path = folder.join(slice_name(scan.case, position));
            if request.bits == 16 {
                save_words_inside(&path, slices.words(position.into()).view())?;
            } else {
                save_inside(&path, slices.bytes(position.into()).view())?;
            }
        }
        write_inside(&folder.join(RECORD), |file| serde_json::to_writer(file, &kept).map_err(std::io::Error::other))
    })?;
    Ok(kept.imported)
}

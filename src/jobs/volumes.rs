//! Volumes through the model: cut into slices, run, and put back where they were.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use ndarray::{Array2, Array3, Axis, s};
use serde::Serialize;

use super::codes::write_codes;
use super::ordered::ordered;
use super::outputs::Outputs;
use super::scores::codes_of;
use super::stream::{Ended, Failure};
use crate::bundle::Role;
use crate::data::import::{Slab, first_slice, in_atlas};
use crate::data::{Axes, Frame, SLICES, Scale, Volume};
use crate::fs::write_inside;
use crate::runtime::{Oasis, image_at, stack_images};
use crate::{Error, Result, metrics};

/// The table of scores of slices.
const TABLE: &str = "volumes.csv";

/// How volumes are cut into slices.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cut {
    /// Where the slab begins; `None` for where the atlas has it.
    pub slab: Option<Slab>,
    /// What white is.
    pub scale: Scale,
    /// Which way the axes of the files run; `None` for what their headers say.
    pub axes: Option<Axes>,
    /// Whether the volumes lie in MNI's or Talairach's space, whatever their headers say.
    pub registered: bool,
}

/// The scores of a slice of a volume.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SliceScore {
    /// The position, 0 to 31.
    pub slice: u8,
    /// SSIM on the 256x256 frame.
    pub ssim: f64,
    /// Mean of the SSIM map where the original is above 0.02; not a number where it is black.
    pub ssim_brain: f64,
    /// PSNR in dB.
    pub psnr: f64,
}

/// What was made of a volume.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct VolumeResult {
    /// The file.
    #[serde(serialize_with = "crate::plain::text_of::path")]
    pub file: PathBuf,
    /// The file that was written; of codes, that of the lowest slice.
    #[serde(serialize_with = "crate::plain::text_of::path")]
    pub out: PathBuf,
    /// The lowest and the highest slice that were taken, counted from the lowest of the volume.
    pub slab: [usize; 2],
    /// The mean SSIM of its slices; `None` where they were not reconstructed.
    pub ssim: Option<f64>,
    /// The prior's mean bits a code; `None` where it was not asked.
    pub bits_per_code: Option<f64>,
    /// The scores of the slices.
    pub slices: Vec<SliceScore>,
    /// What about the volume is unlike what models know.
    pub warnings: Vec<String>,
}

/// What to make of volumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Make {
    /// `NAME.recon.nii.gz`: the reconstruction, in the values of the input, with its header and place.
    Reconstructions,
    /// `NAME.slice_M.npy`: the codes of each slice, int64 `[h, w]`; with the likelihood under the prior where it is asked for.
    Codes {
        /// Whether the prior is asked.
        likelihood: bool,
    },
}

/// Volumes of one run, and how they are run.
pub struct Volumes<'a> {
    /// The files.
    pub files: &'a [PathBuf],
    /// How they are cut.
    pub cut: Cut,
    /// How many slices are in work at once.
    pub workers: usize,
    /// Once it is set, no further volume is begun.
    pub stop: &'a AtomicBool,
    /// Called with the number of volumes done.
    pub progress: &'a mut dyn FnMut(usize),
}

/// Runs every volume, one after another, and writes what is made of each into `out`; for reconstructions `volumes.csv` too,
/// with the scores of each slice. Slices are those that [`crate::data::import::import`] makes.
///
/// # Errors
/// Those of the engine; [`crate::ErrorKind::Input`] where `out` cannot be written. Volumes that cannot be used are returned
/// as failures.
pub fn run_volumes(
    oasis: &Oasis,
    volumes: &mut Volumes<'_>,
    make: Make,
    out: &Path,
) -> Result<(Vec<VolumeResult>, Ended)> {
    let (outputs, files, mut failures) = Outputs::plan(out, volumes.files, |path| path);
    if make == (Make::Codes { likelihood: true }) {
        oasis.load(&Role::Prior)?;
    }
    let (mut results, mut begun) = (Vec::new(), 0);
    for path in &files {
        if volumes.stop.load(std::sync::atomic::Ordering::SeqCst) {
            break;
        }
        begun += 1;
        let cut = cut(path, &volumes.cut);
        let done = cut.and_then(|cut| {
            outputs.ready(TABLE)?;
            one(oasis, path, cut, volumes.workers, make, &outputs)
        });
        match done {
            Ok(result) => results.push(result),
            Err(error) if error.kind() == crate::ErrorKind::Input => failures.push(Failure::new(path, error)),
            Err(error) => return Err(error),
        }
        (volumes.progress)(begun);
    }
    if make == Make::Reconstructions && !results.is_empty() {
        let table = out.join(TABLE);
        if let Err(error) = write_table(&table, &results, &outputs) {
            failures.push(Failure::new(table, error));
        }
    }
    Ok((results, Ended { failures, interrupted: begun < files.len() }))
}

/// A volume, its lowest slice, the slices as frames and what white is in each.
struct Slices {
    volume: Volume,
    first: usize,
    frames: Vec<Frame>,
    white: Vec<f64>,
    warnings: Vec<String>,
}

fn cut(path: &Path, cut: &Cut) -> Result<Slices> {
    let fail = |why: String| {
        Error::input("cannot use volume", path, why).hint("docs/data.md tells how volumes are cut; `slab` says where")
    };
    let mut volume = Volume::open(path)?;
    if let Some(axes) = cut.axes {
        volume = volume.with_axes(axes);
    }
    let t88 = path.file_name().is_some_and(|name| name.to_string_lossy().contains("_t88_masked_gfc"));
    let first = first_slice(&volume, cut.slab, t88, cut.registered).map_err(fail)?;
    let (width, height) = volume.size();
    let slices = volume.read(first..first + usize::from(SLICES))?.grey(cut.scale)?;
    let mut warnings = volume.doubts();
    if !in_atlas(&volume, t88, cut.registered) {
        warnings
            .push("it is not said to lie in an atlas: models know registered, skull-stripped brains alone".to_owned());
    }
    let count = usize::from(SLICES);
    let frames: Option<Vec<Frame>> = (0..count).map(|index| Frame::of_levels(slices.bytes(index).view())).collect();
    let frames = frames.ok_or_else(|| fail(format!("its slices are {width}x{height}, expected at most 256x256")))?;
    let white = (0..count).map(|index| slices.white(index)).collect();
    Ok(Slices { volume, first, frames, white, warnings })
}

/// What a batch of slices became: codes, and reconstructions where they are wanted, and bits a code.
type Ran = (Array3<i64>, Option<ndarray::Array4<f32>>, Vec<f64>);

fn one(
    oasis: &Oasis,
    path: &Path,
    cut: Slices,
    workers: usize,
    make: Make,
    outputs: &Outputs<'_>,
) -> Result<VolumeResult> {
    static NEVER: AtomicBool = AtomicBool::new(false);
    let Slices { volume, first, frames, white, warnings } = cut;
    let words = &oasis.bundle().manifest().condition;
    let positions: Vec<usize> = (0..frames.len()).collect();
    let batches: Vec<&[usize]> = positions.chunks(oasis.engine().best_batch().max(1)).collect();
    let work = |batch: &&[usize]| -> Result<Ran> {
        let images = stack_images(batch.iter().map(|index| frames[*index].pixels.view()))?;
        let codes = oasis.encode(images.view())?;
        let (mut images, mut bits) = (None, Vec::new());
        match make {
            Make::Reconstructions => images = Some(oasis.decode(codes.view())?),
            Make::Codes { likelihood: true } => {
                let condition = Array2::from_shape_fn((batch.len(), 2), |(index, axis)| {
                    if axis == 0 { batch[index] as i64 } else { words.class_any }
                });
                bits = oasis.bits_per_code(codes.view(), condition.view())?.to_vec();
            }
            Make::Codes { likelihood: false } => {}
        }
        Ok((codes, images, bits))
    };
    let (mut restored, mut codes, mut bits, mut scores) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    ordered(&batches, workers, &NEVER, work, |ran| {
        let (some, images, more) = ran?;
        bits.extend(more);
        for index in 0..some.len_of(Axis(0)) {
            let frame = &frames[codes.len()];
            if let Some(images) = &images {
                let image = image_at(images, index);
                let place = frame.placement();
                let inner = image.slice(s![place.y..place.y + place.height, place.x..place.x + place.width]);
                let white = white[codes.len()] as f32;
                restored.push(inner.mapv(|value| value * white));
                let (ssim, ssim_brain) = metrics::ssim_both(frame.pixels.view(), image);
                let psnr = metrics::psnr(frame.pixels.view(), image);
                scores.push(SliceScore { slice: codes.len() as u8, ssim, ssim_brain, psnr });
            }
            codes.push(codes_of(some.view(), index).to_owned());
        }
        Ok(())
    })?;
    let out = match make {
        Make::Reconstructions => {
            let out = outputs.path(path, ".recon.nii.gz")?;
            volume.save_slices(&out, first, &restored)?;
            out
        }
        Make::Codes { .. } => {
            for (slice, codes) in codes.iter().enumerate() {
                write_codes(&outputs.path(path, &format!(".slice_{slice}.npy"))?, codes.view())?;
            }
            outputs.path(path, ".slice_0.npy")?
        }
    };
    let mean = |values: &[f64]| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
    let ssim: Vec<f64> = scores.iter().map(|score| score.ssim).collect();
    Ok(VolumeResult {
        file: path.to_path_buf(),
        out,
        slab: [first, first + usize::from(SLICES) - 1],
        ssim: mean(&ssim),
        bits_per_code: mean(&bits),
        slices: scores,
        warnings,
    })
}

fn write_table(path: &Path, results: &[VolumeResult], outputs: &Outputs<'_>) -> Result<()> {
    write_inside(path, |file| {
        let mut table = csv::Writer::from_writer(file);
        table.write_record(["file", "slice", "ssim", "ssim_brain", "psnr"])?;
        for result in results {
            let file = outputs.label(&result.file);
            let file = super::cell::write(&file);
            for SliceScore { slice, ssim, ssim_brain, psnr } in &result.slices {
                let numbers = [ssim, ssim_brain, psnr].map(|score| score.to_string());
                table.write_record([&*file, &slice.to_string(), &numbers[0], &numbers[1], &numbers[2]])?;
            }
        }
        table.flush()
    })
}

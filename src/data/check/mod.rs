//! The health of a dataset: what is in it, and everything that is wrong with it.

mod finding;
mod look;
mod rules;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

pub use self::finding::{CheckReport, Finding, FindingKind, SplitCount};
use self::look::look;
use super::dataset::Dataset;
use crate::Result;

impl Dataset {
    /// Reads every slice of every split, and reports what the splits hold and all that is wrong with them.
    ///
    /// Pictures are compared by content: byte for byte, and as decoded frames.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] where there is nothing to report on: no dataset at `root`.
    pub fn check(root: &Path) -> Result<CheckReport> {
        Self::check_with(root, &|_, _| {})
    }

    /// [`Dataset::check`], calling `progress` with (files read, files in all) from several threads.
    ///
    /// # Errors
    /// As [`Dataset::check`].
    pub fn check_with(root: &Path, progress: &(dyn Fn(usize, usize) + Sync)) -> Result<CheckReport> {
        let dataset = Dataset::scan(root)?;
        let files: Vec<_> =
            dataset.splits().flat_map(|split| dataset.files(split).map(move |file| (split, file))).collect();
        let done = AtomicUsize::new(0);
        let seen: Vec<_> = files
            .par_iter()
            .map(|&(split, file)| {
                let seen = look(split, file);
                progress(done.fetch_add(1, Ordering::Relaxed) + 1, files.len());
                seen
            })
            .collect();
        let mut problems = rules::splits_apart(&dataset);
        problems.extend(rules::each_file(&seen));
        problems.extend(rules::duplicates(&seen));
        let warnings = rules::curious(&dataset, &seen);
        Ok(CheckReport {
            root: root.to_path_buf(),
            ok: problems.is_empty(),
            splits: dataset
                .splits()
                .map(|split| SplitCount {
                    split,
                    slices: dataset.files(split).count(),
                    subjects: dataset.cases(split).len(),
                })
                .collect(),
            problems,
            warnings,
            left_out: dataset.left_out().clone(),
        })
    }
}

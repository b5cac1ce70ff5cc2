//! `subjects.csv`: what is known of each subject beside the slices.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::Split;
use crate::{Error, Result};

/// The file's name in a dataset's root.
pub(super) const FILE: &str = "subjects.csv";

/// One row: `case,split,cdr`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Subject {
    /// The split that the row claims, when it claims one.
    pub split: Option<Split>,
    /// Clinical dementia rating: 0, 0.5, 1, 2 or 3; `None` when the field is empty.
    pub cdr: Option<f32>,
}

#[derive(Deserialize)]
struct Row {
    case: u32,
    #[serde(default)]
    split: Option<Split>,
    #[serde(default)]
    cdr: Option<f32>,
}

/// The rows of `root/subjects.csv` by case; empty when there is no such file.
pub(super) fn read(root: &Path) -> Result<BTreeMap<u32, Subject>> {
    let path = root.join(FILE);
    let mut subjects = BTreeMap::new();
    if !path.exists() {
        return Ok(subjects);
    }
    let fail = |why: String| {
        Error::input("cannot read subjects", &path, why)
            .hint("expected the columns case,split,cdr; mend the file, or remove it to go without classes")
    };
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(&path).map_err(|error| fail(error.to_string()))?;
    for row in reader.deserialize() {
        let row: Row = row.map_err(|error| fail(error.to_string()))?;
        if let Some(cdr) = row.cdr
            && !(0.0..=3.0).contains(&cdr)
        {
            return Err(fail(format!("case {:03}: CDR {cdr} is outside 0..=3", row.case)));
        }
        let subject = Subject { split: row.split, cdr: row.cdr };
        if subjects.insert(row.case, subject).is_some() {
            return Err(fail(format!("case {:03} has two rows", row.case)));
        }
    }
    Ok(subjects)
}

/// The dementia class of a clinical dementia rating: 0 for 0, 1 for 0.5, 2 for 1 or more.
pub(super) fn class(cdr: f32) -> u8 {
    if cdr <= 0.0 {
        0
    } else if cdr < 1.0 {
        1
    } else {
        2
    }
}

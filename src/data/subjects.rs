//! `subjects.csv`: what is known of each subject beside the slices; dementia ratings and their classes.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::slice::Split;
use crate::{Error, ErrorKind, Result};

/// The file's name in a dataset's root.
pub(super) const FILE: &str = "subjects.csv";

/// Larger files are refused: 16 MiB, a million subjects.
const MAX_FILE: u64 = 16 << 20;

/// One row: `case,split,cdr`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Subject {
    /// The split that the row claims, when it claims one.
    pub split: Option<Split>,
    /// The dementia class of the rating; `None` when the field is empty.
    pub class: Option<u8>,
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
    let fail = |why: String| {
        Error::input("cannot read subjects", &path, why)
            .hint("the columns are case,split,cdr; correct the file, or remove it to go without dementia classes")
    };
    let csv = |error: csv::Error| fail(error.to_string()).caused_by(error);
    let bytes = match crate::fs::read(&path, MAX_FILE) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(subjects),
        read => read.map_err(|error| fail(error.to_string()).caused_by(error))?,
    };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes.as_slice());
    for row in reader.deserialize() {
        let row: Row = row.map_err(csv)?;
        let rated = |error: Error| {
            fail(format!("case {:03} has CDR {}, {}", row.case, error.subject(), error.why())).caused_by(error)
        };
        let class = row.cdr.map(dementia_class).transpose().map_err(rated)?;
        let subject = Subject { split: row.split, class };
        if subjects.insert(row.case, subject).is_some() {
            return Err(fail(format!("case {:03} has two rows", row.case)));
        }
    }
    Ok(subjects)
}

/// The dementia class of a clinical dementia rating (CDR): 0 for 0, 1 for 0.5, 2 for 1, 2 and 3, which are all the
/// ratings there are.
///
/// # Errors
/// [`ErrorKind::Usage`] for any other number.
pub fn dementia_class(cdr: f32) -> Result<u8> {
    match cdr {
        0.0 => Ok(0),
        0.5 => Ok(1),
        1.0 | 2.0 | 3.0 => Ok(2),
        other => Err(Error::new(
            ErrorKind::Usage,
            "unknown dementia rating",
            other.to_string(),
            "expected 0, 0.5, 1, 2 or 3",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rating_has_a_class_and_no_other_number_has() {
        let classes = [0.0, 0.5, 1.0, 2.0, 3.0].map(|cdr| dementia_class(cdr).unwrap());
        assert_eq!(classes, [0, 1, 2, 2, 2]);
        for other in [-1.0, 0.25, 0.7, 1.5, 4.0, f32::NAN] {
            let error = dementia_class(other).unwrap_err();
            assert_eq!(error.to_string(), format!("unknown dementia rating: {other}: expected 0, 0.5, 1, 2 or 3"));
        }
    }
}

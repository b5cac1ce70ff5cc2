//! `subjects.csv`: what is known of each subject beside the slices; dementia ratings and their classes.

use std::collections::BTreeMap;
use std::path::Path;

use super::slice::Split;
use crate::{Error, ErrorKind, Result};

/// The file's name in a dataset's root.
pub(super) const FILE: &str = "subjects.csv";

/// Larger files are refused: 16 MiB, a million subjects.
const MAX_FILE: u64 = 16 << 20;
/// What stands for "not known", beside nothing at all; in any case of letters.
const UNKNOWN: [&str; 8] = ["na", "n/a", "nan", "none", "null", "?", "-", "."];

/// One row: `case,split,cdr`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Subject {
    /// The split that the row claims, when it claims one.
    pub split: Option<Split>,
    /// The dementia class of the rating; `None` when the field is empty.
    pub class: Option<u8>,
}

/// The rows of `root/subjects.csv` by case; empty when there is no such file.
///
/// The first line names the columns, in any order and with any others: `case`, `split` and `cdr`, of which `case` is
/// needed. Fields are separated by commas, or by semicolons or tabs where the first line has no comma. An empty field
/// and `NA` stand for what is not known.
///
/// # Errors
/// [`ErrorKind::Input`] naming the file and, for a wrong row, its line.
pub(super) fn read(root: &Path) -> Result<BTreeMap<u32, Subject>> {
    let path = root.join(FILE);
    if std::fs::symlink_metadata(&path).is_err() {
        return Ok(BTreeMap::new());
    }
    let fail = |why: String| {
        Error::input("cannot read subjects", &path, why)
            .hint("the columns are case,split,cdr; correct the file, or remove it to go without dementia classes")
    };
    let bytes = crate::fs::read(&path, MAX_FILE).map_err(|why| fail(why.to_string()).caused_by(why))?;
    rows(&bytes).map_err(fail)
}

/// The rows of a table.
fn rows(bytes: &[u8]) -> Result<BTreeMap<u32, Subject>, String> {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let separator = [b',', b';', b'\t'].into_iter().find(|separator| first.contains(separator)).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).trim(csv::Trim::All).from_reader(bytes);
    let headers = reader.byte_headers().map_err(|why| why.to_string())?.clone();
    let column = |name: &str| headers.iter().position(|header| header.eq_ignore_ascii_case(name.as_bytes()));
    let Some(case) = column("case") else {
        let found: Vec<_> = headers.iter().map(String::from_utf8_lossy).collect();
        return Err(format!("found the columns {}, expected case,split,cdr", found.join(",")));
    };
    let (split, cdr) = (column("split"), column("cdr"));
    let mut subjects = BTreeMap::new();
    for record in reader.into_byte_records() {
        let record = record.map_err(|why| why.to_string())?;
        let line = record.position().map_or(0, csv::Position::line);
        let field = |column: Option<usize>| {
            let text = String::from_utf8_lossy(record.get(column?)?).into_owned();
            let known = !text.is_empty() && UNKNOWN.iter().all(|unknown| !text.eq_ignore_ascii_case(unknown));
            known.then_some(text)
        };
        let Some(case) = field(Some(case)) else {
            if record.iter().all(<[u8]>::is_empty) {
                continue;
            }
            return Err(format!("line {line} has no case"));
        };
        let case: u32 = case.parse().map_err(|_| format!("line {line} has case {case:?}, expected a number"))?;
        let split = field(split).map(|text| text.to_ascii_lowercase().parse::<Split>()).transpose();
        let split = split.map_err(|why| format!("case {case:03} has split {}, {}", why.subject(), why.why()))?;
        let class = field(cdr).map(|text| rating(&text)).transpose();
        let class = class.map_err(|why| format!("case {case:03} has CDR {why}"))?;
        if subjects.insert(case, Subject { split, class }).is_some() {
            return Err(format!("case {case:03} has two rows"));
        }
    }
    Ok(subjects)
}

/// The dementia class of a rating as text, with a decimal point or a comma.
fn rating(text: &str) -> Result<u8, String> {
    let number: f32 = text.replace(',', ".").parse().map_err(|_| format!("{text:?}, expected 0, 0.5, 1, 2 or 3"))?;
    dementia_class(number).map_err(|why| format!("{}, {}", why.subject(), why.why()))
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
    fn tables_of_any_spreadsheet_are_read() {
        let class = |text: &[u8]| rows(text).map(|rows| rows.iter().map(|(case, row)| (*case, row.class)).collect());
        let expected: Result<Vec<_>, String> = Ok(vec![(1, Some(0)), (2, Some(1)), (3, None)]);
        for text in [
            "case,split,cdr\n001,train,0\n2,test,0.5\n3,,\n",
            "\u{feff}case,split,cdr\r\n001,train,0\r\n2,test,0.5\r\n3,NA,NA\r\n\r\n",
            "Case;Split;CDR\n1;Train;0\n2;NA;0,5\n3;na;n/a\n",
            "CDR,age,case\n0,80,1\n\"0.5\",,2\n?,70,3\n",
            "case\tcdr\n1\t0.0\n2\t.5\n3\t\n",
            "case,cdr\n1, 0 \n 2 ,0.5\n3,.",
        ] {
            assert_eq!(class(text.as_bytes()), expected, "{text}");
        }
        for (text, why) in [
            ("", "found the columns , expected case,split,cdr"),
            ("id;cdr\n1;0\n", "found the columns id,cdr, expected case,split,cdr"),
            ("case,cdr\n1,0\n=1+1,0\n", "line 3 has case \"=1+1\", expected a number"),
            ("case,cdr\n,0\n", "line 2 has no case"),
            ("case,cdr\n1,0\n1,0\n", "case 001 has two rows"),
            ("case,cdr\n7,NaN0\n", "case 007 has CDR \"NaN0\", expected 0, 0.5, 1, 2 or 3"),
            ("case,split\n7,valid\n", "case 007 has split valid, expected train, validate or test"),
        ] {
            assert_eq!(rows(text.as_bytes()), Err(why.to_owned()), "{text}");
        }
    }

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

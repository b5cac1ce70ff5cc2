//! Age and dementia rating of a session: from the note beside its scans, or from a spreadsheet saved as CSV.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::data::subjects::dementia_class;
use crate::fs;

/// Larger notes are passed over: 64 KiB.
const MAX_NOTE: u64 = 64 << 10;
/// Larger tables are passed over: 16 MiB.
const MAX_TABLE: u64 = 16 << 20;
/// What the columns of the sessions may be called.
const IDS: [&str; 5] = ["id", "session id", "subject id", "participant_id", "subject"];

/// What is known of a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// Clinical dementia rating.
    pub cdr: Option<f32>,
    /// Age in years.
    pub age: Option<f32>,
}

/// What notes and tables of a tree tell.
#[derive(Debug, Default)]
pub(super) struct Sheets {
    tables: BTreeMap<String, Known>,
    notes: BTreeMap<String, PathBuf>,
    /// What is wrong with them.
    pub warnings: Vec<String>,
}

impl Sheets {
    /// Reads the tables among the files of a tree, and remembers its notes.
    pub fn of(root: &Path, files: &[PathBuf]) -> Self {
        let mut sheets = Self::default();
        for path in files {
            let end = path.extension().map(|end| end.to_ascii_lowercase());
            if end.as_deref() == Some("txt".as_ref()) {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                sheets.notes.entry(stem).or_insert_with(|| root.join(path));
            } else if end.as_deref() == Some("csv".as_ref()) {
                match fs::read(&root.join(path), MAX_TABLE) {
                    Ok(bytes) => sheets.add(path, &bytes),
                    Err(why) => sheets.warnings.push(format!("{} is passed over: {why}", path.display())),
                }
            }
        }
        sheets
    }

    /// What is known of a session, named as `SUBJECT_SESSION` or as its subject: what its note says, and for what that
    /// leaves open, the tables.
    pub fn known(&mut self, subject: &str, session: &str) -> Known {
        let whole = format!("{subject}_{session}");
        let note = self.notes.get(&whole).map(|path| fs::read(path, MAX_NOTE));
        let note = match note {
            Some(Ok(bytes)) => self.note(&whole, &String::from_utf8_lossy(&bytes)),
            Some(Err(why)) => {
                self.warnings.push(format!("{whole}.txt is passed over: {why}"));
                Known::default()
            }
            None => Known::default(),
        };
        let table = self.tables.get(&whole).or_else(|| self.tables.get(subject)).copied().unwrap_or_default();
        if let (Some(a), Some(b)) = (note.cdr, table.cdr)
            && a != b
        {
            self.warnings.push(format!("{whole} has CDR {a} in its note and {b} in a table; {a} is taken"));
        }
        Known { cdr: note.cdr.or(table.cdr), age: note.age.or(table.age) }
    }

    /// A session's note: lines such as `CDR:  0.5`.
    fn note(&mut self, name: &str, text: &str) -> Known {
        let field = |key: &str| {
            let line = |line: &str| {
                Some(
                    line.split_once(':')
                        .filter(|(found, _)| found.trim().eq_ignore_ascii_case(key))?
                        .1
                        .trim()
                        .to_owned(),
                )
            };
            text.lines().find_map(line).unwrap_or_default()
        };
        Known { cdr: self.rating(name, &field("CDR")), age: age(&field("AGE")) }
    }

    fn add(&mut self, path: &Path, bytes: &[u8]) {
        let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let separator = [b',', b';', b'\t'].into_iter().find(|separator| first.contains(separator)).unwrap_or(b',');
        let mut reader =
            csv::ReaderBuilder::new().delimiter(separator).trim(csv::Trim::All).flexible(true).from_reader(bytes);
        let Ok(headers) = reader.byte_headers().cloned() else { return };
        let column = |names: &[&str]| {
            let named = |header: &[u8]| names.iter().any(|name| header.eq_ignore_ascii_case(name.as_bytes()));
            headers.iter().position(|header| named(header.strip_prefix(b"\xef\xbb\xbf").unwrap_or(header)))
        };
        let (Some(id), cdr, years) = (column(&IDS), column(&["cdr"]), column(&["age"])) else { return };
        for record in reader.into_byte_records() {
            let Ok(record) = record else {
                self.warnings.push(format!("{} is read up to a line that cannot be", path.display()));
                return;
            };
            let text = |column: Option<usize>| {
                column
                    .and_then(|column| record.get(column))
                    .map(|field| String::from_utf8_lossy(field).into_owned())
                    .unwrap_or_default()
            };
            let name = text(Some(id));
            let known = Known { cdr: self.rating(&name, &text(cdr)), age: age(&text(years)) };
            if !name.is_empty() {
                self.tables.insert(name, known);
            }
        }
    }

    /// A rating as text; nothing and `N/A` are none, and other numbers than there are ratings a warning.
    fn rating(&mut self, name: &str, text: &str) -> Option<f32> {
        let number = text.replace(',', ".").parse::<f32>().ok()?;
        if dementia_class(number).is_err() {
            self.warnings.push(format!("{name} has CDR {text}, expected 0, 0.5, 1, 2 or 3; none is taken"));
            return None;
        }
        Some(number)
    }
}

fn age(text: &str) -> Option<f32> {
    text.replace(',', ".").parse::<f32>().ok().filter(|age| (0.0..150.0).contains(age))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_and_tables_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("OAS1_0001_MR1.txt", "SESSION ID:   OAS1_0001_MR1\n\nAGE:          74\nM/F:  Female\nCDR:          0\n");
        write("OAS1_0002_MR1.txt", "AGE: 55\r\nCDR:  \r\n");
        write(
            "oasis.csv",
            "ID,M/F,Age,CDR,Delay\nOAS1_0001_MR1,F,74,0.5,N/A\nOAS1_0002_MR1,M,55,1,N/A\nOAS1_0003_MR1,M,20,,\nOAS1_0004_MR1,M,20,0.7,\n",
        );
        write("other.csv", "a,b\n1,2\n");
        let files = ["OAS1_0001_MR1.txt", "OAS1_0002_MR1.txt", "oasis.csv", "other.csv"].map(PathBuf::from);
        let mut sheets = Sheets::of(folder.path(), &files);
        let mut known = |subject: &str| {
            let Known { cdr, age } = sheets.known(subject, "MR1");
            (cdr, age)
        };
        assert_eq!(known("OAS1_0001"), (Some(0.0), Some(74.0)));
        assert_eq!(known("OAS1_0002"), (Some(1.0), Some(55.0)));
        assert_eq!(known("OAS1_0003"), (None, Some(20.0)));
        assert_eq!(known("OAS1_0004"), (None, Some(20.0)));
        assert_eq!(known("OAS1_0005"), (None, None));
        assert_eq!(
            sheets.warnings,
            [
                "OAS1_0004_MR1 has CDR 0.7, expected 0, 0.5, 1, 2 or 3; none is taken",
                "OAS1_0001_MR1 has CDR 0 in its note and 0.5 in a table; 0 is taken"
            ]
        );
    }
}

//! Reading the scores that others wrote: every row is checked against the model that it is of.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use super::scores::{COLUMNS, ScoreRow};
use crate::bundle::Sizes;
use crate::data::SliceFile;
use crate::{Error, Result};

/// The longest line that is read, in bytes. A row of a thousand codes has ten thousand.
const LONGEST: usize = 1 << 20;
/// How far a score may be beyond its range, by rounding.
const SLACK: f64 = 1e-6;

/// Reads the rows of a file of scores, each with its line.
///
/// # Errors
/// [`crate::ErrorKind::Input`] naming the file and the line, where it cannot be read, does not hold scores, or holds some
/// that no slice of the bundle `id`, of these `sizes`, can have. Rows of other bundles are not held against the sizes.
pub(super) fn read_csv(path: &Path, id: &str, sizes: Sizes) -> Result<Vec<(u64, ScoreRow)>> {
    let fail = |why: String| {
        Error::input("cannot read scores", path, why).hint("name files that `oasis eval` wrote with `csv`")
    };
    let wrong = |why: csv::Error| {
        let text = if why.is_io_error() { why.to_string() } else { format!("it does not hold scores: {why}") };
        fail(text).caused_by(why)
    };
    let file = crate::fs::open(path).map_err(|why| fail(why.to_string()).caused_by(why))?;
    let mut reader = csv::Reader::from_reader(ShortLines { file: BufReader::new(file), since: 0 });
    let headers = reader.byte_headers().map_err(wrong)?;
    if headers.iter().ne(COLUMNS.iter().map(|name| name.as_bytes())) {
        let found: Vec<_> = headers.iter().take(COLUMNS.len()).map(String::from_utf8_lossy).collect();
        let found: String = found.join(",").chars().take(100).collect();
        let why = format!("it does not hold scores: found the columns {found}, expected {}", COLUMNS.join(","));
        return Err(fail(why));
    }
    let headers = reader.headers().map_err(wrong)?.clone();
    let mut rows = Vec::new();
    for record in reader.into_records() {
        let record = record.map_err(wrong)?;
        let line = record.position().map_or(0, csv::Position::line);
        let row: ScoreRow = record.deserialize(Some(&headers)).map_err(wrong)?;
        if row.bundle == id {
            check(&row, sizes).map_err(|why| fail(format!("line {line}: {why}")))?;
        }
        rows.push((line, row));
    }
    Ok(rows)
}

/// Says what about a row no slice of a model of `sizes` can have.
fn check(row: &ScoreRow, sizes: Sizes) -> Result<(), String> {
    let named = SliceFile::new(&row.file);
    if (named.case, named.position) != (row.case, row.slice) {
        return Err(format!("case and slice are not those of the file {}", row.file));
    }
    for (name, score, optional) in [("ssim", row.ssim, false), ("ssim_brain", row.ssim_brain, true)] {
        let within = (-1.0 - SLACK..=1.0 + SLACK).contains(&score);
        let unknown = optional && score.is_nan();
        if !within && !unknown {
            return Err(format!("found {name} {score}, expected -1 to 1"));
        }
    }
    if row.psnr.is_nan() || row.psnr < -SLACK {
        return Err(format!("found psnr {}, expected 0 or more", row.psnr));
    }
    let mut codes = -1;
    let mut total = 0_u64;
    for entry in row.code_counts() {
        let (code, count) = entry.map_err(|entry| format!("found {entry:?} in codes, expected CODE:COUNT"))?;
        if code <= codes || code >= sizes.codebook_size as i64 {
            let last = sizes.codebook_size - 1;
            return Err(format!("found code {code} after {codes}, expected codes from 0 to {last} in order"));
        }
        codes = code;
        total = total.saturating_add(count);
    }
    let [height, width] = sizes.grid;
    let expected = (height * width) as u64;
    if total == expected {
        Ok(())
    } else {
        Err(format!("found {total} codes, expected {expected} of {height}x{width}"))
    }
}

/// A file that cannot fill the memory with one line.
struct ShortLines {
    file: BufReader<File>,
    since: usize,
}

impl Read for ShortLines {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(into)?;
        self.since = match into[..read].iter().rposition(|byte| *byte == b'\n') {
            Some(last) => read - last - 1,
            None => self.since + read,
        };
        if self.since > LONGEST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it has a line of more than 1 MiB"));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: Sizes = Sizes { grid: [2, 2], codebook_size: 8, latent_dim: 4 };
    const GOOD: &str = "case_001_slice_2.png,1,2,0.9,NaN,inf,0:1 3:2 7:1,tract,b";

    fn rows(rows: &[&str]) -> Result<Vec<(u64, ScoreRow)>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, format!("{}\n{}\n", COLUMNS.join(","), rows.join("\n"))).unwrap();
        read_csv(&path, "b", SIZES)
    }

    #[test]
    fn rows_are_those_of_a_slice_of_the_model() {
        let found = rows(&[GOOD, "'=1.png,,,-1,1,0,4:4,tract,b"]).unwrap();
        assert_eq!((found[0].0, found[0].1.psnr, found[0].1.ssim_brain.is_nan()), (2, f64::INFINITY, true));
        assert_eq!((found[1].0, found[1].1.file.as_str()), (3, "=1.png"));
        for (part, other, why) in [
            ("0.9", "NaN", "found ssim NaN, expected -1 to 1"),
            ("0.9", "inf", "found ssim inf, expected -1 to 1"),
            ("0.9", "1.1", "found ssim 1.1, expected -1 to 1"),
            ("NaN", "-7", "found ssim_brain -7, expected -1 to 1"),
            ("inf", "-inf", "found psnr -inf, expected 0 or more"),
            ("inf", "NaN", "found psnr NaN, expected 0 or more"),
            ("7:1", "8:1", "found code 8 after 3, expected codes from 0 to 7 in order"),
            ("7:1", "3:1", "found code 3 after 3, expected codes from 0 to 7 in order"),
            ("0:1", "-1:1", "found code -1 after -1, expected codes from 0 to 7 in order"),
            ("7:1", "7:2", "found 5 codes, expected 4 of 2x2"),
            ("7:1", "7:18446744073709551615", "found 18446744073709551615 codes, expected 4 of 2x2"),
            ("7:1", "7", "found \"7\" in codes, expected CODE:COUNT"),
            ("7:1", "7:0", "found \"7:0\" in codes, expected CODE:COUNT"),
            ("0:1 3:2 7:1", "", "found \"\" in codes, expected CODE:COUNT"),
            (",1,2,", ",,2,", "case and slice are not those of the file case_001_slice_2.png"),
            (",1,2,", ",1,3,", "case and slice are not those of the file case_001_slice_2.png"),
        ] {
            let error = rows(&[GOOD, &GOOD.replacen(part, other, 1)]).unwrap_err();
            assert_eq!(error.why(), format!("line 3: {why}"));
        }
    }

    #[test]
    fn what_holds_no_scores_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let header = COLUMNS.join(",");
        for (text, why) in [
            (String::new(), "it does not hold scores: found the columns , expected file,"),
            (format!("{GOOD}\n"), "it does not hold scores: found the columns case_001_slice_2.png,1,2,"),
            (format!("{header},more\n"), "it does not hold scores: found the columns file,"),
            (format!("{header}\n{GOOD},more\n"), "it does not hold scores: CSV error: record 1 (line: 2"),
            (format!("{header}\n{}\n", GOOD.replace("0.9", "x")), "it does not hold scores: CSV deserialize error"),
            (format!("{header}\n{}", "x".repeat(LONGEST + 9)), "it has a line of more than 1 MiB"),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = read_csv(&path, "b", SIZES).unwrap_err();
            assert!(error.why().starts_with(why), "{} does not begin with {why}", error.why());
        }
        assert_eq!(read_csv(folder.path(), "b", SIZES).unwrap_err().why(), "it is a folder, expected a file");
    }
}

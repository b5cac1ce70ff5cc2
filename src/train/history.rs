//! The history of a training: `history.csv`, a row an epoch, and `curves.svg`, the same as a picture.

use std::fmt::Display;
use std::io::Write;
use std::path::Path;

use crate::report::{Panel, Series, curves};
use crate::{Error, Result};

const FILE: &str = "history.csv";
/// Larger files are refused: 16 MiB, some 100,000 epochs.
const MAX_FILE: u64 = 16 << 20;

/// The epochs of a training so far.
#[derive(Debug, Clone)]
pub(super) struct History {
    columns: Vec<String>,
    rows: Vec<Vec<f64>>,
}

impl History {
    /// A history without epochs. Its columns are `epoch`, `loss`, `learning_rate`, `images_per_second` and those of the
    /// validation.
    pub(super) fn new(validation: &[&str]) -> Self {
        let common = ["epoch", "loss", "learning_rate", "images_per_second"];
        let columns = common.iter().chain(validation).map(|name| (*name).to_owned()).collect();
        Self { columns, rows: Vec::new() }
    }

    /// The history in `folder`; one without epochs where the file is missing.
    ///
    /// # Errors
    /// The file cannot be read, or has other columns.
    pub(super) fn load(folder: &Path, validation: &[&str]) -> Result<Self> {
        let path = folder.join(FILE);
        let mut history = Self::new(validation);
        let bytes = match crate::fs::read(&path, MAX_FILE) {
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => return Ok(history),
            read => read.map_err(|why| unusable(&path, &why).caused_by(why))?,
        };
        let bad = |why: csv::Error| unusable(&path, &why).caused_by(why);
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let header: Vec<String> = reader.headers().map_err(bad)?.iter().map(str::to_owned).collect();
        if header != history.columns {
            return Err(unusable(&path, format!("found columns {header:?}, expected {:?}", history.columns)));
        }
        history.rows = reader.deserialize().collect::<std::result::Result<_, _>>().map_err(bad)?;
        Ok(history)
    }

    /// Adds an epoch, with its values in the order of the columns.
    pub(super) fn push(&mut self, values: Vec<f64>) {
        debug_assert_eq!(values.len(), self.columns.len());
        self.rows.push(values);
    }

    /// Writes `history.csv` into `folder`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn write_csv(&self, folder: &Path) -> Result<()> {
        crate::fs::write_inside(&folder.join(FILE), |file| {
            writeln!(file, "{}", self.columns.join(","))?;
            for row in &self.rows {
                let row: Vec<String> = row.iter().map(f64::to_string).collect();
                writeln!(file, "{}", row.join(","))?;
            }
            Ok(())
        })
    }

    /// Writes `history.csv` and `curves.svg` into `folder`.
    ///
    /// # Errors
    /// A file cannot be written.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        self.write_csv(folder)?;
        let drawn = |name: &str| name == "loss" || name.starts_with("validate");
        let panels: Vec<Panel> = self
            .columns
            .iter()
            .enumerate()
            .filter(|(_, name)| drawn(name))
            .map(|(index, name)| Panel {
                title: name.clone(),
                x: "epoch".to_owned(),
                series: vec![Series {
                    name: name.clone(),
                    points: self.rows.iter().map(|row| (row[0], row[index])).collect(),
                }],
            })
            .collect();
        let picture = curves(&panels)?;
        crate::fs::write_inside(&folder.join("curves.svg"), |file| file.write_all(picture.as_bytes()))
    }
}

fn unusable(path: &Path, why: impl Display) -> Error {
    Error::input("cannot read the training history", path, why).hint("remove the file to begin a new history")
}

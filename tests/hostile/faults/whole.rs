//! Files that a run left, and whether each is whole.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How the names of unfinished files and folders begin.
const UNFINISHED: &str = ".oasis-";

/// The files below a folder by their paths in it.
#[derive(Debug, Default, PartialEq, Eq, Clone)]
pub struct Files(pub BTreeMap<PathBuf, Vec<u8>>);

impl Files {
    /// Reads every file below `folder`.
    pub fn of(folder: &Path) -> Self {
        let mut found = Self::default();
        found.read(folder, Path::new(""));
        found
    }

    fn read(&mut self, folder: &Path, below: &Path) {
        for entry in std::fs::read_dir(folder.join(below)).into_iter().flatten().flatten() {
            let path = below.join(entry.file_name());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.read(folder, &path);
            } else if let Ok(bytes) = std::fs::read(folder.join(&path)) {
                self.0.insert(path, bytes);
            }
        }
    }

    /// Those under a final name, and the paths of those that are unfinished.
    pub fn split(self) -> (Self, Vec<PathBuf>) {
        let unfinished =
            |path: &Path| path.components().any(|part| part.as_os_str().to_string_lossy().starts_with(UNFINISHED));
        let (unfinished, whole): (BTreeMap<_, _>, BTreeMap<_, _>) =
            self.0.into_iter().partition(|(path, _)| unfinished(path));
        (Self(whole), unfinished.into_keys().collect())
    }

    /// What is wrong with these files, which a run that was cut short left under final names: each must be one that the
    /// undisturbed run writes, byte for byte; a CSV file may lack rows.
    pub fn torn(&self, clean: &Self) -> Vec<String> {
        let fault = |(path, bytes): (&PathBuf, &Vec<u8>)| {
            let why = match clean.0.get(path) {
                None => "a file that no run writes",
                Some(whole) if whole == bytes => return None,
                Some(whole) if some_rows(path, bytes, whole) => return None,
                Some(_) => "torn",
            };
            Some(format!("{} ({} bytes): {why}", path.display(), bytes.len()))
        };
        self.0.iter().filter_map(fault).collect()
    }

    /// How these files differ from those of the undisturbed run.
    pub fn unlike(&self, clean: &Self) -> Vec<String> {
        let mut wrong = Vec::new();
        for path in clean.0.keys().chain(self.0.keys().filter(|path| !clean.0.contains_key(*path))) {
            match (self.0.get(path), clean.0.get(path)) {
                (found, expected) if found == expected => {}
                (None, _) => wrong.push(format!("{} is lost", path.display())),
                (_, None) => wrong.push(format!("{} is left over", path.display())),
                _ => wrong.push(format!("{} is another", path.display())),
            }
        }
        wrong
    }
}

/// Whether a CSV file is the header and some of the rows of another, in their order and none of them cut.
fn some_rows(path: &Path, bytes: &[u8], whole: &[u8]) -> bool {
    let mut rows = whole.split_inclusive(|&byte| byte == b'\n');
    path.extension().is_some_and(|extension| extension == "csv")
        && rows.next().is_some_and(|header| bytes.starts_with(header))
        && bytes.split_inclusive(|&byte| byte == b'\n').skip(1).all(|row| rows.any(|other| other == row))
}

/// Whether every file can be read by the readers of its format.
pub fn decodable(files: &Files) -> Result<(), String> {
    for (path, bytes) in &files.0 {
        let fail = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("png") => drop(image::load_from_memory(bytes).map_err(|why| fail(&why))?),
            Some("npy") => {
                use ndarray_npy::ReadNpyExt;
                ndarray::Array2::<i64>::read_npy(&bytes[..]).map_err(|why| fail(&why))?;
            }
            Some("csv") => {
                let mut rows = csv::Reader::from_reader(&bytes[..]).into_records();
                rows.try_for_each(|row| row.map(drop)).map_err(|why| fail(&why))?;
            }
            Some("json") => drop(serde_json::from_slice::<serde_json::Value>(bytes).map_err(|why| fail(&why))?),
            Some("onnx") => drop(oasis::onnx::ModelFile::read("it", bytes.clone()).map_err(|why| fail(&why))?),
            Some("pbtxt") | None => {}
            Some(other) => return Err(fail(&format!("no reader of .{other}"))),
        }
    }
    Ok(())
}

//! What the tests see, held against lists beside them: one file a list, one line an entry.
//!
//! A run with `OASIS_BLESS=1` writes the lists anew. A whole run fails where a list has an entry that no test sees.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

/// The nodes of every exported case: a lowering that changes and a graph pass that stops firing are seen.
pub static NODES: List = List::new("nodes.txt");

/// The errors of every forward pass that is refused.
pub static ERRORS: List = List::new("errors.txt");

/// A list of named entries in a file of this folder.
pub struct List {
    file: &'static str,
    expected: OnceLock<BTreeMap<String, String>>,
    seen: Mutex<BTreeMap<String, String>>,
}

impl List {
    const fn new(file: &'static str) -> Self {
        Self { file, expected: OnceLock::new(), seen: Mutex::new(BTreeMap::new()) }
    }

    fn path(&self) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/export").join(self.file)
    }

    fn expected(&self) -> &BTreeMap<String, String> {
        self.expected.get_or_init(|| {
            let text = std::fs::read_to_string(self.path()).unwrap_or_default();
            let entries = text.lines().filter_map(|line| line.split_once(": "));
            entries.map(|(name, entry)| (name.to_owned(), entry.to_owned())).collect()
        })
    }

    /// Compares an entry, which has one line, with that of the file.
    pub fn check(&self, name: &str, entry: &str) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let before = seen.insert(name.to_owned(), entry.to_owned());
        drop(seen);
        assert!(before.is_none_or(|before| before == entry), "two cases are named {name}");
        if !blessed() {
            let expected = self.expected().get(name).map_or("nothing", String::as_str);
            assert_eq!(entry, expected, "{name} in {}: run with OASIS_BLESS=1 where the change is meant", self.file);
        }
    }

    /// Compares the names of the entries with those of the file after a whole run, or writes the file anew.
    ///
    /// # Errors
    /// The entries that no test has seen, or why the file cannot be written.
    fn finish(&self, whole: bool) -> Result<(), String> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if blessed() {
            if !whole {
                let mut all = self.expected().clone();
                all.append(&mut seen);
                seen = all;
            }
            let lines: Vec<String> = seen.iter().map(|(name, entry)| format!("{name}: {entry}\n")).collect();
            let path = self.path();
            return std::fs::write(&path, lines.concat()).map_err(|why| format!("{}: {why}", path.display()));
        }
        let stale: Vec<&str> =
            self.expected().keys().filter(|name| !seen.contains_key(*name)).map(String::as_str).collect();
        match stale.is_empty() || !whole {
            true => Ok(()),
            false => Err(format!("{} has entries that no test sees: {}", self.file, stale.join(", "))),
        }
    }
}

fn blessed() -> bool {
    std::env::var_os("OASIS_BLESS").is_some()
}

/// Finishes every list after a run in which all tests passed.
///
/// # Errors
/// The entries that a whole run did not see, or why a list cannot be written.
pub fn finish(whole: bool) -> Result<(), String> {
    NODES.finish(whole)?;
    ERRORS.finish(whole)
}

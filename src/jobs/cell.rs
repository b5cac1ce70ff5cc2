//! Names in tables that a spreadsheet may open.
//!
//! A spreadsheet runs a cell that begins with `=`, `+`, `-`, `@`, a tab or a line break as a formula. Such a name is written
//! with an apostrophe before it, as is one that begins with an apostrophe; reading takes it away again.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serializer};

/// What a cell that could run begins with, and the sign that stands before it.
const RUNS: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];
const SIGN: char = '\'';

/// A name as it stands in a cell.
pub(super) fn write(name: &str) -> Cow<'_, str> {
    if name.starts_with(RUNS) || name.starts_with(SIGN) { format!("{SIGN}{name}").into() } else { name.into() }
}

/// The name that stands in a cell.
pub(super) fn read(cell: &str) -> &str {
    cell.strip_prefix(SIGN).unwrap_or(cell)
}

/// [`write`], for a field of a row.
pub(super) fn serialize<S: Serializer>(name: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&write(name))
}

/// [`read`], for a field of a row.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(read(&String::deserialize(deserializer)?).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_runs_and_every_name_comes_back() {
        for name in ["a.png", "=1+1.png", "+a", "-a", "@a", "\ta", "\ra", "\na", "'a", "''=a", "a=b", ""] {
            let cell = write(name);
            assert!(!cell.starts_with(RUNS), "{cell:?}");
            assert_eq!(read(&cell), name);
        }
        assert_eq!((write("a.png"), write("=a")), ("a.png".into(), "'=a".into()));
    }
}

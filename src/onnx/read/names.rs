//! Names that must be of one form, or be there once.

use std::collections::HashSet;

use crate::onnx::fields::Malformed;

/// The standard domain has two names; here it is empty.
pub(super) fn standard(domain: String) -> String {
    if domain == "ai.onnx" { String::new() } else { domain }
}

/// Refuses two things of one name, since readers differ in which of them they take.
pub(super) fn unique<'a>(what: &str, names: impl Iterator<Item = &'a String>) -> Result<(), Malformed> {
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(Malformed(format!("{what} `{name}` is there twice")));
        }
    }
    Ok(())
}

//! A rule that a model breaks.

use std::fmt::{self, Display};

/// What was found in a model where something else was expected.
#[derive(Debug)]
pub(crate) struct Broken {
    pub found: String,
    pub expected: String,
}

impl Broken {
    pub fn new(found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { found: found.into(), expected: expected.into() }
    }
}

impl Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found {}, expected {}", self.found, self.expected)
    }
}

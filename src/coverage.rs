//! Which of Burn's operations can be exported, by the results of the tests.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

/// The table of operations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// The number of operations that a forward pass in Burn may have.
    pub total: usize,
    /// The number of operations that a recording can contain.
    pub capturable: usize,
    /// The number of operations with a test that passes on ONNX Runtime.
    pub lowered: usize,
    /// All operations.
    pub operations: Vec<Entry>,
}

/// What is known of one operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Burn's family of operations.
    pub family: String,
    /// Its name within the family.
    pub name: String,
    /// Whether a recording can contain it.
    pub capturable: bool,
    /// The ONNX operators that it became in the tests, those of shape arithmetic included.
    pub lowering: Option<String>,
    /// Whether a test of it passes on ONNX Runtime.
    pub ort: bool,
    /// Whether a test of it passes on tract.
    pub tract: bool,
    /// The element types it was tested with on ONNX Runtime.
    pub ort_types: Vec<String>,
    /// The element types it was tested with on tract.
    pub tract_types: Vec<String>,
    /// Why it is not lowered, or does not run on an engine.
    pub why: Option<String>,
}

impl Coverage {
    /// The table of these operations.
    pub fn new(operations: Vec<Entry>) -> Self {
        let count = |test: fn(&Entry) -> bool| operations.iter().filter(|entry| test(entry)).count();
        Self {
            total: operations.len(),
            capturable: count(|entry| entry.capturable),
            lowered: count(|entry| entry.ort),
            operations,
        }
    }

    /// The table that the tests of this version wrote.
    ///
    /// # Panics
    /// Never: the tests check the file.
    pub fn shipped() -> Self {
        serde_json::from_str(include_str!("coverage.json")).expect("the shipped table is whole")
    }

    /// One line of counts.
    pub fn totals(&self) -> String {
        let tract = self.operations.iter().filter(|entry| entry.tract).count();
        format!(
            "{} operations of a forward pass, {} of them ever recorded; {} pass on ONNX Runtime, {tract} on tract",
            self.total, self.capturable, self.lowered
        )
    }

    /// The table as plain text.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n\n{:<36} {:<5} {:<6} lowering\n", self.totals(), "operation", "ort", "tract");
        for entry in &self.operations {
            let name = format!("{}::{}", entry.family, entry.name);
            let yes = |is: bool| if is { "yes" } else { "no" };
            let lowering = entry.lowering.as_deref().or(entry.why.as_deref()).unwrap_or_default();
            let _ = writeln!(text, "{name:<36} {:<5} {:<6} {lowering}", yes(entry.ort), yes(entry.tract));
        }
        text
    }

    /// The table as a page of Markdown.
    pub fn page(&self) -> String {
        let mut page = format!(
            "# What can be exported\n\n{}.\n\nMade by the tests (`tests/export`), which compare every operation with Burn on both engines; \
             `oasis inspect` can print the same. An operation counts only where a test of it passes on \
             ONNX Runtime. The types are those it was tested with.\n\n\
             | operation | ONNX operators | ONNX Runtime | tract | note |\n|---|---|---|---|---|\n",
            self.totals()
        );
        for entry in &self.operations {
            let _ = writeln!(
                page,
                "| {}::{} | {} | {} | {} | {} |",
                entry.family,
                entry.name,
                entry.lowering.as_deref().unwrap_or("-"),
                entry.ort_types.join(" "),
                entry.tract_types.join(" "),
                entry.why.as_deref().unwrap_or_default()
            );
        }
        page
    }
}

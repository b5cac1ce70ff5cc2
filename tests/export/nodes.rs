//! The nodes of every exported case, held against the list in `nodes.txt`: a lowering that changes and a graph pass that
//! stops firing are seen.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};

use oasis::export::Exported;
use tract_onnx::prelude::Framework;

/// Models with more nodes are listed by how many there are of each operator.
const IN_ORDER: usize = 16;

/// The nodes that `nodes.txt` has for each case.
static EXPECTED: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let text = std::fs::read_to_string(path()).unwrap_or_default();
    let cases = text.lines().filter_map(|line| line.split_once(": "));
    cases.map(|(case, nodes)| (case.to_owned(), nodes.to_owned())).collect()
});

/// The nodes that this run saw of each case.
static SEEN: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/export/nodes.txt")
}

fn blessed() -> bool {
    std::env::var_os("OASIS_BLESS").is_some()
}

/// Compares the nodes of a case with those of the list.
pub fn check(case: &str, exported: &Exported) {
    let nodes = nodes(exported);
    let before = SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert(case.to_owned(), nodes.clone());
    assert!(before.is_none_or(|before| before == nodes), "two cases are named {case}");
    if !blessed() {
        let expected = EXPECTED.get(case).map_or("a case that is not listed", String::as_str);
        assert_eq!(nodes, expected, "the nodes of {case}; run with OASIS_BLESS=1 where the change is meant");
    }
}

/// Fails where the list has cases that a whole run did not see; writes the list instead where `OASIS_BLESS` is set.
///
/// # Errors
/// The cases, or why the list cannot be written.
pub fn finish(whole: bool) -> Result<(), String> {
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if blessed() {
        if !whole {
            EXPECTED.iter().for_each(|(case, nodes)| drop(seen.entry(case.clone()).or_insert_with(|| nodes.clone())));
        }
        let lines: Vec<String> = seen.iter().map(|(case, nodes)| format!("{case}: {nodes}\n")).collect();
        return std::fs::write(path(), lines.concat()).map_err(|why| format!("{}: {why}", path().display()));
    }
    let stale: Vec<&str> = EXPECTED.keys().filter(|case| !seen.contains_key(*case)).map(String::as_str).collect();
    match stale.is_empty() || !whole {
        true => Ok(()),
        false => Err(format!("tests/export/nodes.txt lists cases that no test has: {}", stale.join(", "))),
    }
}

/// The operators in the order of the nodes, with the length of a run of equal ones; or their counts where there are many.
fn nodes(exported: &Exported) -> String {
    let model = tract_onnx::onnx().proto_model_for_read(&mut exported.bytes()).expect("a model that tract can read");
    let nodes = model.graph.expect("a graph").node;
    if nodes.is_empty() {
        return "none".to_owned();
    }
    if nodes.len() > IN_ORDER {
        let mut counts = BTreeMap::new();
        nodes.iter().for_each(|node| *counts.entry(node.op_type.as_str()).or_insert(0) += 1);
        return format!("{} nodes: {}", nodes.len(), joined(counts));
    }
    let mut runs: Vec<(&str, usize)> = Vec::new();
    for node in &nodes {
        match runs.last_mut() {
            Some((operator, count)) if *operator == node.op_type => *count += 1,
            _ => runs.push((&node.op_type, 1)),
        }
    }
    joined(runs)
}

fn joined<'a>(runs: impl IntoIterator<Item = (&'a str, usize)>) -> String {
    let mut text = String::new();
    for (operator, count) in runs {
        let separator = if text.is_empty() { "" } else { ", " };
        let times = if count == 1 { String::new() } else { format!("{count} ") };
        let _ = write!(text, "{separator}{times}{operator}");
    }
    text
}

//! The import rules of docs/architecture.md, held against the text of `src/`.

mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use imports::Crate;

fn read(root: &str) -> BTreeSet<(String, String)> {
    Crate::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), root).imports()
}

/// What each module of the library may import beside `error`, which all may; from the bottom up, so that a module names
/// only modules above it in this list.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("plain", &[]),
    ("error", &["plain"]),
    ("digest", &[]),
    ("random", &[]),
    ("fs", &["plain"]),
    ("panics", &[]),
    ("onnx", &[]),
    ("engine", &["onnx"]),
    ("metrics", &[]),
    ("report", &["random"]),
    ("data", &["digest", "fs", "plain", "random"]),
    ("bundle", &["digest", "fs", "onnx", "plain"]),
    ("runtime", &["bundle", "engine", "fs", "onnx", "panics", "plain"]),
    ("export", &["engine", "fs", "onnx", "panics", "random", "runtime"]),
    ("jobs", &["bundle", "data", "engine", "fs", "metrics", "plain", "report", "runtime"]),
    ("model", &["data"]),
    ("train", &["data", "digest", "fs", "metrics", "model", "panics", "plain", "random", "report"]),
    ("publish", &["bundle", "data", "digest", "engine", "export", "fs", "model", "onnx", "runtime", "train"]),
    ("judge", &["bundle", "data", "fs", "metrics", "model", "report", "runtime"]),
];

/// The module of the library that a file belongs to: its folder under `src/`, or its own name at the top.
fn room(file: &str) -> &str {
    file.split('/').next().unwrap_or(file).trim_end_matches(".rs")
}

/// Groups of files that import each other, directly or through others.
fn circles(pairs: &BTreeSet<(String, String)>) -> Vec<Vec<&str>> {
    let mut reach: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, to) in pairs {
        reach.entry(from).or_default().insert(to);
    }
    loop {
        let mut grown = false;
        for file in reach.keys().copied().collect::<Vec<_>>() {
            let further: Vec<&str> = reach[file].iter().filter_map(|next| reach.get(next)).flatten().copied().collect();
            let known = reach.entry(file).or_default();
            let before = known.len();
            known.extend(further);
            grown |= known.len() > before;
        }
        if !grown {
            break;
        }
    }
    let mut found: Vec<Vec<&str>> = Vec::new();
    for (file, all) in &reach {
        if all.contains(file) && found.iter().all(|circle| !circle.contains(file)) {
            found.push(
                all.iter().copied().filter(|other| reach.get(other).is_some_and(|back| back.contains(file))).collect(),
            );
        }
    }
    found
}

#[test]
fn no_two_files_import_each_other() {
    for root in ["lib.rs", "main.rs"] {
        let pairs = read(root);
        assert!(pairs.len() > 20, "{root}: the imports are not read: {pairs:?}");
        let found = circles(&pairs);
        assert!(found.is_empty(), "{root}: {found:#?}");
    }
}

#[test]
fn modules_import_only_what_they_may() {
    for (index, (name, allowed)) in MAY_IMPORT.iter().enumerate() {
        let above: Vec<&str> = MAY_IMPORT[..index].iter().map(|(name, _)| *name).collect();
        assert!(allowed.iter().all(|other| above.contains(other)), "{name} names a module below it");
    }
    let pairs = read("lib.rs");
    let mut used: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, to) in &pairs {
        let (from, to) = (room(from), room(to));
        if from != to && from != "lib" && to != "error" {
            used.entry(from).or_default().insert(to);
        }
    }
    for (name, used) in &used {
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(known, _)| known == name) else {
            panic!("src/{name} is in no rule: add it here and to docs/architecture.md");
        };
        let beyond: Vec<_> = used.iter().filter(|other| !allowed.contains(other)).collect();
        assert!(beyond.is_empty(), "src/{name} imports {beyond:?}; it may import {allowed:?}");
    }
    // A rule that nothing uses any more hides the next arrow.
    for (name, allowed) in MAY_IMPORT {
        let used = used.get(name).cloned().unwrap_or_default();
        let idle: Vec<_> = allowed.iter().filter(|other| !used.contains(*other)).collect();
        assert!(idle.is_empty(), "src/{name} may import {idle:?} and does not: take it out of the rule");
    }
}

#[test]
fn the_page_on_architecture_shows_the_rules() {
    let page = include_str!("../../docs/architecture.md");
    for (name, allowed) in MAY_IMPORT {
        let row = format!("| `{name}` | {} |", allowed.join(", "));
        assert!(page.contains(&row), "docs/architecture.md lacks the row {row}");
    }
}

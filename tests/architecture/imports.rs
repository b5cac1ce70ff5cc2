//! Which file of `src/` imports which, read from their text.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A source file as a module of the library or of the binary.
#[derive(Debug, Default)]
struct Module {
    file: String,
    /// Modules that the file declares, by name.
    children: BTreeMap<String, usize>,
    /// Names that the file takes over from elsewhere, with the path they come from.
    aliases: BTreeMap<String, Vec<String>>,
    /// Paths that the file names, each from the root of its crate.
    paths: Vec<Vec<String>>,
}

/// The modules of a crate, the root first.
#[derive(Debug, Default)]
pub struct Crate {
    modules: Vec<Module>,
}

impl Crate {
    /// Reads the crate whose root is `root`, a file in `folder`.
    pub fn read(folder: &Path, root: &str) -> Self {
        let mut read = Self::default();
        read.add(folder, root, &[]);
        read
    }

    /// Every pair of files of which the first imports something from the second, a parent's declaration of its child
    /// left out.
    pub fn imports(&self) -> BTreeSet<(String, String)> {
        let mut pairs = BTreeSet::new();
        for module in &self.modules {
            for path in &module.paths {
                let target = &self.modules[self.resolve(path, 0)].file;
                if *target != module.file {
                    pairs.insert((module.file.clone(), target.clone()));
                }
            }
        }
        pairs
    }

    fn add(&mut self, folder: &Path, file: &str, path: &[String]) -> usize {
        let text = fs::read_to_string(folder.join(file)).unwrap_or_else(|why| panic!("{file}: {why}"));
        let text = code(&text);
        let index = self.modules.len();
        self.modules.push(Module { file: file.to_owned(), ..Module::default() });
        let base = match file.strip_suffix("/mod.rs") {
            Some(folder) => format!("{folder}/"),
            None if path.is_empty() => String::new(),
            None => format!("{}/", file.trim_end_matches(".rs")),
        };
        for name in declared(&text) {
            let flat = format!("{base}{name}.rs");
            let nested = format!("{base}{name}/mod.rs");
            let child = if folder.join(&flat).exists() { flat } else { nested };
            let path: Vec<_> = path.iter().cloned().chain([name.clone()]).collect();
            let child = self.add(folder, &child, &path);
            self.modules[index].children.insert(name, child);
        }
        for (used, name) in uses(&text) {
            if let Some(full) = absolute(path, &used, |name| self.modules[index].children.contains_key(name)) {
                self.modules[index].aliases.insert(name, full.clone());
                self.modules[index].paths.push(full);
            }
        }
        for inline in inline_paths(&text) {
            if let Some(full) = absolute(path, &inline, |_| false) {
                self.modules[index].paths.push(full);
            }
        }
        index
    }

    /// The module whose file defines what a path names, re-exports followed.
    fn resolve(&self, path: &[String], depth: usize) -> usize {
        let mut at = 0;
        for (position, segment) in path.iter().enumerate() {
            let module = &self.modules[at];
            if let Some(child) = module.children.get(segment) {
                at = *child;
            } else if let Some(alias) = module.aliases.get(segment)
                && depth < 8
            {
                let rest = alias.iter().chain(&path[position + 1..]).cloned().collect::<Vec<_>>();
                return self.resolve(&rest, depth + 1);
            } else {
                break;
            }
        }
        at
    }
}

/// The text without comments, string contents and unit tests.
fn code(text: &str) -> String {
    let text = text.split("\nmod tests {").next().unwrap_or_default();
    let mut kept = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.split_once("//").map_or(line, |(before, _)| before);
        // An indented `use` stands in a module inside the file, whose parent is the file.
        let inside = line.starts_with(' ').then(|| line.replace("use super::", "use self::"));
        let line = inside.as_deref().unwrap_or(line);
        for (number, part) in line.split('"').enumerate() {
            if number % 2 == 0 {
                kept.push_str(part);
                kept.push(' ');
            }
        }
        kept.push('\n');
    }
    kept
}

/// The names of the modules that a file declares without a body.
fn declared(text: &str) -> Vec<String> {
    let name = |line: &str| {
        let line = line.trim().strip_suffix(';')?;
        let line = line.strip_prefix("pub ").or_else(|| Some(line.split_once(") ")?.1)).unwrap_or(line);
        line.strip_prefix("mod ").map(str::to_owned)
    };
    text.lines().filter_map(name).collect()
}

/// What every `use` names: the path, and the name that it gives in the file.
fn uses(text: &str) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    for statement in text.split(';') {
        let words: Vec<&str> = statement.split_whitespace().collect();
        let Some(at) = words.iter().position(|word| *word == "use") else { continue };
        let before = &words[..at];
        let starts = before.last().is_none_or(|word| word.ends_with([']', '}', ')', '{']) || *word == "pub");
        if starts {
            flatten(&words[at + 1..].join(" "), &[], &mut found);
        }
    }
    found
}

/// Takes the braces of a `use` apart.
fn flatten(tree: &str, above: &[String], found: &mut Vec<(Vec<String>, String)>) {
    let tree = tree.trim();
    if let Some((head, inside)) = tree.split_once('{') {
        let segments = head.split("::").map(str::trim).filter(|segment| !segment.is_empty()).map(str::to_owned);
        let above: Vec<String> = above.iter().cloned().chain(segments).collect();
        let inside = inside.strip_suffix('}').unwrap_or(inside);
        let (mut depth, mut start) = (0, 0);
        for (at, letter) in inside.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    flatten(&inside[start..at], &above, found);
                    start = at + 1;
                }
                _ => {}
            }
        }
        flatten(&inside[start..], &above, found);
        return;
    }
    if tree.is_empty() {
        return;
    }
    let (path, name) = tree.split_once(" as ").map_or((tree, None), |(path, name)| (path, Some(name)));
    let segments = path.split("::").map(|segment| segment.trim().to_owned());
    let mut full: Vec<String> = above.iter().cloned().chain(segments).collect();
    if full.last().is_some_and(|last| last == "self" && full.len() > 1) {
        full.pop();
    }
    let name = name.map_or_else(|| full.last().cloned().unwrap_or_default(), |name| name.trim().to_owned());
    found.push((full, name));
}

/// Paths that start with `crate::`, `super::` or `self::` outside of `use`.
fn inline_paths(text: &str) -> Vec<Vec<String>> {
    // Where something may be seen from is no import.
    let text = text.replace("(in crate::", "(");
    let letter = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
    let words = text.split(|other| !letter(other));
    let starts = |word: &str| ["crate::", "super::", "self::"].iter().any(|start| word.starts_with(start));
    let segments = |word: &str| word.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    // What stands before a brace is a part of a `use`.
    words.filter(|word| starts(word) && !word.ends_with("::")).map(segments).collect()
}

/// A path from the crate's root; `None` for another crate's.
fn absolute(module: &[String], path: &[String], is_child: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    let mut base = module.to_vec();
    let mut rest = path;
    match path.first()?.as_str() {
        "crate" => {
            base.clear();
            rest = &path[1..];
        }
        "self" => rest = &path[1..],
        "super" => {
            while rest.first().is_some_and(|segment| segment == "super") {
                base.pop()?;
                rest = &rest[1..];
            }
        }
        name if is_child(name) => {}
        _ => return None,
    }
    Some(base.into_iter().chain(rest.iter().cloned()).collect())
}

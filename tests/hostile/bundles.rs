//! Bundles and ONNX files that mean no good: each is the toy bundle, changed in one way.

use std::path::{Path, PathBuf};

use oasis::bundle::Role;
use serde_json::{Value, json};

use super::case::{Case, check};
use super::house::Scratch;
use super::toy;
use super::wire::{Message, Model};
use crate::arguments;

mod costs;
mod counts;
mod folders;
mod looked_at;
mod manifests;
mod operators;
mod plain;

/// The most memory in MiB of a command that refuses a bundle before an engine is asked.
const REFUSED: u64 = 150;

/// Bundles under construction, and the cases that are run on them.
struct Bundles {
    scratch: Scratch,
    good: PathBuf,
    image: PathBuf,
    cases: Vec<Case>,
}

impl Bundles {
    fn new() -> Self {
        let scratch = Scratch::new();
        let (good, image) = (scratch.at("good"), scratch.slice("image.png"));
        toy::write(&good, |_, _| {}).unwrap();
        Self { scratch, good, image, cases: Vec::new() }
    }

    /// A copy of the good bundle, changed.
    fn folder(&self, change: impl FnOnce(&Path)) -> PathBuf {
        let to = self.scratch.at(&format!("b{}", self.cases.len()));
        std::fs::create_dir(&to).unwrap();
        for entry in std::fs::read_dir(&self.good).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
        change(&to);
        to
    }

    /// Adds a case: one of the commands in turn, on a bundle that it must refuse and say why.
    fn refused(&mut self, name: &str, bundle: &Path, says: &str) {
        let out = self.scratch.at(&format!("out{}", self.cases.len()));
        let arguments = match self.cases.len() % 4 {
            0 => arguments!["infer", self.image, "--bundle", bundle, "--out", out].to_vec(),
            1 => arguments!["sample", "--count", "1", "--seed", "1", "--bundle", bundle, "--out", out].to_vec(),
            2 => arguments!["encode", self.image, "--bundle", bundle, "--out", out].to_vec(),
            _ => arguments!["inspect", bundle].to_vec(),
        };
        self.cases.push(Case::new(name, arguments, 2).says("error: ").says("hint: ").says(says).peak(REFUSED));
    }

    /// A bundle in which the file of a role has this content, and its size and hash are those of it.
    fn content(&mut self, name: &str, role: &Role, bytes: &[u8], says: &str) {
        let bundle = self.folder(|path| {
            std::fs::write(path.join(role.file_name()), bytes).unwrap();
            let entry = json!({ "file": role.file_name(), "bytes": bytes.len(), "sha256": toy::sha256(bytes) });
            edit(path, |manifest| manifest["files"][role.as_str()] = entry.clone());
        });
        self.refused(name, &bundle, says);
    }

    /// The same of a changed model; which of them is changed goes by the number of the case.
    fn model(&mut self, name: &str, says: &str, change: impl FnOnce(&mut Model)) {
        let role = Role::FIXED[self.cases.len() / 4 % 4].clone();
        self.model_of(&role, name, says, change);
    }

    fn model_of(&mut self, role: &Role, name: &str, says: &str, change: impl FnOnce(&mut Model)) {
        let mut model = toy::model(role);
        change(&mut model);
        self.content(name, role, &model.write(), says);
    }

    /// The same of a model with more fields at its end.
    fn more(&mut self, name: &str, says: &str, more: Message) {
        let role = Role::FIXED[self.cases.len() / 4 % 4].clone();
        let bytes = [toy::model(&role).write(), more.0].concat();
        self.content(name, &role, &bytes, says);
    }

    fn manifest(&mut self, name: &str, says: &str, change: impl Fn(&mut Value)) {
        let bundle = self.folder(|path| edit(path, change));
        self.refused(name, &bundle, says);
    }

    /// A manifest of this text.
    fn text(&mut self, name: &str, says: &str, text: &[u8]) {
        let bundle = self.folder(|path| std::fs::write(path.join("bundle.json"), text).unwrap());
        self.refused(name, &bundle, says);
    }

    /// `inspect` of a file.
    fn inspect(&mut self, name: &str, exit: i32, bytes: &[u8], says: &str) {
        let file = self.scratch.file(&format!("f{}.onnx", self.cases.len()), bytes);
        self.cases.push(Case::new(name, arguments!["inspect", file], exit).says(says).peak(REFUSED));
    }

    fn check(self, kind: &str, least: usize) {
        assert!(self.cases.len() >= least, "{} cases", self.cases.len());
        check(kind, &self.cases);
    }
}

fn edit(bundle: &Path, change: impl Fn(&mut Value)) {
    let path = bundle.join("bundle.json");
    let mut manifest = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    change(&mut manifest);
    std::fs::write(path, manifest.to_string()).unwrap();
}

fn message() -> Message {
    Message::default()
}

/// A node that reads nothing of the graph's, with these fields more.
fn odd(more: impl FnOnce(Message) -> Message) -> Message {
    more(message().bytes(2, "odd").bytes(4, "Relu"))
}

/// An attribute of these fields.
fn setting(fields: impl FnOnce(Message) -> Message) -> Message {
    odd(|node| node.message(5, fields(message().bytes(1, "setting"))))
}

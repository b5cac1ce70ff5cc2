//! What came of many tries of one kind: a line for people, and a row for the table of docs/reliability.md.

use std::fmt::Display;
use std::fs::OpenOptions;
use std::io::Write;
use std::sync::Mutex;

/// Whether the long form of every kind was asked for, with `OASIS_HOSTILE_LONG=1`.
pub fn long() -> bool {
    std::env::var_os("OASIS_HOSTILE_LONG").is_some_and(|value| value == "1")
}

/// One of two numbers: the first in the short form, the second in the long one.
pub fn of(short: usize, longer: usize) -> usize {
    if long() { longer } else { short }
}

/// The tries of one kind so far. It may be filled from several threads. Where a test panics before [`Tally::finish`], it
/// prints what was lost until then.
pub struct Tally {
    kind: String,
    results: Mutex<Results>,
}

#[derive(Default)]
struct Results {
    tries: usize,
    lost: Vec<String>,
}

impl Tally {
    pub fn new(kind: impl Into<String>) -> Self {
        Self { kind: kind.into(), results: Mutex::default() }
    }

    /// Counts a try; `wrong` is what went otherwise than it must, empty where nothing did.
    pub fn add(&self, name: impl Display, wrong: &[String]) {
        self.add_many(1, name, wrong);
    }

    /// Counts so many tries of which one may have gone wrong.
    pub fn add_many(&self, tries: usize, name: impl Display, wrong: &[String]) {
        let mut results = self.results.lock().unwrap();
        results.tries += tries;
        if !wrong.is_empty() {
            results.lost.push(format!("{name}: {}", wrong.join("; ")));
        }
    }

    /// [`Tally::row`].
    ///
    /// # Panics
    /// Where a try was lost, with all that were; and where there was no try, since that shows nothing.
    pub fn finish(self) {
        finish_all([self]);
    }

    /// Prints the kind, and appends its row (kind, tries, survived, lost) to the file that `OASIS_HOSTILE_LOG` names, if it
    /// names one. Gives what is wrong, if anything is.
    fn row(self) -> Option<String> {
        let Results { tries, lost } = std::mem::take(&mut *self.results.lock().unwrap());
        let (kind, bad) = (&self.kind, lost.len());
        println!("{kind}: {tries} tries, {} survived, {bad} lost", tries - bad);
        if let Some(path) = std::env::var_os("OASIS_HOSTILE_LOG") {
            let mut file = OpenOptions::new().create(true).append(true).open(path).expect("the log can be written");
            // One write a row: other tests append to the same file.
            let row = format!("{kind}\t{tries}\t{}\t{bad}\n", tries - bad);
            file.write_all(row.as_bytes()).expect("the log can be written");
        }
        match (tries, bad) {
            (0, _) => Some(format!("{kind}: nothing was tried")),
            (_, 0) => None,
            _ => Some(format!("{kind}: {bad} of {tries} lost\n{}", lost.join("\n"))),
        }
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        let results = self.results.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        for lost in &results.lost {
            println!("{}: {lost}", self.kind);
        }
    }
}

/// [`Tally::finish`] for several, whose rows are all written first.
pub fn finish_all(tallies: impl IntoIterator<Item = Tally>) {
    let wrong: Vec<String> = tallies.into_iter().filter_map(Tally::row).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

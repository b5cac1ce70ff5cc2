//! Tables of attacks: a command a row, and how it must end.

use std::ffi::OsString;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::run::{Ran, faults, oasis, start};
use super::tally::Tally;

/// One row of a table of attacks: a command, and how it must end.
pub struct Case {
    /// What is hostile, in a few words.
    pub name: String,
    /// The command and its arguments.
    pub arguments: Vec<OsString>,
    /// The exit code that it must end with.
    pub exit: i32,
    /// What stderr must contain.
    pub says: Vec<String>,
    /// What stdout must contain.
    pub prints: Vec<String>,
    /// The most memory that it may hold, in MiB.
    pub peak: u64,
    /// The longest that processors may be at work for it.
    pub work: Duration,
}

impl Case {
    /// A case that may hold 400 MiB: the models, one image of the largest accepted size, and the binary itself.
    pub fn new(name: impl Into<String>, arguments: impl IntoIterator<Item = OsString>, exit: i32) -> Self {
        let (name, arguments) = (name.into(), arguments.into_iter().collect());
        Self { name, arguments, exit, says: Vec::new(), prints: Vec::new(), peak: 400, work: Duration::MAX }
    }

    /// Demands a text on stderr.
    #[must_use]
    pub fn says(mut self, text: impl Into<String>) -> Self {
        self.says.push(text.into());
        self
    }

    /// Demands a text on stdout.
    #[must_use]
    pub fn prints(mut self, text: impl Into<String>) -> Self {
        self.prints.push(text.into());
        self
    }

    /// Allows so many MiB.
    #[must_use]
    pub fn peak(mut self, mib: u64) -> Self {
        self.peak = mib;
        self
    }
}

/// Does the work of every item, two at a time; the work is given the number of the item too.
pub fn two_at_a_time<T: Sync>(items: &[T], work: impl Fn(usize, &T) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    let Some(item) = items.get(number) else { break };
                    work(number, item);
                }
            });
        }
    });
}

/// Runs a table of cases of one kind, and panics with every row that ended in another way than it must.
pub fn check(kind: &str, cases: &[Case]) {
    let tally = Tally::new(kind);
    add(&tally, cases);
    tally.finish();
}

/// Runs a table of cases two at a time, and counts each.
///
/// What [`faults`] finds is wrong in every case.
pub fn add(tally: &Tally, cases: &[Case]) {
    two_at_a_time(cases, |_, case| {
        let ran = start(&mut oasis(&case.arguments)).wait();
        let mut why = judge(case, &ran);
        if let Some(last) = why.last_mut() {
            last.push_str(&format!("\n{ran:?}"));
        }
        tally.add(&case.name, &why);
    });
}

/// What is wrong with how a case ended.
fn judge(case: &Case, ran: &Ran) -> Vec<String> {
    let mut wrong = faults(ran);
    if ran.code != Some(case.exit) {
        wrong.push(format!("exit {:?}, signal {:?}, expected {}", ran.code, ran.signal, case.exit));
    }
    let lacks = |text: &&String, stream: &str| !stream.contains(text.as_str());
    wrong.extend(case.says.iter().filter(|text| lacks(text, &ran.stderr)).map(|text| format!("does not say {text:?}")));
    wrong.extend(
        case.prints.iter().filter(|text| lacks(text, &ran.stdout)).map(|text| format!("does not print {text:?}")),
    );
    if ran.peak > case.peak {
        wrong.push(format!("held {} MiB, expected at most {}", ran.peak, case.peak));
    }
    if ran.work > case.work {
        wrong.push(format!("worked for {:?}, expected at most {:?}", ran.work, case.work));
    }
    wrong
}

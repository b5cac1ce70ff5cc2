//! Faults while files are written: kills, full disks, signals, places that go away. After each, what lies under a final
//! name is whole, and the same command in the same folder gives what an undisturbed run gives.

mod disk;
mod ground;
mod kill;
mod places;
mod signals;
#[cfg(feature = "train")]
mod training;
mod whole;

use std::fmt::Display;
use std::path::Path;
use std::time::Duration;

use ground::Job;
pub use whole::Files;

use super::run::{faults, start};
use super::tally::Tally;

/// Makes a try so long after the start of a run, and counts it. Where it met no run at work, for which `attempt` gives `None`, it
/// is made again earlier: what had ended already shows nothing.
fn meet(tally: &Tally, name: impl Display, mut at: Duration, mut attempt: impl FnMut(Duration) -> Option<Vec<String>>) {
    const ATTEMPTS: usize = 12;
    for _ in 0..ATTEMPTS {
        if let Some(wrong) = attempt(at) {
            return tally.add(format!("{name}, after {at:?}"), &wrong);
        }
        at /= 2;
    }
    tally.add(name, &[format!("none of {ATTEMPTS} runs was met before its end")]);
}

/// The middle of one of so many equal parts of a time.
fn part(time: Duration, index: usize, count: usize) -> Duration {
    time.mul_f64((index as f64 + 0.5) / count as f64)
}

/// What is wrong with a folder in which a job was cut short, before the job is run there again.
///
/// Unfinished files are wrong where the process could have removed them.
fn left(job: &Job, place: &Path, killed: bool) -> Vec<String> {
    let (files, unfinished) = Files::of(place).split();
    let mut wrong = files.torn(&job.clean);
    if !killed {
        wrong.extend(unfinished.iter().map(|path| format!("{} is left over", path.display())));
    }
    if job.fresh && !files.0.is_empty() {
        wrong.extend(files.unlike(&job.clean));
    }
    wrong
}

/// What is wrong once a job that was cut short in a folder has been run there again.
fn again(job: &Job, place: &Path) -> Vec<String> {
    let (files, _) = Files::of(place).split();
    let mut wrong = Vec::new();
    if !(job.fresh && files == job.clean) {
        let ran = start(&mut job.command(place)).wait();
        wrong.extend(faults(&ran));
        if ran.code != Some(0) {
            wrong.push(format!("run again: exit {:?}, signal {:?}: {}", ran.code, ran.signal, ran.stderr));
        }
    }
    wrong.extend(Files::of(place).unlike(&job.clean).into_iter().map(|why| format!("run again: {why}")));
    wrong
}

/// Runs a job to its end, and says what is wrong with an end that is neither success nor an error with a hint.
fn ended(job: &Job, place: &Path) -> (Option<i32>, Vec<String>) {
    let ran = start(&mut job.command(place)).wait();
    let mut wrong = faults(&ran);
    match ran.code {
        Some(0) => wrong.extend(Files::of(place).unlike(&job.clean)),
        Some(1 | 2) if ran.stderr.contains("error: ") && ran.stderr.contains("hint: ") => {}
        code => wrong.push(format!("exit {code:?}, signal {:?}: {}", ran.signal, ran.stderr)),
    }
    (ran.code, wrong)
}

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

use std::path::Path;

use ground::Job;
use whole::Files;

use super::run::{faults, start};

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

//! `kill -9` at moments spread over the whole of a run, once or twice before the run that goes through.

use std::time::Duration;

use super::again;
use super::ground::Ground;
use super::left;
use crate::run::start;
use crate::tally::{Tally, finish_all, of};

#[test]
fn kills_lose_nothing() {
    let ground = Ground::shared();
    let moments = of(6, 40);
    let mut tallies = Vec::new();
    for job in &ground.jobs {
        let tally = Tally::new(format!("kill -9: {}", job.name));
        let mut place = ground.place();
        for moment in 0..moments {
            let at = job.time.mul_f64((moment as f64 + 0.5) / moments as f64);
            let running = start(&mut job.command(&place));
            std::thread::sleep(at);
            running.signal(libc::SIGKILL);
            running.wait();
            let mut wrong = left(job, &place, true);
            // One or two kills in one folder before the run that goes through.
            if moment % 3 != 1 || job.fresh || moment + 1 == moments {
                wrong.extend(again(job, &place));
                std::fs::remove_dir_all(&place).unwrap();
                place = ground.place();
            }
            tally.add(format!("after {at:?} of {:?}", job.time), &wrong);
        }
        tallies.push(tally);
    }
    finish_all(tallies);
}

#[test]
fn two_at_once_do_not_disturb_each_other() {
    let ground = Ground::shared();
    let tally = Tally::new("two runs into one folder");
    for job in ground.jobs.iter().filter(|job| !job.fresh) {
        for lag in 0..of(3, 10) {
            let place = ground.place();
            let first = start(&mut job.command(&place));
            std::thread::sleep(Duration::from_millis(7 * lag as u64));
            let second = start(&mut job.command(&place));
            let mut wrong = Vec::new();
            for ran in [first.wait(), second.wait()] {
                if ran.code != Some(0) {
                    wrong.push(format!("exit {:?}: {}", ran.code, ran.stderr));
                }
            }
            wrong.extend(super::Files::of(&place).unlike(&job.clean));
            tally.add(job.name, &wrong);
            std::fs::remove_dir_all(&place).unwrap();
        }
    }
    tally.finish();
}

//! `kill -9` at moments spread over the whole of a run, once or twice before the run that goes through.

use std::time::Duration;

use super::ground::Ground;
use super::{again, left, meet, part};
use crate::run::{faults, start};
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
            meet(&tally, moment, part(job.time, moment, moments), |at| {
                let running = start(&mut job.command(&place));
                std::thread::sleep(at);
                running.signal(libc::SIGKILL);
                let killed = running.wait().signal == Some(libc::SIGKILL);
                let mut wrong = left(job, &place, true);
                // One or two kills in one folder before the run that goes through.
                let goes_on = killed && moment % 3 == 1 && !job.fresh && moment + 1 < moments;
                if !goes_on {
                    wrong.extend(again(job, &place));
                    std::fs::remove_dir_all(&place).unwrap();
                    place = ground.place();
                }
                (killed || !wrong.is_empty()).then_some(wrong)
            });
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
            meet(&tally, job.name, Duration::from_millis(7 * lag as u64), |at| {
                let place = ground.place();
                let first = start(&mut job.command(&place));
                std::thread::sleep(at);
                let second = start(&mut job.command(&place));
                let together = first.goes_on();
                let mut wrong = Vec::new();
                for ran in [first.wait(), second.wait()] {
                    wrong.extend(faults(&ran));
                    if ran.code != Some(0) {
                        wrong.push(format!("exit {:?}: {}", ran.code, ran.stderr));
                    }
                }
                wrong.extend(super::Files::of(&place).unlike(&job.clean));
                std::fs::remove_dir_all(&place).unwrap();
                (together || !wrong.is_empty()).then_some(wrong)
            });
        }
    }
    tally.finish();
}

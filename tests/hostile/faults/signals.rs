//! SIGINT, SIGTERM and SIGHUP at moments spread over the whole of a run.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use super::ground::Ground;
use super::whole::Files;
use super::{again, left, meet, part};
use crate::arguments;
use crate::case::two_at_a_time;
use crate::run::{Ran, Running, faults, oasis, run, start};
use crate::tally::{Tally, finish_all, of};

const SIGNALS: [i32; 3] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP];
/// How long after a signal a run may go on, to finish what is in work. Other tests run beside it.
const GRACE: Duration = Duration::from_secs(2);

/// Sends a signal to a run once it has had a handler for so long; gives how the run ended, and what was wrong with that.
fn signalled(running: Running, signal: i32, at: Duration) -> (Ran, Vec<String>) {
    running.handles(signal);
    std::thread::sleep(at);
    running.signal(signal);
    let sent = Instant::now();
    let ran = running.wait();
    let took = sent.elapsed();
    let mut wrong = faults(&ran);
    if took > GRACE {
        wrong.push(format!("signal {signal}: it went on for {took:?}"));
    }
    if !matches!(ran.code, Some(0 | 130)) {
        wrong.push(format!("signal {signal}: exit {:?}, signal {:?}: {}", ran.code, ran.signal, ran.stderr));
    }
    (ran, wrong)
}

/// What of a try counts: a run that the signal ended, or anything wrong.
fn met(ran: &Ran, wrong: Vec<String>) -> Option<Vec<String>> {
    (ran.code == Some(130) || !wrong.is_empty()).then_some(wrong)
}

#[test]
fn signals_end_a_run_in_order() {
    let ground = Ground::shared();
    let moments = of(6, 18);
    let mut tallies = Vec::new();
    for job in &ground.jobs {
        let tally = Tally::new(format!("signals: {}", job.name));
        for moment in 0..moments {
            meet(&tally, moment, part(job.time, moment, moments), |at| {
                let place = ground.place();
                let (ran, mut wrong) = signalled(start(&mut job.command(&place)), SIGNALS[moment % 3], at);
                match ran.code {
                    Some(0) => wrong.extend(Files::of(&place).unlike(&job.clean)),
                    _ => wrong.extend(left(job, &place, false)),
                }
                wrong.extend(again(job, &place));
                std::fs::remove_dir_all(&place).unwrap();
                met(&ran, wrong)
            });
        }
        tallies.push(tally);
    }
    finish_all(tallies);
}

/// What is wrong with a folder that `infer` was stopped in: `metrics.csv` holds exactly the slices whose pictures are there.
fn untold(folder: &Path) -> Vec<String> {
    let files = Files::of(folder);
    let pictures = files.0.keys().filter(|path| path.to_string_lossy().ends_with(".recon.png")).count();
    let rows = files.0.get(Path::new("metrics.csv"));
    let rows = rows.map_or(0, |rows| rows.iter().filter(|&&byte| byte == b'\n').count().saturating_sub(1));
    if pictures == rows { Vec::new() } else { vec![format!("{pictures} pictures, {rows} rows")] }
}

#[test]
fn metrics_tell_what_was_done() {
    let ground = Ground::shared();
    let job = ground.jobs.iter().find(|job| job.name == "infer").unwrap();
    let tally = Tally::new("metrics.csv after a signal");
    for moment in 0..of(6, 30) {
        meet(&tally, moment, part(job.time, moment, of(6, 30)), |at| {
            let place = ground.place();
            let (ran, mut wrong) = signalled(start(&mut job.command(&place)), libc::SIGTERM, at);
            wrong.extend(untold(&job.target(&place)));
            std::fs::remove_dir_all(&place).unwrap();
            met(&ran, wrong)
        });
    }
    tally.finish();
}

/// Commands whose work on the shipped bundle is long, and those that write nothing, with the name of what they write.
fn commands(data: &Path) -> Vec<(Vec<OsString>, Option<&'static str>)> {
    let slices = data.join("keras_png_slices_train");
    vec![
        (arguments!["infer", slices, "--out"].to_vec(), Some("out")),
        (arguments!["encode", slices, "--likelihood", "--out"].to_vec(), Some("out")),
        (arguments!["eval", "--data", data, "--split", "train", "--csv"].to_vec(), Some("scores.csv")),
        (arguments!["sample", "--count", "64", "--out"].to_vec(), Some("out")),
        (arguments!["data", "phantom", "--subjects", "200", "--out"].to_vec(), Some("out")),
        (arguments!["man"].to_vec(), Some("out")),
        (arguments!["data", "check", data].to_vec(), None),
        (arguments!["bench", "--rounds", "10000"].to_vec(), None),
        (arguments!["bench", "sample", "--batch", "4"].to_vec(), None),
        (arguments!["inspect"].to_vec(), None),
        (arguments!["doctor"].to_vec(), None),
    ]
}

/// Every command has the handler, from its first moment on.
#[test]
fn every_command_ends_at_a_signal() {
    let ground = Ground::shared();
    let data = ground.at("many");
    let made = run(&mut oasis(arguments!["data", "phantom", "--subjects", "10", "--out", data]));
    assert_eq!(made.code, Some(0), "{made:?}");
    let tally = Tally::new("signals: other commands");
    let waits =
        if of(0, 1) == 0 { &[0, 50, 300, 1200][..] } else { &[0, 20, 50, 150, 300, 500, 800, 1200, 2000, 3000] };
    let commands = commands(&data);
    let tries: Vec<_> = commands.iter().flat_map(|command| waits.iter().map(move |wait| (command, *wait))).collect();
    two_at_a_time(&tries, |number, ((arguments, target), wait)| {
        meet(&tally, format!("{arguments:?}"), Duration::from_millis(*wait), |at| {
            let place = ground.place();
            let mut command = oasis(arguments);
            command.args(target.map(|target| place.join(target)));
            let (ran, mut wrong) = signalled(start(&mut command), SIGNALS[number % 3], at);
            let (_, unfinished) = Files::of(&place).split();
            wrong.extend(unfinished.iter().map(|path| format!("{} is left over", path.display())));
            if arguments[0] == "infer" {
                wrong.extend(untold(&place.join("out")));
            }
            std::fs::remove_dir_all(&place).unwrap();
            met(&ran, wrong)
        });
    });
    tally.finish();
}

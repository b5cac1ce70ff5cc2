//! SIGINT, SIGTERM and SIGHUP at moments spread over the whole of a run.

use std::time::{Duration, Instant};

use super::again;
use super::ground::Ground;
use super::left;
use super::whole::Files;
use crate::arguments;
use crate::run::{Running, faults, oasis, start};
use crate::tally::{Tally, finish_all, of};

const SIGNALS: [i32; 3] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP];
/// How long after a signal a run may go on, to finish what is in work. Other tests run beside it.
const GRACE: Duration = Duration::from_secs(2);

/// Waits until a run has a handler of its own; whether it has got one before its end.
fn ready(running: &Running, signal: i32) -> bool {
    loop {
        match running.handles(signal) {
            Some(true) => return true,
            Some(false) => std::thread::sleep(Duration::from_micros(300)),
            None => return false,
        }
    }
}

#[test]
fn signals_end_a_run_in_order() {
    let ground = Ground::shared();
    let moments = of(6, 18);
    let mut tallies = Vec::new();
    for job in &ground.jobs {
        let tally = Tally::new(format!("signals: {}", job.name));
        for moment in 0..moments {
            let signal = SIGNALS[moment % 3];
            let at = job.time.mul_f64(moment as f64 / moments as f64);
            let place = ground.place();
            let running = start(&mut job.command(&place));
            let mut wrong = Vec::new();
            if !ready(&running, signal) {
                wrong.push(format!("nothing handles signal {signal}"));
            }
            std::thread::sleep(at);
            running.signal(signal);
            let sent = Instant::now();
            let ran = running.wait();
            let took = sent.elapsed();
            wrong.extend(faults(&ran));
            if took > GRACE {
                wrong.push(format!("it went on for {took:?}"));
            }
            match ran.code {
                Some(0) => wrong.extend(Files::of(&place).unlike(&job.clean)),
                Some(130) => wrong.extend(left(job, &place, false)),
                code => wrong.push(format!("exit {code:?}, signal {:?}: {}", ran.signal, ran.stderr)),
            }
            wrong.extend(again(job, &place));
            tally.add(format!("{signal} after {at:?} of {:?}", job.time), &wrong);
            std::fs::remove_dir_all(&place).unwrap();
        }
        tallies.push(tally);
    }
    finish_all(tallies);
}

/// What is interrupted has said which results there are: `metrics.csv` holds exactly the slices whose pictures are there.
#[test]
fn metrics_tell_what_was_done() {
    let ground = Ground::shared();
    let job = ground.jobs.iter().find(|job| job.name == "infer").unwrap();
    let tally = Tally::new("metrics.csv after a signal");
    for moment in 0..of(6, 30) {
        let place = ground.place();
        let running = start(&mut job.command(&place));
        ready(&running, libc::SIGTERM);
        std::thread::sleep(job.time.mul_f64(moment as f64 / of(6, 30) as f64));
        running.signal(libc::SIGTERM);
        let ran = running.wait();
        let files = Files::of(&job.target(&place));
        let pictures = files.0.keys().filter(|path| path.to_string_lossy().ends_with(".recon.png")).count();
        let rows = files.0.get(std::path::Path::new("metrics.csv"));
        let rows = rows.map_or(0, |rows| rows.iter().filter(|&&byte| byte == b'\n').count().saturating_sub(1));
        let wrong =
            if pictures == rows { Vec::new() } else { vec![format!("{pictures} pictures, {rows} rows: {ran:?}")] };
        tally.add(moment, &wrong);
        std::fs::remove_dir_all(&place).unwrap();
    }
    tally.finish();
}

/// Every command has the handler, from its first moment on.
#[test]
fn every_command_ends_at_a_signal() {
    let ground = Ground::shared();
    let tally = Tally::new("signals: other commands");
    let commands = [
        arguments!["data", "check", ground.at("data")].to_vec(),
        arguments!["bench"].to_vec(),
        arguments!["bench", "sample", "--batch", "4"].to_vec(),
        arguments!["inspect"].to_vec(),
        arguments!["doctor"].to_vec(),
    ];
    for command in &commands {
        for (signal, wait) in SIGNALS.into_iter().zip([0, 50, 300]) {
            let running = start(&mut oasis(command));
            let mut wrong = Vec::new();
            if !ready(&running, signal) {
                wrong.push(format!("nothing handles signal {signal}"));
            }
            std::thread::sleep(Duration::from_millis(wait));
            running.signal(signal);
            let sent = Instant::now();
            let ran = running.wait();
            let took = sent.elapsed();
            wrong.extend(faults(&ran));
            if !matches!(ran.code, Some(0 | 130)) || took > GRACE {
                wrong.push(format!("exit {:?}, signal {:?} after {took:?}: {}", ran.code, ran.signal, ran.stderr));
            }
            tally.add(format!("{command:?}: {signal} after {wait} ms"), &wrong);
        }
    }
    tally.finish();
}

#[test]
fn a_second_signal_ends_at_once() {
    let ground = Ground::shared();
    let tally = Tally::new("a second signal");
    for signal in SIGNALS {
        let place = ground.place();
        let running = start(&mut oasis(arguments!["sample", "--count", "512", "--out", place.join("out")]));
        let mut wrong = Vec::new();
        if !ready(&running, signal) {
            wrong.push(format!("nothing handles signal {signal}"));
        }
        std::thread::sleep(Duration::from_millis(300));
        running.signal(signal);
        std::thread::sleep(Duration::from_millis(700));
        running.signal(signal);
        let sent = Instant::now();
        let ran = running.wait();
        if ran.code != Some(130) || sent.elapsed() > Duration::from_millis(500) {
            wrong.push(format!("exit {:?} after {:?}: {}", ran.code, sent.elapsed(), ran.stderr));
        }
        tally.add(signal, &wrong);
    }
    tally.finish();
}

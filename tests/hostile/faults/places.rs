//! Folders and inputs that go away while they are used.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use super::ground::Ground;
use super::whole::Files;
use super::{again, meet};
use crate::arguments;
use crate::run::{Running, faults, oasis, start};
use crate::tally::{Tally, of};

/// Waits until a run has begun to write into an empty folder, or has ended.
fn begins(place: &Path, running: &Running) {
    while fs::read_dir(place).is_ok_and(|mut entries| entries.next().is_none()) && running.goes_on() {
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// What is wrong with the end of a run whose place or inputs were taken away: it ends by itself, with an exit code of
/// the contract, and an error where something is missing.
fn in_order(running: Running) -> Vec<String> {
    let ran = running.wait();
    let mut wrong = faults(&ran);
    match ran.code {
        Some(0) => {}
        Some(1 | 2) if ran.stderr.contains("error: ") => {}
        code => wrong.push(format!("exit {code:?}, signal {:?}: {}", ran.signal, ran.stderr)),
    }
    wrong
}

#[test]
fn folders_that_go_away_while_they_are_written() {
    let ground = Ground::shared();
    let tally = Tally::new("output folder removed or replaced");
    for job in ground.jobs.iter().filter(|job| !job.fresh) {
        for try_ in 0..of(3, 12) {
            meet(&tally, format!("{}, {try_}", job.name), job.time.mul_f64(try_ as f64 / 24.0), |at| {
                let place = ground.place();
                let running = start(&mut job.command(&place));
                begins(&place, &running);
                std::thread::sleep(at);
                let moved = ground.at("moved");
                match try_ % 3 {
                    0 => drop(fs::remove_dir_all(&place)),
                    1 => fs::rename(&place, &moved).unwrap(),
                    _ => {
                        fs::rename(&place, &moved).unwrap();
                        fs::write(&place, "in the way").unwrap();
                    }
                }
                let met = running.goes_on();
                let mut wrong = in_order(running);
                for folder in [&place, &moved] {
                    wrong.extend(Files::of(folder).split().0.torn(&job.clean));
                }
                let _ = fs::remove_dir_all(&moved);
                if place.is_file() {
                    fs::remove_file(&place).unwrap();
                }
                fs::create_dir_all(&place).unwrap();
                wrong.extend(again(job, &place));
                fs::remove_dir_all(&place).unwrap();
                (met || !wrong.is_empty()).then_some(wrong)
            });
        }
    }
    tally.finish();
}

#[test]
fn inputs_that_go_away_while_they_are_read() {
    let ground = Ground::shared();
    let tally = Tally::new("inputs removed or cut while they are read");
    let job = ground.jobs.iter().find(|job| job.name == "infer").unwrap();
    let mut names: Vec<_> = fs::read_dir(ground.slices()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    // Of `metrics.csv` only the rows of those that were read: each is one of the undisturbed run.
    let rows = |files: &Files| -> Vec<String> {
        let csv = files.0.get(Path::new("out/metrics.csv")).map(|csv| String::from_utf8_lossy(csv).into_owned());
        csv.unwrap_or_default().lines().map(str::to_owned).collect()
    };
    let expected = rows(&job.clean);
    for try_ in 0..of(9, 60) {
        meet(&tally, try_, job.time.mul_f64(try_ as f64 / of(9, 60) as f64), |at| {
            let (place, slices) = (ground.place(), ground.place());
            for name in &names {
                fs::copy(ground.slices().join(name), slices.join(name)).unwrap();
            }
            let (bundle, out) = (ground.at("toy"), job.target(&place));
            let infer = arguments!["infer", slices, "--bundle", bundle, "--threads", "2", "--out", out];
            let running = start(&mut oasis(infer));
            std::thread::sleep(at);
            for name in &names[3..] {
                let path = slices.join(name);
                match try_ % 3 {
                    0 => fs::remove_file(&path).unwrap(),
                    1 => File::options().write(true).open(&path).unwrap().set_len(500).unwrap(),
                    _ => {
                        fs::remove_file(&path).unwrap();
                        fs::create_dir(&path).unwrap();
                    }
                }
            }
            let met = running.goes_on();
            let mut wrong = in_order(running);
            let (files, unfinished) = Files::of(&place).split();
            let others = rows(&files).into_iter().filter(|row| !expected.contains(row));
            wrong.extend(others.map(|row| format!("the row {row}")));
            let pictures = Files(files.0.into_iter().filter(|(path, _)| !path.ends_with("metrics.csv")).collect());
            wrong.extend(pictures.torn(&job.clean));
            wrong.extend(unfinished.iter().map(|path| format!("{} is left over", path.display())));
            fs::remove_dir_all(&place).unwrap();
            fs::remove_dir_all(&slices).unwrap();
            (met || !wrong.is_empty()).then_some(wrong)
        });
    }
    tally.finish();
}

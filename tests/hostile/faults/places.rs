//! Streams that cannot be written, folders and inputs that go away while they are used.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::again;
use super::ground::Ground;
use super::whole::Files;
use crate::arguments;
use crate::run::{Running, faults, oasis, start, start_with_streams};
use crate::tally::{Tally, of};

/// A stream whose reader has gone.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

/// A stream to a disk that is full.
fn full() -> Stdio {
    File::options().write(true).open("/dev/full").unwrap().into()
}

#[test]
fn streams_that_cannot_be_written_cost_no_result() {
    let ground = Ground::shared();
    let tally = Tally::new("streams that cannot be written");
    type Make = fn() -> Stdio;
    // A result that is asked for on stdout and does not fit there may be an error; what is done is done all the same.
    let streams: [(&str, Make, Make, &[i32]); 6] = [
        ("a full stdout", full, Stdio::piped, &[0, 1, 2]),
        ("a full stderr", Stdio::piped, full, &[0]),
        ("both full", full, full, &[0, 1, 2]),
        ("a closed stdout", closed, Stdio::piped, &[0]),
        ("a closed stderr", Stdio::piped, closed, &[0]),
        ("both closed", closed, closed, &[0]),
    ];
    for job in &ground.jobs {
        for (index, (name, stdout, stderr, codes)) in streams.iter().enumerate() {
            let more = if index % 2 == 0 { "--json" } else { "-v" };
            let place = ground.place();
            let mut command = job.command(&place);
            let ran = start_with_streams(command.arg(more).stdout(stdout()).stderr(stderr())).wait();
            let mut wrong = faults(&ran);
            if !ran.code.is_some_and(|code| codes.contains(&code)) {
                wrong.push(format!("exit {:?}, signal {:?}: {}", ran.code, ran.signal, ran.stderr));
            }
            wrong.extend(Files::of(&place).unlike(&job.clean));
            tally.add(format!("{}, {name}, {more}", job.name), &wrong);
            fs::remove_dir_all(&place).unwrap();
        }
    }
    // Errors are an answer too: their exit code is theirs, whatever becomes of the text.
    for (name, stdout, stderr, _) in streams {
        let ran = start_with_streams(oasis(["inspect", "none.onnx"]).stdout(stdout()).stderr(stderr())).wait();
        let wrong = if ran.code == Some(2) { faults(&ran) } else { vec![format!("{ran:?}")] };
        tally.add(format!("an error, {name}"), &wrong);
    }
    tally.finish();
}

/// Waits until something is at `path`, or the run has ended.
fn appears(path: &Path, running: &Running) {
    let since = Instant::now();
    while !path.exists() && running.memory().is_some() && since.elapsed() < Duration::from_secs(20) {
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
            let place = ground.place();
            let running = start(&mut job.command(&place));
            appears(&job.target(&place), &running);
            std::thread::sleep(job.time.mul_f64(try_ as f64 / 24.0));
            let moved = ground.at("moved");
            match try_ % 3 {
                0 => drop(fs::remove_dir_all(&place)),
                1 => fs::rename(&place, &moved).unwrap(),
                _ => {
                    fs::rename(&place, &moved).unwrap();
                    fs::write(&place, "in the way").unwrap();
                }
            }
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
            tally.add(format!("{}, {try_}", job.name), &wrong);
            fs::remove_dir_all(&place).unwrap();
        }
    }
    tally.finish();
}

#[test]
fn inputs_that_go_away_while_they_are_read() {
    let ground = Ground::shared();
    let tally = Tally::new("inputs removed or cut while they are read");
    let job = ground.jobs.iter().find(|job| job.name == "infer").unwrap();
    for try_ in 0..of(9, 60) {
        let (place, slices) = (ground.place(), ground.place());
        let mut names: Vec<_> =
            fs::read_dir(ground.slices()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        for name in &names {
            fs::copy(ground.slices().join(name), slices.join(name)).unwrap();
        }
        let bundle = ground.at("toy");
        let out = job.target(&place);
        let running =
            start(&mut oasis(arguments!["infer", slices, "--bundle", bundle, "--threads", "2", "--out", out]));
        std::thread::sleep(job.time.mul_f64(try_ as f64 / of(9, 60) as f64));
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
        let mut wrong = in_order(running);
        let (files, unfinished) = Files::of(&place).split();
        // Of `metrics.csv` only the rows of those that were read: each is one of the undisturbed run.
        let rows = |files: &Files| -> Vec<String> {
            let csv = files.0.get(Path::new("out/metrics.csv")).map(|csv| String::from_utf8_lossy(csv).into_owned());
            csv.unwrap_or_default().lines().map(str::to_owned).collect()
        };
        let expected = rows(&job.clean);
        wrong
            .extend(rows(&files).into_iter().filter(|row| !expected.contains(row)).map(|row| format!("the row {row}")));
        let pictures = Files(files.0.into_iter().filter(|(path, _)| !path.ends_with("metrics.csv")).collect());
        wrong.extend(pictures.torn(&job.clean));
        wrong.extend(unfinished.iter().map(|path| format!("{} is left over", path.display())));
        tally.add(try_, &wrong);
        fs::remove_dir_all(&place).unwrap();
        fs::remove_dir_all(&slices).unwrap();
    }
    tally.finish();
}

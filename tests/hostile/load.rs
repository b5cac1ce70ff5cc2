//! Much work: many images in flat memory, many threads on one pipeline, the same work for long.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ndarray::{Axis, Slice};
use oasis::bundle::Bundle;
use oasis::runtime::{Backend, EngineOptions, Oasis, SampleRequest};

use super::house::{Scratch, shipped};
use super::run::{faults, oasis, start};
use super::tally::{Tally, long, of};
use super::toy;
use crate::arguments;

/// The most that memory may grow with the number of inputs, in MiB: a name and a few numbers are kept of each. On one thread,
/// that is: what several workers hold at once differs from run to run.
const GROWTH: u64 = 8;
/// What is kept of each input, in bytes.
const KEPT: u64 = 640;

/// A dataset of which the test split has `count` slices, copies of a few files.
fn copied(scratch: &Scratch, name: &str, originals: &[PathBuf], count: usize) -> PathBuf {
    let data = scratch.at(name);
    for split in ["train", "validate", "test"] {
        fs::create_dir_all(data.join(format!("keras_png_slices_{split}"))).unwrap();
    }
    for index in 0..count {
        let (case, slice) = (index / 32 + 1, index % 32);
        let file = format!("keras_png_slices_test/case_{case:03}_slice_{slice}.nii.png");
        fs::copy(&originals[index % originals.len()], data.join(file)).unwrap();
    }
    for (split, case) in [("train", 900_001), ("validate", 900_002)] {
        let file = format!("keras_png_slices_{split}/case_{case}_slice_0.nii.png");
        fs::copy(&originals[0], data.join(file)).unwrap();
    }
    data
}

/// A few slices to copy, and the toy bundle's folder.
fn few(scratch: &Scratch) -> (Vec<PathBuf>, PathBuf) {
    let bundle = scratch.at("toy");
    toy::write(&bundle, |_, _| {}).unwrap();
    let originals = (0..16).map(|slice| {
        let path = scratch.at(&format!("slice_{slice}.png"));
        let image = oasis::data::grey_image(oasis::data::phantom::draw(11, 3, 2 * slice).view());
        oasis::data::save_png(&path, image.view()).unwrap();
        path
    });
    (originals.collect(), bundle)
}

/// Runs a command over a few and over many images, which must end with `exit`, and compares the memory of the two.
fn flat(
    kind: &str,
    [some, many]: [usize; 2],
    exit: i32,
    command: impl Fn(&Scratch, &Path, &Path) -> Vec<std::ffi::OsString>,
) {
    let scratch = Scratch::new();
    let (originals, bundle) = few(&scratch);
    let tally = Tally::new(kind);
    let peaks = [some, many].map(|count| {
        let data = copied(&scratch, &format!("data-{count}"), &originals, count);
        let mut command = oasis(command(&scratch, &data, &bundle));
        let running = start(command.args(["--threads", "1", "-q"]));
        let ran = running.patience(Duration::from_secs(7200)).wait();
        println!("{kind}: {count} images, {} MiB, {:.1} s", ran.peak, ran.time.as_secs_f64());
        let mut wrong = faults(&ran);
        if ran.code != Some(exit) {
            wrong.push(format!("{count} images: exit {:?}, signal {:?}: {}", ran.code, ran.signal, ran.stderr));
        }
        (ran.peak, wrong)
    });
    let [(before, mut wrong), (after, more)] = peaks;
    wrong.extend(more);
    let allowed = GROWTH + (((many - some) as u64 * KEPT) >> 20);
    if after > before + allowed {
        wrong.push(format!("{before} MiB for {some} images, {after} for {many}, expected {allowed} more at most"));
    }
    tally.add_many(some + many, format!("{many} images"), &wrong);
    tally.finish();
}

fn many() -> [usize; 2] {
    [1_000, of(2_000, 100_000)]
}

#[test]
fn many_images_encode_in_flat_memory() {
    flat("load: encode", many(), 0, |scratch, data, bundle| {
        let slices = data.join("keras_png_slices_test");
        arguments!["encode", slices, "--bundle", bundle, "--out", scratch.at("codes")].to_vec()
    });
}

#[test]
fn many_images_are_scored_in_flat_memory() {
    flat("load: eval --csv", many(), 0, |scratch, data, bundle| {
        arguments!["eval", "--data", data, "--bundle", bundle, "--csv", scratch.at("scores.csv")].to_vec()
    });
}

#[test]
fn many_images_are_checked_in_flat_memory() {
    // It finds that slices are copies of each other.
    flat("load: data check", many(), 1, |_, data, _| arguments!["data", "check", data].to_vec());
}

#[test]
fn many_images_become_pictures_in_flat_memory() {
    flat("load: infer", [500, of(1_000, 20_000)], 0, |scratch, data, bundle| {
        let slices = data.join("keras_png_slices_test");
        arguments!["infer", slices, "--bundle", bundle, "--out", scratch.at("out")].to_vec()
    });
}

/// Results on many threads at once are those of one thread, for the shipped bundle.
#[test]
fn thirty_two_threads_on_one_pipeline() {
    let tally = Tally::new("load: 32 threads on one pipeline");
    let open = || Oasis::open_with(&Bundle::embedded().unwrap(), Backend::Tract, &EngineOptions::default()).unwrap();
    let images = toy::images(8);
    let request = SampleRequest::new(1, 3);
    let alone = open();
    let codes = alone.encode(images.view()).unwrap();
    let pictures = alone.decode(codes.view()).unwrap();
    let drawn = alone.sampler().unwrap().sample(&request, &mut |_| std::ops::ControlFlow::Continue(())).unwrap();
    // None of its graphs is loaded before all threads ask for them at once.
    let shared = open();
    std::thread::scope(|scope| {
        for thread in 0..32 {
            let (shared, tally, images, codes, pictures, drawn, request) =
                (&shared, &tally, &images, &codes, &pictures, &drawn, &request);
            scope.spawn(move || {
                for round in 0..of(2, 40) {
                    let index = (thread + round) % 8;
                    let one = Slice::from(index..index + 1);
                    let code = codes.slice_axis(Axis(0), one);
                    let mut wrong = Vec::new();
                    if shared.encode(images.slice_axis(Axis(0), one)).unwrap() != code {
                        wrong.push("other codes".to_owned());
                    }
                    if shared.decode(code).unwrap() != pictures.slice_axis(Axis(0), one) {
                        wrong.push("another picture".to_owned());
                    }
                    if thread % 8 == 0 && round == 0 {
                        let sampler = shared.sampler().unwrap();
                        let again = sampler.sample(request, &mut |_| std::ops::ControlFlow::Continue(())).unwrap();
                        if again != *drawn {
                            wrong.push("another sample".to_owned());
                        }
                    }
                    tally.add(format!("thread {thread}, round {round}"), &wrong);
                }
            });
        }
    });
    tally.finish();
}

/// One process at work for long: its memory in the last quarter is that of the second, and a signal ends it in order.
#[test]
fn soak() {
    let tally = Tally::new("load: soak");
    let scratch = Scratch::new();
    let (originals, toy) = few(&scratch);
    let time = Duration::from_secs(of(20, 1800) as u64);
    // More than is done in that time. In the short form the models are small, so that much is done on a slow machine too.
    let data = copied(&scratch, "data", &originals, of(20_000, 300_000));
    let bundle = if long() { shipped() } else { toy };
    let csv = scratch.at("scores.csv");
    let eval = arguments!["eval", "--data", data, "--bundle", bundle, "--csv", csv, "--threads", "1", "-q", "--json"];
    let running = start(&mut oasis(eval)).patience(time + Duration::from_secs(120));
    let since = Instant::now();
    let mut held: Vec<u64> = Vec::new();
    while since.elapsed() < time {
        std::thread::sleep(Duration::from_millis(200));
        held.extend(running.memory());
    }
    running.signal(libc::SIGTERM);
    let ran = running.wait();
    let mut wrong = faults(&ran);
    let quarter = held.len() / 4;
    let most = |part: &[u64]| part.iter().copied().max().unwrap_or(0) / 1024;
    let (early, late) = (most(&held[quarter..2 * quarter]), most(&held[3 * quarter..]));
    let rows = fs::read_to_string(&csv).map_or(0, |text| text.lines().count().saturating_sub(1));
    println!("soak: {rows} images in {:.0} s; {early} MiB, then {late} MiB", time.as_secs_f64());
    if ran.code != Some(130) || rows < 100 {
        wrong.push(format!("exit {:?}, signal {:?}, {rows} rows: {}", ran.code, ran.signal, ran.stderr));
    }
    if late > early + GROWTH {
        wrong.push(format!("{early} MiB in the second quarter, {late} in the last"));
    }
    tally.add_many(rows.max(1), format!("{time:?}"), &wrong);
    tally.finish();
}

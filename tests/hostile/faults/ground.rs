//! The commands that are attacked while they write, and what they read.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use super::whole::{Files, decodable};
use crate::arguments;
use crate::house::Scratch;
use crate::run::{oasis, run};
use crate::toy;

/// How many slices there are to work on.
const SLICES: usize = 12;

/// A command that writes into a folder of its own.
pub struct Job {
    /// What rows call it.
    pub name: &'static str,
    /// Its arguments, less the place where it writes.
    arguments: Vec<OsString>,
    /// What it writes in its folder: a file, or a folder.
    target: &'static str,
    /// Whether the target appears as a whole, and a second run refuses one that is there.
    pub fresh: bool,
    /// What it writes when nothing disturbs it.
    pub clean: Files,
    /// How long that takes.
    pub time: Duration,
}

impl Job {
    /// The command, writing into the folder `place`.
    pub fn command(&self, place: &Path) -> Command {
        let mut command = oasis(&self.arguments);
        command.arg(self.target(place));
        command
    }

    /// What it writes in the folder `place`.
    pub fn target(&self, place: &Path) -> PathBuf {
        place.join(self.target)
    }
}

/// Inputs, and the jobs over them, each run once.
pub struct Ground {
    scratch: Scratch,
    /// What is attacked.
    pub jobs: Vec<Job>,
}

impl Ground {
    /// The one that other tests have now, or a new one.
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Ground>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let ground = Arc::new(Self::new());
            *shared = Arc::downgrade(&ground);
            ground
        })
    }

    /// Makes the inputs and runs every job undisturbed.
    ///
    /// All but one run on a toy bundle, whose engine is ready at once: what is attacked is the writing.
    fn new() -> Self {
        let scratch = Scratch::new();
        let (slices, codes, data) = (scratch.at("slices"), scratch.at("codes"), scratch.at("data"));
        let bundle = scratch.at("toy");
        toy::write(&bundle, |_, _| {}).unwrap();
        let toy = arguments!["--bundle", bundle, "--threads", "2"];
        let done = |arguments: &[OsString]| {
            let ran = run(&mut oasis(arguments));
            assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.stderr);
        };
        done(&arguments!["data", "phantom", "--subjects", "3", "--seed", "5", "--out", data]);
        std::fs::create_dir(&slices).unwrap();
        for slice in 0..SLICES {
            let name = format!("case_{:03}_slice_{slice}.png", 7);
            let image = oasis::data::grey_image(oasis::data::phantom::draw(3, 7, slice as u8).view());
            oasis::data::save_png(&slices.join(name), image.view()).unwrap();
        }
        done(&[&arguments!["encode", slices, "--out", codes][..], &toy].concat());
        let grids: Vec<OsString> =
            (0..SLICES).map(|slice| codes.join(format!("case_007_slice_{slice}.npy")).into()).collect();
        let shards = ["1/2", "2/2"].map(|part| {
            let csv = scratch.at(&part.replace('/', "of"));
            done(&[&arguments!["eval", "--data", data, "--shard", part, "--csv", csv][..], &toy].concat());
            OsString::from(csv)
        });

        let mut ground = Self { scratch, jobs: Vec::new() };
        let mut job = |name, arguments: Vec<OsString>, target, fresh| ground.add(name, arguments, target, fresh);
        let on_toy = |front: &[OsString], end: &str| [front, &toy, &arguments![end]].concat();
        job("infer", on_toy(&arguments!["infer", slices], "--out"), "out", false);
        job("encode", on_toy(&arguments!["encode", slices, "--likelihood"], "--out"), "out", false);
        job("decode", on_toy(&[&arguments!["decode"][..], &grids[..]].concat(), "--out"), "out", false);
        job("eval", on_toy(&arguments!["eval", "--data", data], "--csv"), "scores.csv", false);
        let merge = [&arguments!["eval"][..], &toy, &arguments!["--merge"], &shards, &arguments!["--csv"]].concat();
        job("eval --merge", merge, "scores.csv", false);
        let sample = arguments!["sample", "--count", "8"];
        job("sample, a picture", on_toy(&sample, "--out"), "brains.png", false);
        job("sample, a folder", on_toy(&sample, "--out"), "out", false);
        job("data phantom", arguments!["data", "phantom", "--subjects", "3", "--out"].to_vec(), "data", true);
        job("export", arguments!["export", "--layout", "triton", "--out"].to_vec(), "repository", true);
        ground
    }

    /// Runs a job twice undisturbed, and keeps it.
    fn add(&mut self, name: &'static str, arguments: Vec<OsString>, target: &'static str, fresh: bool) {
        let mut job = Job { name, arguments, target, fresh, clean: Files::default(), time: Duration::MAX };
        for _ in 0..2 {
            let place = self.place();
            let ran = run(&mut job.command(&place));
            assert_eq!(ran.code, Some(0), "{name}: {}", ran.stderr);
            let files = Files::of(&place);
            assert!(job.clean.0.is_empty() || job.clean == files, "{name} writes other bytes each time");
            decodable(&files).unwrap_or_else(|why| panic!("{name}: {why}"));
            job.clean = files;
            job.time = job.time.min(ran.time);
            std::fs::remove_dir_all(place).unwrap();
        }
        println!("{name}: {:?}, {} files", job.time, job.clean.0.len());
        self.jobs.push(job);
    }

    /// A new folder to write into.
    pub fn place(&self) -> PathBuf {
        tempfile::Builder::new().prefix("place").tempdir_in(self.scratch.at("")).unwrap().keep()
    }

    /// The folder of slices that `infer` and `encode` read.
    pub fn slices(&self) -> PathBuf {
        self.scratch.at("slices")
    }

    /// A path in the folder of all of this.
    pub fn at(&self, name: &str) -> PathBuf {
        self.scratch.at(name)
    }
}

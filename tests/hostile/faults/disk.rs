//! Disks that are full, have no place for another file, or cannot be written; and a limit on the length of files.

use std::ffi::CString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ground::{Ground, Job};
use super::whole::Files;
use super::{again, ended, left};
use crate::run::{faults, start};
use crate::skips::skipped;
use crate::tally::{Tally, finish_all, of};

/// The variable that tells this program that it runs in a namespace where it may mount.
const INSIDE: &str = "OASIS_HOSTILE_NAMESPACE";
/// What a disk counts in.
const PAGE: usize = 4096;

/// A small file system in memory, unmounted when it goes.
struct Disk(PathBuf);

impl Disk {
    /// Mounts one of so many pages and so many files and folders over a new folder.
    fn new(at: &Path, pages: usize, files: usize) -> std::io::Result<Self> {
        std::fs::create_dir_all(at)?;
        let disk = Self(at.to_owned());
        disk.mount(0, &format!("size={},nr_inodes={files}", pages * PAGE))?;
        Ok(disk)
    }

    /// Makes it large.
    fn grow(&self) {
        self.mount(libc::MS_REMOUNT, "size=256m,nr_inodes=100000").expect("a disk is made larger");
    }

    /// Allows no writing any more.
    fn close(&self) {
        self.mount(libc::MS_REMOUNT | libc::MS_RDONLY, "size=256m").expect("a disk is closed to writing");
    }

    fn mount(&self, flags: libc::c_ulong, options: &str) -> std::io::Result<()> {
        let [kind, at, options] =
            ["tmpfs", self.0.to_str().expect("UTF-8"), options].map(|text| CString::new(text).unwrap());
        // SAFETY: all four are strings that end with a zero byte.
        let done = unsafe { libc::mount(kind.as_ptr(), at.as_ptr(), kind.as_ptr(), flags, options.as_ptr().cast()) };
        if done == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let at = CString::new(self.0.to_str().expect("UTF-8")).unwrap();
        // SAFETY: `at` is a string that ends with a zero byte.
        unsafe { libc::umount2(at.as_ptr(), libc::MNT_DETACH) };
    }
}

/// Runs the test of that name where mounting is permitted: here, or else in a namespace of its own.
///
/// Where it is permitted nowhere, says so, and leaves the disks to [`files_cut_at_every_length`].
fn where_disks_can_be_mounted(test: &str, body: fn(&Ground)) {
    let ground = Ground::shared();
    if Disk::new(&ground.place(), 1, 8).is_ok() {
        return body(&ground);
    }
    assert!(std::env::var_os(INSIDE).is_none(), "a namespace in which mounting is not permitted");
    let mut inside = Command::new("unshare");
    inside.arg("-Urm").arg(std::env::current_exe().unwrap());
    inside.args(["--exact", &format!("faults::disk::{test}"), "--nocapture"]).env(INSIDE, "1");
    if !Command::new("unshare").args(["-Urm", "true"]).status().is_ok_and(|status| status.success()) {
        return skipped(&format!("{test}: nothing may be mounted here, and there are no user namespaces"));
    }
    assert!(inside.status().unwrap().success(), "{test} in a namespace");
}

/// About `count` numbers from `first` to `last`, evenly spread, or all of them where `count` is larger.
fn spread(first: usize, last: usize, count: usize) -> impl Iterator<Item = usize> {
    let count = count.min(last + 1 - first).max(2);
    (0..count).map(move |index| first + (last - first) * index / (count - 1))
}

/// One try on a disk: the job fails with an error and leaves nothing torn, and goes through once there is room.
fn fails_and_recovers(job: &Job, disk: &Disk) -> Vec<String> {
    let (code, mut wrong) = ended(job, &disk.0);
    if code != Some(0) {
        wrong.extend(left(job, &disk.0, false));
    }
    disk.grow();
    wrong.extend(again(job, &disk.0));
    wrong
}

#[test]
fn full_disks() {
    where_disks_can_be_mounted("full_disks", |ground| {
        let mut tallies = Vec::new();
        for job in &ground.jobs {
            let tally = Tally::new(format!("full disk: {}", job.name));
            // Files take whole pages, and a folder to write in takes none.
            let pages: usize = job.clean.0.values().map(|file| file.len().div_ceil(PAGE)).sum();
            for pages in spread(1, pages + 2, of(6, 60)) {
                let disk = Disk::new(&ground.place(), pages, 100_000).unwrap();
                tally.add(format!("{pages} pages"), &fails_and_recovers(job, &disk));
            }
            tallies.push(tally);
        }
        finish_all(tallies);
    });
}

#[test]
fn disks_without_room_for_another_file() {
    where_disks_can_be_mounted("disks_without_room_for_another_file", |ground| {
        let tally = Tally::new("no more files on the disk");
        for job in &ground.jobs {
            for files in spread(2, job.clean.0.len() + 6, of(3, 20)) {
                let disk = Disk::new(&ground.place(), 65_536, files).unwrap();
                tally.add(format!("{}, {files} files", job.name), &fails_and_recovers(job, &disk));
            }
        }
        tally.finish();
    });
}

#[test]
fn disks_that_cannot_be_written() {
    where_disks_can_be_mounted("disks_that_cannot_be_written", |ground| {
        let tally = Tally::new("read-only disk");
        for job in &ground.jobs {
            let disk = Disk::new(&ground.place(), 65_536, 100_000).unwrap();
            disk.close();
            let (code, mut wrong) = ended(job, &disk.0);
            if code == Some(0) {
                wrong.push("it claims success".to_owned());
            }
            disk.grow();
            wrong.extend(again(job, &disk.0));
            tally.add(job.name, &wrong);
        }
        tally.finish();
    });
}

/// A limit on the length of files is met in the middle of a write, as a full disk is, and needs no rights.
#[test]
fn files_cut_at_every_length() {
    let ground = Ground::shared();
    let mut tallies = Vec::new();
    for ignored in [true, false] {
        let kind = if ignored { "limit on the length of files" } else { "limit on the length of files, by signal" };
        let tally = Tally::new(kind);
        for job in &ground.jobs {
            let longest = job.clean.0.values().map(Vec::len).max().unwrap_or(0);
            for bytes in spread(0, longest - 1, if ignored { of(4, 40) } else { of(2, 10) }) {
                let place = ground.place();
                let mut command = job.command(&place);
                limit_files(&mut command, bytes, ignored);
                let ran = start(&mut command).wait();
                let mut wrong = faults(&ran);
                // One file of many may be all that does not fit, where inputs are independent.
                if !(matches!(ran.code, Some(1 | 2)) && ran.stderr.contains("error: ") && ran.stderr.contains("hint: "))
                {
                    wrong.push(format!("exit {:?}, signal {:?}: {}", ran.code, ran.signal, ran.stderr));
                }
                wrong.extend(left(job, &place, false));
                wrong.extend(again(job, &place));
                tally.add(format!("{}, {bytes} bytes", job.name), &wrong);
                std::fs::remove_dir_all(&place).unwrap();
            }
        }
        tallies.push(tally);
    }
    finish_all(tallies);
}

/// Lets a command write no file longer than `bytes`; it is told by an error alone where the signal is ignored from before.
fn limit_files(command: &mut Command, bytes: usize, ignored: bool) {
    let limit = libc::rlimit { rlim_cur: bytes as libc::rlim_t, rlim_max: bytes as libc::rlim_t };
    // SAFETY: both calls may be made between fork and exec; `limit` is a valid structure.
    unsafe {
        command.pre_exec(move || {
            libc::signal(libc::SIGXFSZ, if ignored { libc::SIG_IGN } else { libc::SIG_DFL });
            if libc::setrlimit(libc::RLIMIT_FSIZE, &limit) == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
        });
    }
}

#[test]
fn every_length_is_tried() {
    assert_eq!(spread(1, 5, 100).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(spread(0, 100, 3).collect::<Vec<_>>(), [0, 50, 100]);
    assert!(Files::default().torn(&Files::default()).is_empty());
}

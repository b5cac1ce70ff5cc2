//! What is no regular file where a file is read or written, files that have no end or are not as large as they say, and
//! links that were put where output goes.

use std::ffi::CString;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use super::case::{Case, add};
use super::house::Scratch;
use super::run::{faults, oasis, run, start};
use super::tally::Tally;
use crate::arguments;

const INPUTS: &str = "inputs that are no files";
const OUTPUTS: &str = "outputs that are no files";

/// Makes a pipe.
pub fn pipe(path: PathBuf) -> PathBuf {
    let name = CString::new(path.as_os_str().as_bytes()).unwrap();
    // SAFETY: `name` is a string that ends with a zero byte.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
    path
}

/// Makes a link.
pub fn link(to: impl AsRef<Path>, path: PathBuf) -> PathBuf {
    symlink(to, &path).unwrap();
    path
}

/// Makes a file of a length without content.
fn hollow(path: PathBuf, length: u64) -> PathBuf {
    std::fs::File::create(&path).unwrap().set_len(length).unwrap();
    path
}

/// What is no file to read, with what is said of it. The listener keeps a socket there.
fn no_files(scratch: &Scratch, end: &str) -> (Vec<(PathBuf, &'static str)>, UnixListener) {
    let at = |name: &str| scratch.at(&format!("{name}.{end}"));
    let listener = UnixListener::bind(at("socket")).unwrap();
    std::fs::create_dir(at("folder")).unwrap();
    let fifo = pipe(at("fifo"));
    let mut list = vec![
        (fifo.clone(), "it is a pipe, expected a file"),
        (link(fifo, at("to_fifo")), "it is a pipe, expected a file"),
        (link("/dev/zero", at("zero")), "it is a device, expected a file"),
        (link("/dev/urandom", at("random")), "it is a device, expected a file"),
        (link("/dev/null", at("null")), "it is a device, expected a file"),
        (PathBuf::from("/dev/zero"), "it is a device, expected a file"),
        (at("socket"), ""),
        (link(at("nowhere"), at("broken")), ""),
        (link(at("loop"), at("loop")), ""),
        (at("none"), ""),
        (hollow(at("giant"), 1 << 40), "it is larger than"),
        (hollow(at("hollow"), 1 << 20), ""),
        (hollow(at("nothing"), 0), ""),
    ];
    for endless in ["/proc/self/pagemap", "/proc/self/mem", "/proc/kmsg", "/sys/kernel/tracing/trace_pipe"] {
        if Path::new(endless).exists() {
            list.push((PathBuf::from(endless), ""));
        }
    }
    (list, listener)
}

#[test]
fn inputs_that_are_no_files() {
    let scratch = Scratch::new();
    let good = scratch.slice("good.png");
    let tally = Tally::new(INPUTS);
    let codes = scratch.at("codes");
    add(&tally, &[Case::new("encode", arguments!["encode", good, "--out", codes], 0)]);
    let codes = codes.join("good.npy");
    let (images, _image) = no_files(&scratch, "png");
    let (grids, _grid) = no_files(&scratch, "npy");
    let (scores, _scores) = no_files(&scratch, "csv");
    let mut cases = Vec::new();
    let mut case = |what: &str, path: &Path, exit: i32, says: &str, arguments: Vec<std::ffi::OsString>| {
        cases.push(Case::new(format!("{what} {}", path.display()), arguments, exit).says(says).peak(256));
    };
    for (path, says) in &images {
        let out = scratch.at("out");
        case("infer", path, 2, says, arguments!["infer", path, "--out", out].into());
        case("infer with another", path, 1, says, arguments!["infer", path, good, "--out", out].into());
        case("encode", path, 2, says, arguments!["encode", path, "--resize", "--out", out].into());
    }
    for (path, says) in &grids {
        let out = scratch.at("out");
        case("decode", path, 2, says, arguments!["decode", path, "--out", out].into());
        case("decode with another", path, 1, says, arguments!["decode", path, codes, "--out", out].into());
    }
    for (path, says) in scores.iter().filter(|(path, _)| path.extension().is_some() && !path.ends_with("giant.csv")) {
        case("merge", path, 2, says, arguments!["eval", "--merge", path].into());
    }
    add(&tally, &cases);
    tally.finish();
}

#[test]
fn files_of_a_dataset_that_are_no_files() {
    let scratch = Scratch::new();
    let split = scratch.at("data/keras_png_slices_test");
    std::fs::create_dir_all(&split).unwrap();
    std::fs::rename(scratch.slice("a.png"), split.join("case_001_slice_1.png")).unwrap();
    // In a folder, only regular files are images; a link that is broken is told.
    let _socket = UnixListener::bind(split.join("case_001_slice_2.png")).unwrap();
    pipe(split.join("case_001_slice_3.png"));
    link("/dev/zero", split.join("case_001_slice_4.png"));
    std::fs::create_dir(split.join("case_001_slice_5.png")).unwrap();
    let tally = Tally::new(INPUTS);
    let dataset = || arguments!["data", "check", scratch.at("data")];
    add(&tally, &[Case::new("what is no file", dataset(), 0)]);
    link(split.join("nowhere"), split.join("case_001_slice_6.png"));
    link("case_001_slice_7.png", split.join("case_001_slice_7.png"));
    hollow(split.join("case_001_slice_8.png"), 1 << 40);
    add(&tally, &[Case::new("broken links and a giant", dataset(), 1)]);
    for name in ["6", "7", "8"] {
        std::fs::remove_file(split.join(format!("case_001_slice_{name}.png"))).unwrap();
    }
    link(split.join("case_001_slice_1.png"), split.join("case_002_slice_1.png"));
    let subjects = scratch.at("data/subjects.csv");
    let (list, _listener) = no_files(&scratch, "csv");
    for (path, says) in
        list.iter().filter(|(path, _)| !["broken.csv", "none.csv"].iter().any(|end| path.ends_with(end)))
    {
        let _ = std::fs::remove_file(&subjects);
        symlink(path, &subjects).unwrap();
        // It is one of the findings, which go to stdout.
        let case = Case::new(format!("subjects {}", path.display()), dataset(), 1);
        add(&tally, &[case.prints(*says).peak(256)]);
    }
    tally.finish();
}

/// A dataset of two slices to score.
fn dataset(scratch: &Scratch) -> PathBuf {
    let split = scratch.at("scored/keras_png_slices_test");
    std::fs::create_dir_all(&split).unwrap();
    std::fs::rename(scratch.slice("a.png"), split.join("case_001_slice_1.png")).unwrap();
    scratch.at("scored")
}

#[test]
fn outputs_that_are_no_files() {
    let scratch = Scratch::new();
    let data = dataset(&scratch);
    let eval = |to: &Path| arguments!["eval", "--data", data, "--csv", to];
    let sample = |to: &Path| arguments!["sample", "--count", "1", "--seed", "1", "--out", to];
    let _socket = UnixListener::bind(scratch.at("socket.png")).unwrap();
    let fifo = pipe(scratch.at("fifo.png"));
    let looped = link("loop.png", scratch.at("loop.png"));
    let mut cases = Vec::new();
    for (path, exit, says) in [
        (&fifo, 2, "nobody reads it"),
        (&link(&fifo, scratch.at("to_fifo.png")), 2, "nobody reads it"),
        (&scratch.at("socket.png"), 2, "it is a socket"),
        (&looped, 2, ""),
        (&PathBuf::from("/dev/full"), 1, "No space left"),
        (&PathBuf::from("/dev/null"), 0, ""),
        (&link("/dev/null", scratch.at("null.png")), 0, ""),
        (&PathBuf::from("/dev/stdout"), 0, ""),
        (&PathBuf::from("/dev/fd/2"), 0, ""),
        (&PathBuf::from("/dev/fd/77"), 2, ""),
    ] {
        cases.push(Case::new(format!("eval --csv {}", path.display()), eval(path), exit).says(says));
        if path.extension().is_some() {
            cases.push(Case::new(format!("sample --out {}", path.display()), sample(path), exit).says(says));
        }
    }
    let tally = Tally::new(OUTPUTS);
    add(&tally, &cases);
    assert!(std::fs::symlink_metadata(&fifo).unwrap().file_type().is_fifo(), "it is still there");
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    // The rows come through a pipe that is read, and on stdout before the result.
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        std::fs::File::open(fifo).unwrap().read_to_string(&mut text).unwrap();
        text
    });
    std::thread::sleep(std::time::Duration::from_millis(200));
    let ran = run(&mut oasis(eval(&scratch.at("fifo.png"))));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let rows = reader.join().unwrap();
    assert!(rows.starts_with("file,case,slice,") && rows.lines().count() == 2, "{rows}");
    let ran = run(&mut oasis(eval(Path::new("/dev/stdout"))));
    assert!(ran.stdout.contains(&rows), "{ran:?}");
    // A link that the user names is followed, and stays.
    let real = scratch.file("real.csv", b"old");
    let named = link(&real, scratch.at("named.csv"));
    add(&tally, &[Case::new("eval --csv LINK", eval(&named), 0)]);
    assert_eq!(std::fs::read_to_string(&real).unwrap(), rows);
    assert!(std::fs::symlink_metadata(&named).unwrap().is_symlink());
    tally.finish();
}

#[test]
fn files_that_change_while_they_are_read() {
    let scratch = Scratch::new();
    let whole = std::fs::read(scratch.slice("a.png")).unwrap();
    let path = scratch.file("changing.png", &whole);
    let tally = Tally::new("inputs that change while they are read");
    std::thread::scope(|scope| {
        // The other thread goes on until this one lets go of its end, whatever that is for.
        let (_going, gone) = std::sync::mpsc::channel::<()>();
        let (path, whole) = (&path, &whole);
        scope.spawn(move || {
            while gone.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                let file = std::fs::File::options().write(true).open(path).unwrap();
                file.set_len(whole.len() as u64 / 2).unwrap();
                std::fs::write(path, whole).unwrap();
                std::fs::write(path, whole.repeat(3)).unwrap();
            }
        });
        for number in 0..8 {
            let ran = start(&mut oasis(arguments!["infer", path, "--out", scratch.at("out")])).wait();
            let mut wrong = faults(&ran);
            if !matches!(ran.code, Some(0 | 2)) || ran.stderr.contains("panicked") {
                wrong.push(format!("{ran:?}"));
            }
            tally.add(number, &wrong);
        }
    });
    tally.finish();
}

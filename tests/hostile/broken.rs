//! Libraries that are named and cannot be used.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use super::case::two_at_a_time;
use super::files::pipe;
use super::house::Scratch;
use super::libraries::{Trap, ended};
use super::run::{Ran, faults, oasis, run, start};
use super::tally::Tally;
use crate::arguments;

/// What must be said of a named library that cannot be used.
fn refusals(trap: &Trap) -> Vec<(OsString, String)> {
    let scratch = &trap.scratch;
    let real =
        std::env::var_os("ORT_DYLIB_PATH").map_or_else(|| trap.library("whole.so", "\"1.31.1\"", ""), Into::into);
    let real = fs::read(real).unwrap();
    let mut cases: Vec<(OsString, String)> = Vec::new();
    let mut case = |library: &Path, why: &str| cases.push((library.into(), why.to_owned()));

    let wide = real.len() as u64;
    let ends = segment_ends(&real);
    let last = *ends.iter().max().unwrap();
    let inside = (1..40).map(|part| part * last / 40);
    let near = ends.iter().flat_map(|end| [end - 1, end.saturating_sub(4096)]);
    for length in [0, 1, 4, 16, 52, 63, 64, 512, 4096].into_iter().chain(inside).chain(near).filter(|at| *at < last) {
        let why = if length < 4 { "not a shared library" } else { "cut short" };
        case(&scratch.file(&format!("cut{length}.so"), &real[..length as usize]), why);
    }
    // As long as it was, but the end was never written.
    let mut hole = real[..(last / 40) as usize].to_vec();
    hole.resize(wide as usize, 0);
    case(&scratch.file("hole.so", &hole), "its tables are not where it says");
    let changed = |name: &str, at: usize, value: u8| {
        let mut bytes = real.clone();
        bytes[at] = value;
        scratch.file(name, &bytes)
    };
    case(&changed("narrow.so", 4, 1), "it is for another machine: found 32 bits");
    case(&changed("order.so", 5, 2), "it is for another machine: found 64 bits, big-endian");
    case(&changed("sparc.so", 18, 43), "it is for another machine: found machine 43");
    case(&changed("object.so", 16, 1), "not a shared library");
    case(&changed("headers.so", 54, 1), "found headers of 1 bytes");
    case(&changed("count.so", 57, 0xff), "the file is");
    case(&scratch.file("text.so", b"not found: libonnxruntime.so\n"), "not a shared library");
    case(&trap.compile("other.so", "int other(void) { return 1; }"), "not ONNX Runtime (no OrtGetApiBase)");
    case(&trap.library("old.so", "\"1.23.2\"", ""), "found version 1.23.2, expected 1.24 or newer");
    case(&trap.library("new.so", "\"2.0.0\"", ""), "found version 2.0.0, expected 1.24 or newer");
    case(&trap.library("nothing.so", "0", ""), "it does not tell its version");
    case(&trap.library("odd.so", "\"\\xff\\xfe\"", ""), "expected 1.24 or newer");
    case(&trap.library("no_api.so", "\"1.31.1\"", ""), "without the API of version 24");

    fs::create_dir(scratch.at("empty")).unwrap();
    case(&scratch.at("empty"), "the folder holds no libonnxruntime.so");
    case(&scratch.at("none.so"), "there is no such file");
    case(Path::new("/dev/zero"), "it is a device, expected a file");
    case(&pipe(scratch.at("pipe.so")), "it is a pipe, expected a file");
    let _ = UnixListener::bind(scratch.at("socket.so")).unwrap();
    case(&scratch.at("socket.so"), "");
    symlink(scratch.at("loop.so"), scratch.at("loop.so")).unwrap();
    case(&scratch.at("loop.so"), "");
    let relative = "it is a relative path, expected an absolute one";
    for path in ["libonnxruntime.so", "./text.so", "tools/onnxruntime", ".", "..", "~/lib.so"] {
        case(Path::new(path), relative);
    }
    cases
}

/// Where the parts of a library of 64 bits that are loaded end in its file.
fn segment_ends(file: &[u8]) -> Vec<u64> {
    let number = |at: usize| u64::from_ne_bytes(file[at..at + 8].try_into().unwrap());
    let headers = file[number(32) as usize..].chunks_exact(56).take(usize::from(file[56]));
    let loaded = headers.filter(|header| header[..4] == 1_u32.to_ne_bytes());
    let field = |header: &[u8], at: usize| u64::from_ne_bytes(header[at..at + 8].try_into().unwrap());
    loaded.map(|header| field(header, 8) + field(header, 32)).collect()
}

#[test]
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
fn broken_libraries_are_reasons() {
    let trap = Trap::new();
    let cases = refusals(&trap);
    let slice = trap.scratch.slice("a.png");
    let tally = Tally::new("libraries that are broken");
    let one = |number: usize, library: &OsStr, why: &str| {
        let with = |arguments: &[OsString]| start(oasis(arguments).env("ORT_DYLIB_PATH", library)).wait();
        // An end with this code, and what else must be of it.
        let judge = |ran: &Ran, code: i32, right: bool| {
            let mut wrong = faults(ran);
            if ran.code != Some(code) || !right || ran.stderr.contains("panicked") {
                wrong.push(format!("expected {code} and {why:?}: {ran:?}"));
            }
            tally.add(library.display(), &wrong);
        };
        let said = with(&arguments!["doctor"]);
        let line = said.stdout.lines().find(|line| line.starts_with("ort  ")).unwrap_or_default();
        let named = line.contains(&*library.to_string_lossy()) && said.stdout.contains("ORT_DYLIB_PATH");
        judge(&said, 0, line.contains("not available: ") && line.contains(why) && named);
        if !number.is_multiple_of(4) {
            return;
        }
        judge(&with(&arguments!["doctor", "--backend", "ort"]), 2, true);
        let flag = start(&mut oasis(arguments!["doctor", "--backend", "ort", "--ort-lib", library])).wait();
        let told = flag.stderr.contains("error: cannot use ONNX Runtime: ") && flag.stderr.contains(why);
        judge(&flag, 2, told);
        let out = trap.scratch.at(&format!("out{number}"));
        let auto = with(&arguments!["infer", slice, "--out", out, "--backend", "auto"]);
        judge(&auto, 0, auto.stderr.contains("auto took tract"));
    };
    two_at_a_time(&cases, |number, (library, why)| one(number, library, why));
    tally.finish();
}

#[test]
fn an_absolute_path_is_suggested_for_a_relative_one() {
    let scratch = Scratch::new();
    let mut command = oasis(["doctor", "--backend", "ort", "--ort-lib", "lib/libonnxruntime.so"]);
    let ran = run(command.current_dir(scratch.at("")));
    ended(&ran, 2, OsStr::new("relative"));
    let full = scratch.at("").canonicalize().unwrap().join("lib/libonnxruntime.so");
    assert!(ran.stderr.contains(&format!("hint: set --ort-lib to {}\n", full.display())), "{ran:?}");
}

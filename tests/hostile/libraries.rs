//! Libraries and programs that are planted, broken or not what they say.

use std::ffi::{OsStr, OsString};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::house::Scratch;
use super::run::{Ran, oasis, run};
use crate::arguments;

/// A folder with a file that libraries made here write to when they are loaded.
pub struct Trap {
    pub scratch: Scratch,
}

impl Trap {
    pub fn new() -> Self {
        Self { scratch: Scratch::new() }
    }

    fn marker(&self) -> PathBuf {
        self.scratch.at("loaded")
    }

    /// Whether a library made here was loaded since this was last asked.
    fn sprung(&self) -> bool {
        fs::remove_file(self.marker()).is_ok()
    }

    /// A library that says it is ONNX Runtime of that version, offers no API, and does `more` when it is loaded.
    pub fn library(&self, name: &str, version: &str, more: &str) -> PathBuf {
        let text = format!(
            "#include <signal.h>\n#include <stdio.h>\n#include <stdlib.h>\n\
             __attribute__((constructor)) static void start(void) {{\n\
             FILE *file = fopen(\"{}\", \"a\"); if (file) fclose(file);\n{more}\n}}\n\
             static const void *api(unsigned version) {{ (void)version; return 0; }}\n\
             static const char *version(void) {{ return {version}; }}\n\
             static const struct {{ const void *(*api)(unsigned); const char *(*version)(void); }} base = {{ api, version }};\n\
             const void *OrtGetApiBase(void) {{ return &base; }}\n",
            self.marker().display(),
        );
        self.compile(name, &text)
    }

    fn compile(&self, name: &str, text: &str) -> PathBuf {
        let source = self.scratch.file(&format!("{name}.c"), text.as_bytes());
        let library = self.scratch.at(name);
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source);
        assert!(compiler.status().expect("a C compiler").success());
        library
    }
}

/// Puts a copy of a file at a path, with the folders above it.
fn plant(file: &Path, at: &Path) {
    fs::create_dir_all(at.parent().unwrap()).unwrap();
    fs::copy(file, at).unwrap();
}

/// The binary at another place: the same file where the disk allows it, else a copy.
fn binary(at: &Path) {
    fs::create_dir_all(at.parent().unwrap()).unwrap();
    let built = env!("CARGO_BIN_EXE_oasis");
    if fs::hard_link(built, at).is_err() {
        fs::copy(built, at).unwrap();
    }
}

/// `oasis doctor` by a program in a folder, with nothing named by the environment.
fn doctor(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("doctor").current_dir(folder).stdin(Stdio::null());
    for name in ["ORT_DYLIB_PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "OASIS_LOG"] {
        command.env_remove(name);
    }
    command.env("HOME", "/nonexistent");
    command
}

const NAMES: [&str; 2] = ["libonnxruntime.so", "libonnxruntime.so.1.31.1"];

/// What a Python in a folder has.
const PACKAGE: &str = "lib/python3.11/site-packages/onnxruntime/capi/libonnxruntime.so.1.31.1";

#[test]
fn libraries_in_folders_that_are_not_searched_are_never_loaded() {
    let trap = Trap::new();
    let fake = trap.library("fake.so", "\"1.31.1\"", "");
    let here = trap.scratch.at("app/work");
    let program = trap.scratch.at("app/bin/oasis");
    binary(&program);
    // The current folder, the folders above it and above the binary, and what relative variables name from there.
    for folder in ["app/work", "app", ".", "app/work/venv", "app/bin/sub", "app/bin/lib/sub"] {
        for name in NAMES {
            for below in ["", "lib", "tools/onnxruntime", "tools/onnxruntime/lib", "onnxruntime/capi"] {
                let at = trap.scratch.at(folder).join(below).join(name);
                // `app/bin/lib` is one of the places to search; below it is not.
                plant(&fake, &at);
            }
        }
        for home in ["", ".local", ".pyenv/versions/3.11"] {
            plant(&fake, &trap.scratch.at(folder).join(home).join(PACKAGE));
        }
    }
    let mut tries = 0;
    for value in [None, Some(""), Some("."), Some("venv"), Some("./venv"), Some("../work/venv"), Some("..")] {
        for name in ["VIRTUAL_ENV", "CONDA_PREFIX", "HOME", "ORT_DYLIB_PATH", "PYTHONPATH", "PYTHONHOME", "PATH"] {
            for arguments in [&["--json"][..], &["--backend", "auto"]] {
                let mut command = doctor(&program, &here);
                match value {
                    Some(value) => command.env(name, value),
                    None => command.env_remove(name),
                };
                let ran = run(command.args(arguments));
                assert_eq!(ran.code, Some(0), "{name}={value:?}: {ran:?}");
                assert!(!trap.sprung(), "{name}={value:?}: a planted library was loaded\n{ran:?}");
                tries += 1;
            }
        }
    }
    // Beside the binary it is looked for, and there it is found.
    for place in ["app/bin", "app/bin/lib"] {
        let at = trap.scratch.at(place).join(NAMES[0]);
        plant(&fake, &at);
        let ran = run(&mut doctor(&program, &here));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(trap.sprung(), "{place}: {ran:?}");
        let said = format!("{}: found version 1.31.1 without the API of version", at.display());
        assert!(ran.stdout.contains(&said), "{said} is not in {ran:?}");
        fs::remove_file(at).unwrap();
    }
    println!("libraries: {tries} tries, {tries} as they must be");
}

#[test]
fn libraries_that_others_can_change_are_not_loaded_unless_they_are_named() {
    let trap = Trap::new();
    let fake = trap.library("fake.so", "\"1.31.1\"", "");
    let program = trap.scratch.at("app/bin/oasis");
    binary(&program);
    let library = trap.scratch.at("app/bin").join(NAMES[0]);
    plant(&fake, &library);
    let refused = |part: &str| {
        let ran = run(&mut doctor(&program, &trap.scratch.at("app")));
        assert_eq!((ran.code, trap.sprung()), (Some(0), false), "{ran:?}");
        let said = format!("{}: everyone may write to {}", library.display(), trap.scratch.at(part).display());
        assert!(ran.stdout.contains(&said), "{said} is not in {ran:?}");
    };
    let mode = |part: &str, mode| fs::set_permissions(trap.scratch.at(part), Permissions::from_mode(mode)).unwrap();
    for part in ["app/bin/libonnxruntime.so", "app/bin", "app"] {
        mode(part, 0o777);
        refused(part);
        mode(part, 0o755);
    }
    // A link to what others can change.
    fs::remove_file(&library).unwrap();
    plant(&fake, &trap.scratch.at("open/fake.so"));
    symlink(trap.scratch.at("open/fake.so"), &library).unwrap();
    mode("open", 0o777);
    refused("open");
    // Whoever names it wants it.
    let ran = run(doctor(&program, &trap.scratch.at("app")).env("ORT_DYLIB_PATH", &library));
    assert!(trap.sprung(), "{ran:?}");
}

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
    let name = std::ffi::CString::new(scratch.at("pipe.so").to_str().unwrap()).unwrap();
    // SAFETY: `name` is a string that ends with a zero byte.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
    case(&scratch.at("pipe.so"), "it is a pipe, expected a file");
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

/// Asserts that a run ended by itself, without a panic, with this code.
#[track_caller]
fn ended(ran: &Ran, code: i32, what: &OsStr) {
    assert_eq!((ran.code, ran.signal), (Some(code), None), "{}: {ran:?}", what.display());
    assert!(!ran.stderr.contains("panicked"), "{}: {ran:?}", what.display());
}

#[test]
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
fn broken_libraries_are_reasons() {
    let trap = Trap::new();
    let cases = refusals(&trap);
    let slice = trap.scratch.slice("a.png");
    let next = std::sync::atomic::AtomicUsize::new(0);
    let one = |number: usize, (library, why): &(OsString, String)| {
        let with = |arguments: &[OsString]| run(oasis(arguments).env("ORT_DYLIB_PATH", library));
        let said = with(&arguments!["doctor"]);
        ended(&said, 0, library);
        let line = said.stdout.lines().find(|line| line.starts_with("ort  ")).unwrap_or_default();
        assert!(line.contains("not available: ") && line.contains(why), "{why:?} is not in {said:?}");
        assert!(line.contains(&*library.to_string_lossy()), "{line}");
        assert!(said.stdout.contains("ORT_DYLIB_PATH"), "a hint that helps: {said:?}");
        if number % 4 != 0 {
            return;
        }
        let named = with(&arguments!["doctor", "--backend", "ort"]);
        ended(&named, 2, library);
        let flag = run(&mut oasis(arguments!["doctor", "--backend", "ort", "--ort-lib", library]));
        ended(&flag, 2, library);
        assert!(flag.stderr.contains("error: cannot use ONNX Runtime: ") && flag.stderr.contains(why), "{flag:?}");
        let out = trap.scratch.at(&format!("out{number}"));
        let auto = with(&arguments!["infer", slice, "--out", out, "--backend", "auto"]);
        ended(&auto, 0, library);
        assert!(auto.stderr.contains("auto took tract"), "{auto:?}");
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    let Some(case) = cases.get(number) else { break };
                    one(number, case);
                }
            });
        }
    });
    println!("broken libraries: {} tries, {0} as they must be", cases.len());
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

#[test]
fn every_library_that_is_passed_over_is_told() {
    let trap = Trap::new();
    let program = trap.scratch.at("app/oasis");
    binary(&program);
    for name in ["libonnxruntime.so.3", "libonnxruntime.so.2"] {
        plant(&trap.scratch.file("text", b"text"), &trap.scratch.at("app").join(name));
    }
    let mut command = doctor(&program, &trap.scratch.at("app"));
    let found = std::env::var_os("ORT_DYLIB_PATH").map(|library| {
        let python = trap.scratch.at("venv");
        plant(Path::new(&library), &python.join(PACKAGE));
        command.env("VIRTUAL_ENV", &python);
        python.join(PACKAGE)
    });
    let ran = run(command.env("CONDA_PREFIX", "conda"));
    ended(&ran, 0, OsStr::new("passed over"));
    for name in ["libonnxruntime.so.3", "libonnxruntime.so.2"] {
        let path = trap.scratch.at("app").join(name).display().to_string();
        let said = format!("{path}: the file is not a shared library");
        assert!(ran.stdout.contains(&said), "{said} is not in {ran:?}");
    }
    assert!(ran.stdout.contains("CONDA_PREFIX=conda: it is a relative path"), "{ran:?}");
    if let Some(found) = found {
        let line = ran.stdout.lines().find(|line| line.starts_with("ort  ")).unwrap();
        assert!(line.contains(" available: ONNX Runtime"), "{ran:?}");
        assert!(ran.stdout.contains(&format!("\n          {}\n", found.display())), "{ran:?}");
        assert!(ran.stdout.contains("          passed over "), "{ran:?}");
    }
}

#[test]
fn programs_of_the_path_are_not_run() {
    let trap = Trap::new();
    let script = format!("#!/bin/sh\n: > {}\necho planted, 1.0\n", trap.marker().display());
    let tool = trap.scratch.file("nvidia-smi", script.as_bytes());
    fs::set_permissions(&tool, Permissions::from_mode(0o755)).unwrap();
    for path in [trap.scratch.at("").into_os_string(), ".".into(), "".into()] {
        let mut command = oasis(["doctor"]);
        let ran = run(command.current_dir(trap.scratch.at("")).env("PATH", path));
        ended(&ran, 0, OsStr::new("doctor"));
        assert!(!trap.sprung() && !ran.stdout.contains("planted"), "{ran:?}");
    }
}

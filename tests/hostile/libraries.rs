//! Libraries and programs that are planted where they must not be looked for.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::house::Scratch;
use super::run::{self, Ran, faults, oasis, run};
use super::tally::Tally;

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

    /// The shared library that a C source makes.
    pub fn compile(&self, name: &str, text: &str) -> PathBuf {
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
    let mut command = run::program(program, ["doctor"]);
    command.current_dir(folder).env("HOME", "/nonexistent");
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
    let tally = Tally::new("libraries that are planted");
    for value in [None, Some(""), Some("."), Some("venv"), Some("./venv"), Some("../work/venv"), Some("..")] {
        for name in ["VIRTUAL_ENV", "CONDA_PREFIX", "HOME", "ORT_DYLIB_PATH", "PYTHONPATH", "PYTHONHOME", "PATH"] {
            for arguments in [&["--json"][..], &["--backend", "auto"]] {
                let mut command = doctor(&program, &here);
                match value {
                    Some(value) => command.env(name, value),
                    None => command.env_remove(name),
                };
                let ran = run::start(command.args(arguments)).wait();
                let mut wrong = faults(&ran);
                if ran.code != Some(0) {
                    wrong.push(format!("{ran:?}"));
                }
                if trap.sprung() {
                    wrong.push(format!("a planted library was loaded\n{ran:?}"));
                }
                tally.add(format!("{name}={value:?}"), &wrong);
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
    tally.finish();
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

/// Asserts that a run ended by itself, without a panic, with this code.
#[track_caller]
pub fn ended(ran: &Ran, code: i32, what: &OsStr) {
    assert_eq!((ran.code, ran.signal), (Some(code), None), "{}: {ran:?}", what.display());
    assert!(!ran.stderr.contains("panicked"), "{}: {ran:?}", what.display());
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

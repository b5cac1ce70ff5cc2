//! Running `oasis`, and files to run it on.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::{GrayImage, Luma};
use oasis::data::phantom;
use serde_json::Value;

/// A run of the binary that has ended.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// The one JSON object on stdout.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|why| panic!("{why} in {:?}, with {:?}", self.stdout, self.stderr))
    }

    /// Asserts an exit of 2 with an error and a hint, and nothing on stdout; gives the error.
    pub fn refused(&self) -> &str {
        assert_eq!(self.code, 2, "stdout {:?}, stderr {:?}", self.stdout, self.stderr);
        assert!(self.stdout.is_empty(), "{:?}", self.stdout);
        assert!(self.stderr.contains("error: ") && self.stderr.contains("hint: "), "{:?}", self.stderr);
        &self.stderr
    }
}

/// Runs `oasis` with arguments; no ONNX Runtime is named by the environment.
pub fn oasis<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Ran {
    oasis_with(arguments, |_| {})
}

/// Runs `oasis` with arguments and another environment.
pub fn oasis_with<S: AsRef<std::ffi::OsStr>>(
    arguments: impl IntoIterator<Item = S>,
    change: impl FnOnce(&mut Command),
) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oasis"));
    command.args(arguments).env_remove("ORT_DYLIB_PATH").env_remove("VIRTUAL_ENV");
    change(&mut command);
    let Output { status, stdout, stderr } = command.output().expect("the binary runs");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    Ran { code: status.code().expect("no signal ended it"), stdout: text(stdout), stderr: text(stderr) }
}

/// A folder that is removed afterwards.
pub struct Scratch(tempfile::TempDir);

impl Scratch {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A made-up slice as PNG.
    pub fn slice(&self, name: &str) -> PathBuf {
        let pixels = phantom::draw(1, 1, 12);
        let image = oasis::data::grey_image(pixels.view());
        oasis::data::save_png(&self.at(name), image.view()).unwrap();
        self.at(name)
    }

    /// A grey PNG of another size.
    pub fn grey(&self, name: &str, width: u32, height: u32) -> PathBuf {
        GrayImage::from_pixel(width, height, Luma([90])).save(self.at(name)).unwrap();
        self.at(name)
    }

    pub fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        std::fs::write(self.at(name), content).unwrap();
        self.at(name)
    }

    /// A copy of the shipped bundle.
    pub fn bundle(&self, name: &str) -> PathBuf {
        let to = self.at(name);
        std::fs::create_dir(&to).unwrap();
        for entry in std::fs::read_dir(shipped()).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
        to
    }
}

/// The shipped bundle's folder.
pub fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("onnx")
}

/// `arguments!["a", path]`: anything that is an argument.
#[macro_export]
macro_rules! arguments {
    ($($argument:expr),* $(,)?) => {
        [$(std::ffi::OsString::from(&$argument)),*]
    };
}

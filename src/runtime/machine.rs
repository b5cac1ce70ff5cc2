//! What this machine has: threads, CPU features, GPUs and their driver.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::ask::ask;
use super::trust;

/// Folders of the system that may hold the NVIDIA driver's tool. `PATH` is not asked: it may name any folder.
const TOOL_FOLDERS: &[&str] = if cfg!(windows) {
    &["C:\\Windows\\System32"]
} else {
    &["/usr/bin", "/bin", "/usr/local/bin", "/usr/lib/wsl/lib", "/run/current-system/sw/bin"]
};
/// How long the tool may take; it wakes up every GPU.
const TOOL_PATIENCE: Duration = Duration::from_secs(10);

/// The number of threads that the machine runs at once.
pub(super) fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The machine, as far as it matters to engines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Machine {
    /// The operating system and architecture, such as `linux x86_64`.
    pub platform: String,
    /// The number of threads that it runs at once.
    pub threads: usize,
    /// Vector features of the CPU that matter to speed.
    pub cpu_features: Vec<&'static str>,
    /// NVIDIA GPUs by name, as their driver's tool lists them.
    pub gpus: Vec<String>,
    /// The version of the NVIDIA driver; `None` where there is none.
    pub driver: Option<String>,
}

impl Machine {
    /// Looks at this machine.
    pub fn look() -> Self {
        let (gpus, driver) = nvidia();
        Self {
            platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            threads: default_threads(),
            cpu_features: cpu_features(),
            gpus,
            driver,
        }
    }
}

fn cpu_features() -> Vec<&'static str> {
    let mut found = Vec::new();
    macro_rules! look {
        ($detected:ident: $($name:tt)*) => {
            $(if std::arch::$detected!($name) { found.push($name); })*
        };
    }
    #[cfg(target_arch = "x86_64")]
    look!(is_x86_feature_detected: "sse4.1" "avx" "f16c" "fma" "avx2" "avx512f" "avx512bw" "avx512vnni");
    #[cfg(target_arch = "aarch64")]
    look!(is_aarch64_feature_detected: "neon" "fp16" "dotprod" "i8mm" "sve");
    found
}

/// The version in the line that the driver's kernel module writes, such as
/// `NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.15  Release Build`.
fn driver_version(text: &str) -> Option<String> {
    text.lines()
        .next()?
        .split_whitespace()
        .find(|word| word.contains('.') && word.chars().all(|letter| letter.is_ascii_digit() || letter == '.'))
        .map(str::to_owned)
}

/// The NVIDIA driver's tool, where it is installed and only trusted people can change it.
fn tool() -> Option<PathBuf> {
    let name = if cfg!(windows) { "nvidia-smi.exe" } else { "nvidia-smi" };
    TOOL_FOLDERS.iter().find_map(|folder| trust::real(&Path::new(folder).join(name)).ok())
}

fn nvidia() -> (Vec<String>, Option<String>) {
    let driver = fs::read_to_string("/proc/driver/nvidia/version").ok().and_then(|text| driver_version(&text));
    let listed = ["--query-gpu=name,driver_version", "--format=csv,noheader"];
    let Some(text) = tool().and_then(|tool| ask(&tool, &listed, TOOL_PATIENCE)) else {
        return (Vec::new(), driver);
    };
    let rows = || text.lines().filter_map(|line| line.rsplit_once(','));
    let gpus = rows().map(|(name, _)| name.trim().to_owned()).collect();
    (gpus, driver.or_else(|| rows().next().map(|(_, version)| version.trim().to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_version_in_the_driver_s_line() {
        let line = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build";
        assert_eq!(driver_version(line).as_deref(), Some("570.86.15"));
        assert_eq!(driver_version("nothing here"), None);
    }
}

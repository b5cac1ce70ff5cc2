//! What the fuzz targets share: seeds made by code, a place for files, a toy bundle.
#![allow(dead_code, reason = "what the tests of the library use of the shared files is more than is needed here")]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

#[path = "../../tests/support/jpeg.rs"]
pub mod jpeg;
#[path = "../../tests/support/noise.rs"]
pub mod noise;
#[path = "../../tests/support/png.rs"]
pub mod png;
#[path = "../../tests/support/toy.rs"]
pub mod toy;
#[path = "../../tests/data/volume_files.rs"]
pub mod volume_files;
#[path = "../../tests/support/wire.rs"]
pub mod wire;

/// Where `OASIS_FUZZ_SEEDS` names a folder, writes the seeds of the target there and ends the process.
pub fn seeds(make: impl FnOnce() -> Vec<Vec<u8>>) {
    let Some(folder) = std::env::var_os("OASIS_FUZZ_SEEDS").map(PathBuf::from) else { return };
    std::fs::create_dir_all(&folder).expect("the folder of seeds can be made");
    for (index, seed) in make().into_iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{index:03}")), seed).expect("a seed can be written");
    }
    std::process::exit(0);
}

/// A folder for the files of this process, in the one that `OASIS_FUZZ_PLACE` names, whose maker removes it.
pub fn place() -> &'static Path {
    static PLACE: OnceLock<PathBuf> = OnceLock::new();
    PLACE.get_or_init(|| {
        let base = std::env::var_os("OASIS_FUZZ_PLACE").map_or_else(std::env::temp_dir, PathBuf::from);
        tempfile::Builder::new().prefix("oasis-fuzz-").tempdir_in(base).expect("a folder can be made").keep()
    })
}

/// Writes a file into the folder of this process, over the one of that name.
pub fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = place().join(name);
    std::fs::write(&path, bytes).expect("a file can be written");
    path
}

/// The toy bundle in the folder of this process.
pub fn bundle() -> &'static Path {
    static BUNDLE: OnceLock<PathBuf> = OnceLock::new();
    BUNDLE.get_or_init(|| {
        let folder = place().join("bundle");
        toy::write(&folder, |_, _| {}).expect("the toy bundle can be written");
        folder
    })
}

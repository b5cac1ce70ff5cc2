//! Lets the test compile what `oasis-roundtrip FOLDER` generated, where `OASIS_ROUNDTRIP_DIR` names that folder.

use std::path::{Path, PathBuf};
use std::{env, fs};

const NOTHING: &str =
    "pub const FOLDER: Option<&str> = None;\npub const MODELS: &[(&str, oasis_roundtrip::Run)] = &[];\n";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=OASIS_ROUNDTRIP_DIR");
    let source = match env::var_os("OASIS_ROUNDTRIP_DIR") {
        None => NOTHING.to_owned(),
        Some(folder) => {
            let folder = absolute(Path::new(&folder));
            let models = folder.join("generated").join("models.rs");
            println!("cargo::rerun-if-changed={}", models.display());
            assert!(models.is_file(), "there is no {}: run oasis-roundtrip on that folder first", models.display());
            format!("pub const FOLDER: Option<&str> = Some({folder:?});\ninclude!({models:?});\n")
        }
    };
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("models.rs");
    fs::write(&out, source).unwrap_or_else(|why| panic!("{}: {why}", out.display()));
}

/// A path as it was meant where cargo was called, not in this crate.
fn absolute(folder: &Path) -> PathBuf {
    fs::canonicalize(folder)
        .unwrap_or_else(|why| panic!("OASIS_ROUNDTRIP_DIR={}: {why} (an absolute path is needed)", folder.display()))
}

//! Commands whose feature is not in this build.

use oasis::{Error, ErrorKind};

/// Whatever the command would take.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _rest: Vec<String>,
}

/// The error that names the feature.
pub fn error(command: &str) -> Error {
    Error::new(ErrorKind::Environment, "cannot run command", command, "this build lacks the feature `train`")
        .hint("cargo build --release --features train")
        .hint("on a GPU: cargo build --release --features vulkan")
}

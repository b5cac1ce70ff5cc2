// Also compiled into the build script, and so without anything of the crate.
//! SHA-256 as text.

use std::fmt::Write;

pub use sha2::{Digest, Sha256};

/// The SHA-256 of `bytes`, in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex(Sha256::new_with_prefix(bytes))
}

/// What a digest comes to, in lower-case hexadecimal.
pub fn hex(digest: Sha256) -> String {
    digest.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

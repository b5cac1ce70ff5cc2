//! Tests that need what a machine may lack: each says aloud that it is skipped, or fails where what it needs is demanded.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Mutex;

/// Says that the test of this thread, or a part of it, is skipped: once each, past the capture of what tests print.
pub fn skipped(why: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let line = format!("SKIPPED: {}: {why}\n", std::thread::current().name().unwrap_or("a part of a test"));
    if SAID.lock().unwrap().insert(line.clone()) {
        std::io::stderr().write_all(line.as_bytes()).expect("stderr can be written");
    }
}

/// ONNX Runtime's library, which `ORT_DYLIB_PATH` names; without one, what needs it is skipped aloud.
///
/// # Panics
/// Where there is none and `OASIS_REQUIRE_ORT` is set.
pub fn library() -> Option<PathBuf> {
    let named = std::env::var_os("ORT_DYLIB_PATH").map(PathBuf::from);
    if named.is_none() {
        assert!(std::env::var_os("OASIS_REQUIRE_ORT").is_none(), "ORT_DYLIB_PATH names no library");
        skipped("ONNX Runtime: needs ORT_DYLIB_PATH");
    }
    named
}

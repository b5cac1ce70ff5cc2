//! What an engine cannot run, and why. A test fails where an entry is no longer needed.

/// The test case, the engine, and the reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[("int_matmul", "tract", "tract multiplies no matrices of i64")];

/// Why an engine cannot run a case, where it cannot.
pub fn reason(case: &str, engine: &str) -> Option<&'static str> {
    EXCEPTIONS.iter().find(|(name, of, _)| *name == case && *of == engine).map(|(_, _, reason)| *reason)
}

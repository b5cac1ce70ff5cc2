//! Panics of the libraries that engines call, as errors.

use crate::panics::caught;

/// Does `work`; where it panics, the error is `LIBRARY panicked: MESSAGE`, and nothing is printed.
pub(super) fn guarded<T>(library: &str, work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    caught(work).unwrap_or_else(|panic| Err(format!("{library} panicked: {panic}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_that_names_the_library() {
        assert_eq!(guarded("tract", || Ok(1)), Ok(1));
        assert_eq!(guarded::<()>("tract", || Err("no".to_owned())), Err("no".to_owned()));
        assert_eq!(guarded::<()>("tract", || panic!("at {}", 7)), Err("tract panicked: at 7".to_owned()));
    }
}

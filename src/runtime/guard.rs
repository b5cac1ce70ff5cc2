//! Panics of the libraries that engines call.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Does `work`; where it panics, the error is `LIBRARY panicked: MESSAGE`.
pub(super) fn guarded<T>(library: &str, work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("{library} panicked: {}", text.unwrap_or("no message")))
    })
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn a_panic_is_an_error_with_its_message() {
        assert_eq!(guarded("tract", || Ok(1)), Ok(1));
        assert_eq!(guarded::<()>("tract", || Err("no".to_owned())), Err("no".to_owned()));
        assert_eq!(guarded::<()>("tract", || panic!("at {}", 7)), Err("tract panicked: at 7".to_owned()));
        assert_eq!(guarded::<()>("tract", || panic!("plainly")), Err("tract panicked: plainly".to_owned()));
        let other = || -> Result<(), String> { std::panic::panic_any(7_u8) };
        assert_eq!(guarded("tract", other), Err("tract panicked: no message".to_owned()));
    }
}

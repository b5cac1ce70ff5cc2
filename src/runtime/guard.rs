//! Panics of the libraries that engines call: caught, and told once, by the error that they become.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// How many guards the thread works under. Each tells a panic in its error, so that nothing else need tell it.
    static GUARDS: Cell<usize> = const { Cell::new(0) };
}

/// Does `work`; where it panics, the error is `LIBRARY panicked: MESSAGE`, and nothing is printed.
pub(super) fn guarded<T>(library: &str, work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let _guard = Guard::new();
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("{library} panicked: {}", text.unwrap_or("no message")))
    })
}

/// For a thread that works for guarded code alone, such as one of a pool: its panics are not printed, since the thread
/// that waits for its work is given them.
#[cfg(any(feature = "tract", feature = "burn-engine"))]
pub(super) fn works_guarded() {
    std::mem::forget(Guard::new());
}

/// Keeps panics of this thread from being printed.
struct Guard;

impl Guard {
    fn new() -> Self {
        static LISTEN: Once = Once::new();
        LISTEN.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |panic| match GUARDS.get() {
                0 => before(panic),
                _ => tracing::debug!("an engine panicked: {panic}"),
            }));
        });
        GUARDS.set(GUARDS.get() + 1);
        Self
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        GUARDS.set(GUARDS.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_message() {
        assert_eq!(guarded("tract", || Ok(1)), Ok(1));
        assert_eq!(guarded::<()>("tract", || Err("no".to_owned())), Err("no".to_owned()));
        assert_eq!(guarded::<()>("tract", || panic!("at {}", 7)), Err("tract panicked: at 7".to_owned()));
        assert_eq!(guarded::<()>("tract", || panic!("plainly")), Err("tract panicked: plainly".to_owned()));
        let other = || -> Result<(), String> { panic::panic_any(7_u8) };
        assert_eq!(guarded("tract", other), Err("tract panicked: no message".to_owned()));
    }

    #[test]
    fn guards_are_counted_for_each_thread() {
        let inner = guarded("outer", || {
            assert_eq!(GUARDS.get(), 1);
            let inner = guarded::<()>("inner", || panic!("deep"));
            assert_eq!((GUARDS.get(), std::thread::spawn(|| GUARDS.get()).join().unwrap()), (1, 0));
            Ok(inner)
        });
        assert_eq!(inner, Ok(Err("inner panicked: deep".to_owned())));
        assert_eq!(GUARDS.get(), 0);
        let pool = std::thread::spawn(|| {
            works_guarded();
            let _ = guarded::<()>("pool", || panic!("again"));
            GUARDS.get()
        });
        assert_eq!(pool.join().unwrap(), 1);
    }
}

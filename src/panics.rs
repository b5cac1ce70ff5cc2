//! Panics of code that others wrote, as values: caught, and told once, by the error that they become.

use std::cell::RefCell;
use std::fmt;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

/// What a panic said, and where in the code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Panic {
    /// Its message; empty where it had none.
    message: String,
    /// The file, line and column.
    place: Option<String>,
}

/// How many callers of a thread wait for its panics, and the last one.
struct Heard {
    listeners: usize,
    last: Panic,
}

thread_local! {
    static HEARD: RefCell<Heard> = const { RefCell::new(Heard { listeners: 0, last: Panic::NONE }) };
}

/// Does `work` and returns a panic of it. Nothing is printed. Panics of other threads are reported as usual.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    let _listener = Listener::new();
    panic::catch_unwind(AssertUnwindSafe(work))
        .map_err(|_| HEARD.with_borrow_mut(|heard| std::mem::take(&mut heard.last)))
}

/// For a thread that works for caught code alone, such as one of a pool: its panics are not printed, since the thread
/// that waits for its work is given them.
#[cfg(any(feature = "tract", feature = "burn-engine"))]
pub(crate) fn works_for_others() {
    std::mem::forget(Listener::new());
}

impl Panic {
    const NONE: Self = Self { message: String::new(), place: None };

    fn of(info: &PanicHookInfo<'_>) -> Self {
        let message = info.payload_as_str().unwrap_or_default();
        // An error that was unwrapped may tell the calls that led to it.
        let message = message.split("\n\nStack backtrace:").next().unwrap_or_default();
        Self { message: message.to_owned(), place: info.location().map(ToString::to_string) }
    }

    /// The file, line and column that it came from, where that is known.
    #[cfg(feature = "export")]
    pub fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }
}

/// The message, in one line.
impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message.split_whitespace().collect::<Vec<_>>() {
            none if none.is_empty() => f.write_str("no message"),
            words => f.write_str(&words.join(" ")),
        }
    }
}

/// While it lives, panics of its thread are kept and not printed.
struct Listener;

impl Listener {
    fn new() -> Self {
        static LISTEN: Once = Once::new();
        LISTEN.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                let kept = HEARD.try_with(|heard| match heard.try_borrow_mut() {
                    Ok(mut heard) if heard.listeners > 0 => {
                        heard.last = Panic::of(info);
                        true
                    }
                    _ => false,
                });
                match kept {
                    Ok(true) => tracing::debug!("caught: {info}"),
                    _ => before(info),
                }
            }));
        });
        HEARD.with_borrow_mut(|heard| heard.listeners += 1);
        Self
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        HEARD.with_borrow_mut(|heard| heard.listeners -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listeners() -> usize {
        HEARD.with_borrow(|heard| heard.listeners)
    }

    fn said(work: impl FnOnce()) -> String {
        caught(work).unwrap_err().to_string()
    }

    #[test]
    fn a_panic_is_a_value_with_its_message_and_place() {
        assert_eq!(caught(|| 1), Ok(1));
        assert_eq!(said(|| panic!("at {}", 7)), "at 7");
        assert_eq!(said(|| panic!("plainly")), "plainly");
        assert_eq!(said(|| panic!("an error\n  of lines\n\nStack backtrace:\n   0: main")), "an error of lines");
        assert_eq!(said(|| panic::panic_any(7_u8)), "no message");
        let panic = caught(|| panic!("here")).map(|(): ()| ()).unwrap_err();
        assert!(panic.place.unwrap().contains("panics.rs:"));
    }

    #[test]
    fn listeners_are_counted_for_each_thread() {
        let inner = caught(|| {
            let inner = said(|| panic!("deep"));
            assert_eq!((listeners(), std::thread::spawn(listeners).join().unwrap()), (1, 0));
            inner
        });
        assert_eq!((inner.unwrap().as_str(), listeners()), ("deep", 0));
        #[cfg(any(feature = "tract", feature = "burn-engine"))]
        {
            let pool = std::thread::spawn(|| {
                works_for_others();
                said(|| panic!("again"));
                listeners()
            });
            assert_eq!(pool.join().unwrap(), 1);
        }
    }
}

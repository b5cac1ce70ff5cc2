//! Panics of a forward pass as errors that hold the message and the place in the code; nothing is printed to stderr.

use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::fmt;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

use super::caller::{Caller, caller};

thread_local! {
    /// What the thread listens to, while [`panic_as_error`] runs on it.
    static HEARD: RefCell<Option<Vec<Panic>>> = const { RefCell::new(None) };
}

/// A panic, displayed on one line as its message and the place in the exported code that it comes from.
#[derive(Debug)]
pub(crate) struct Panic {
    message: String,
    /// File, line and column of the panic itself, which may lie in Burn.
    place: Option<String>,
    backtrace: Option<Backtrace>,
}

impl Panic {
    fn new(info: &PanicHookInfo<'_>) -> Self {
        // An error is one line, and a panic may tell of several causes, a line each.
        let message = info.payload_as_str().unwrap_or("no message");
        Self {
            message: message.split_whitespace().collect::<Vec<_>>().join(" "),
            place: info.location().map(ToString::to_string),
            backtrace: Some(Backtrace::force_capture()),
        }
    }

    /// Whether it comes from reading the values of a tensor that has none while it is recorded.
    pub fn is_read(&self) -> bool {
        ["has no concrete value", "has no initialized value", "Cannot move a tensor from a capture device"]
            .iter()
            .any(|text| self.message.contains(text))
    }

    /// The call in the exported code that led to it.
    pub fn caller(&self) -> Option<Caller> {
        caller(&self.backtrace.as_ref()?.to_string())
    }

    /// Where the exported code led to it: the file, line and column, and the function.
    pub fn origin(&self) -> Option<String> {
        match self.caller() {
            Some(Caller { function, place, .. }) => Some(match place.or_else(|| self.own_place()) {
                // A closure that the compiler put into another function has no name of its own.
                Some(place) if function.starts_with('{') => place,
                Some(place) => format!("{place} in {function}"),
                None => function,
            }),
            None => self.place.clone(),
        }
    }

    /// The place of the panic, unless that is in Burn's own sources.
    fn own_place(&self) -> Option<String> {
        self.place.clone().filter(|place| !place.contains("/burn-"))
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.origin() {
            Some(origin) => write!(f, "{} ({origin})", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// Runs `work` and returns a panic of it. Panics of other threads are reported as usual.
///
/// A read of values that the exporter has no answer to is one too where `work` catches the panic and goes on: what it
/// then does is not what it would do with the values.
pub(crate) fn panic_as_error<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    static LISTEN: Once = Once::new();
    LISTEN.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let listening =
                HEARD.with_borrow_mut(|heard| heard.as_mut().map(|heard| heard.push(Panic::new(info))).is_some());
            if !listening {
                before(info);
            }
        }));
    });
    let outer = HEARD.replace(Some(Vec::new()));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    let mut heard = HEARD.replace(outer).unwrap_or_default();
    match result {
        Ok(value) => match heard.iter().position(Panic::is_read) {
            Some(caught) => Err(heard.swap_remove(caught)),
            None => Ok(value),
        },
        Err(_) => Err(heard.pop().unwrap_or(Panic { message: "no message".to_owned(), place: None, backtrace: None })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_tells_its_message_and_place_on_one_line() {
        let panic = panic_as_error(|| assert_eq!(1, 2, "a line\nand another")).expect_err("a panic");
        let text = panic.to_string();
        assert!(text.starts_with("assertion `left == right` failed: a line and another left: 1 right: 2 ("), "{text}");
        assert!(text.contains("quiet.rs") && !panic.is_read(), "{text}");
    }

    #[test]
    fn a_read_that_is_caught_is_an_error_all_the_same() {
        let work = || panic::catch_unwind(|| panic!("captured tensor 7 has no concrete value")).is_err();
        assert!(panic_as_error(work).expect_err("a read").is_read());
        assert!(panic_as_error(|| panic::catch_unwind(|| panic!("something else")).is_err()).expect("no read"));
    }
}

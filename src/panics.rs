//! Panics of code that others wrote, as values: caught, and told once, by the error that they become.

#[cfg(feature = "export")]
use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

/// What a panic said, displayed on one line, and where it comes from.
#[derive(Debug)]
pub(crate) struct Panic {
    message: String,
    /// The file, line and column, where that is known.
    #[cfg(feature = "export")]
    pub place: Option<String>,
    /// The calls that led to it, where they are known.
    #[cfg(feature = "export")]
    pub backtrace: Option<Backtrace>,
}

thread_local! {
    /// The panics of the thread since something began to listen to them.
    static HEARD: RefCell<Option<Vec<Panic>>> = const { RefCell::new(None) };
    /// Whether another thread is told of this one's panics.
    static SILENT: Cell<bool> = const { Cell::new(false) };
}

/// Does `work` and returns a panic of it. Nothing is printed. Panics of other threads are reported as usual.
#[cfg(any(feature = "runtime", feature = "train"))]
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    heard(work).0
}

/// Does `work` and gives its result, or the panic that it ended with, and the panics that it caught itself. Nothing is
/// printed.
pub(crate) fn heard<T>(work: impl FnOnce() -> T) -> (Result<T, Panic>, Vec<Panic>) {
    listen();
    let outer = HEARD.replace(Some(Vec::new()));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    let mut heard = HEARD.replace(outer).unwrap_or_default();
    let result = result.map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let panic = Panic::new(text.or_else(|| payload.downcast_ref::<&str>().copied()));
        // What another thread panicked with, as its pool passes it on, was not heard here.
        match heard.pop_if(|last| last.message == panic.message) {
            Some(last) => last,
            None => panic,
        }
    });
    (result, heard)
}

/// For a thread that works for caught code alone, such as one of a pool: its panics are not printed, since the thread
/// that waits for its work is given them.
#[cfg(any(feature = "tract", feature = "burn-engine"))]
pub(crate) fn works_for_others() {
    listen();
    SILENT.set(true);
}

impl Panic {
    fn new(message: Option<&str>) -> Self {
        // An error that was unwrapped may tell the calls that led to it.
        let message = message.unwrap_or_default().split("\n\nStack backtrace:").next().unwrap_or_default();
        let words: Vec<&str> = message.split_whitespace().collect();
        Self {
            message: if words.is_empty() { "no message".to_owned() } else { words.join(" ") },
            #[cfg(feature = "export")]
            place: None,
            #[cfg(feature = "export")]
            backtrace: None,
        }
    }

    /// A panic that begins.
    fn of(info: &PanicHookInfo<'_>) -> Self {
        Self {
            #[cfg(feature = "export")]
            place: info.location().map(ToString::to_string),
            #[cfg(feature = "export")]
            backtrace: Some(Backtrace::force_capture()),
            ..Self::new(info.payload_as_str())
        }
    }

    /// The message, on one line.
    #[cfg(feature = "export")]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Has the panics of threads that are listened to kept and not printed.
fn listen() {
    static LISTEN: Once = Once::new();
    LISTEN.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let keep = |heard: &RefCell<Option<Vec<Panic>>>| match heard.try_borrow_mut() {
                Ok(mut heard) => heard.as_mut().map(|heard| heard.push(Panic::of(info))).is_some(),
                Err(_) => false,
            };
            let kept = HEARD.try_with(keep).unwrap_or(false);
            match kept || SILENT.try_with(Cell::get).unwrap_or(false) {
                true => tracing::debug!("caught: {info}"),
                false => before(info),
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(work: impl FnOnce()) -> String {
        heard(work).0.unwrap_err().to_string()
    }

    #[test]
    fn a_panic_is_a_value_with_its_message() {
        let (result, panics) = heard(|| 1);
        assert_eq!((result.unwrap(), panics.len()), (1, 0));
        assert_eq!(said(|| panic!("at {}", 7)), "at 7");
        assert_eq!(said(|| panic!("plainly")), "plainly");
        assert_eq!(said(|| panic!("an error\n  of lines\n\nStack backtrace:\n   0: main")), "an error of lines");
        assert_eq!(said(|| panic::panic_any(7_u8)), "no message");
        #[cfg(feature = "export")]
        assert!(heard(|| panic!("here")).0.map(|(): ()| ()).unwrap_err().place.unwrap().contains("panics.rs:"));
    }

    #[test]
    fn panics_are_heard_by_whom_they_end_and_by_all_around_it() {
        let (inner, outer) = heard(|| {
            let inner = said(|| panic!("deep"));
            let _ = panic::catch_unwind(|| panic!("kept"));
            let passed_on = said(|| panic::resume_unwind(Box::new("of another thread")));
            assert_eq!(passed_on, "of another thread");
            assert!(std::thread::spawn(|| HEARD.with_borrow(Option::is_none)).join().unwrap());
            inner
        });
        assert_eq!((inner.unwrap().as_str(), outer.len()), ("deep", 1));
        assert_eq!(outer[0].to_string(), "kept");
        assert!(HEARD.with_borrow(Option::is_none));
    }
}

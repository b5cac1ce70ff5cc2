//! Panics of a forward pass as errors that hold the message and the place in the code; nothing is printed to stderr.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

thread_local! {
    /// The message of the thread's last panic, while [`panic_as_error`] runs on it.
    static HEARD: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `work` and returns a panic of it as its message and place. Panics of other threads are reported as usual.
pub(crate) fn panic_as_error<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static LISTEN: Once = Once::new();
    LISTEN.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let listening = HEARD.with_borrow_mut(|heard| heard.as_mut().map(|heard| *heard = text(info)).is_some());
            if !listening {
                before(info);
            }
        }));
    });
    HEARD.set(Some("no message".to_owned()));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    let heard = HEARD.take();
    result.map_err(|_| heard.unwrap_or_default())
}

fn text(info: &PanicHookInfo<'_>) -> String {
    let message = info.payload_as_str().unwrap_or("no message");
    match info.location() {
        Some(place) => format!("{message} ({place})"),
        None => message.to_owned(),
    }
}

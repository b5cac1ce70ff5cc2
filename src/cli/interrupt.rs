//! Ctrl-C: the first asks long work to finish what it has begun, the second ends the process.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

static STOP: AtomicBool = AtomicBool::new(false);

/// What Ctrl-C, or a scheduler's SIGTERM, sets from the first call of this on.
pub fn stop() -> &'static AtomicBool {
    static HANDLER: Once = Once::new();
    HANDLER.call_once(|| {
        let handler = ctrlc::set_handler(|| {
            if STOP.swap(true, Ordering::SeqCst) {
                std::process::exit(130);
            }
            eprintln!("stopping once what is in work is done; press Ctrl-C again to stop at once");
        });
        if let Err(why) = handler {
            tracing::warn!("Ctrl-C ends the process at once: {why}");
        }
    });
    &STOP
}

/// Whether it was set.
pub fn stopped() -> bool {
    stop().load(Ordering::SeqCst)
}

//! Ctrl-C: the first asks long work to finish what it has begun, the second ends the process.

use std::ops::ControlFlow;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Signals that are closer together count as one: a scheduler, or `timeout`, may signal a process and then its group.
const ONE: Duration = Duration::from_millis(500);

static STOP: AtomicBool = AtomicBool::new(false);

/// A flag that Ctrl-C, or a scheduler's SIGTERM, sets. Signals are handled from the first call of this on.
pub fn stop() -> &'static AtomicBool {
    static HANDLER: Once = Once::new();
    HANDLER.call_once(|| {
        let mut first: Option<Instant> = None;
        let handler = move || match first {
            Some(at) if at.elapsed() > ONE => std::process::exit(130),
            Some(_) => {}
            None => {
                first = Some(Instant::now());
                STOP.store(true, Ordering::SeqCst);
                eprintln!("stopping once what is in work is done; press Ctrl-C again to stop at once");
            }
        };
        keeping_nohup(|| {
            if let Err(why) = ctrlc::set_handler(handler) {
                tracing::warn!("Ctrl-C ends the process at once: {why}");
            }
        });
    });
    &STOP
}

/// Whether to go on: [`ControlFlow::Break`] after Ctrl-C.
pub fn flow() -> ControlFlow<()> {
    if stop().load(Ordering::SeqCst) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// Runs `install`, which sets the handlers; a hangup stays ignored where it was before, as `nohup` sees to.
fn keeping_nohup(install: impl FnOnce()) {
    #[cfg(unix)]
    // SAFETY: with a null action the call only reads; `old` is a valid place for the answer.
    let ignored = unsafe {
        let mut old: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGHUP, std::ptr::null(), &mut old) == 0 && old.sa_sigaction == libc::SIG_IGN
    };
    install();
    #[cfg(unix)]
    if ignored {
        // SAFETY: ignoring a signal calls no code.
        unsafe { libc::signal(libc::SIGHUP, libc::SIG_IGN) };
    }
}

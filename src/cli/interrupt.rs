//! Ctrl-C: the first asks long work to finish what it has begun, the second ends the process.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Signals this close together are one: a scheduler, or `timeout`, may signal a process and then its group.
const ONE: Duration = Duration::from_millis(500);

static STOP: AtomicBool = AtomicBool::new(false);

/// What Ctrl-C, or a scheduler's SIGTERM, sets from the first call of this on.
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

/// Whether it was set.
pub fn stopped() -> bool {
    stop().load(Ordering::SeqCst)
}

/// Runs `install`, and leaves a hangup ignored where the process was started so, as by `nohup`.
fn keeping_nohup(install: impl FnOnce()) {
    #[cfg(unix)]
    // SAFETY: a null action only asks; `old` is a valid place for the answer.
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

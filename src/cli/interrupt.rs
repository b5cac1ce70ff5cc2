//! Signals that ask to end: SIGINT (Ctrl-C), SIGTERM, SIGHUP, from the first line of `main` on.
//!
//! Work that keeps what is done asks for [`stop`]: it finishes what it has begun after the first signal, and the second
//! ends it at once. All other work is ended at once by the first. What is ended at once leaves nothing half-written.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::print::at_once;

/// Signals that are closer together count as one: a scheduler, or `timeout`, may signal a process and then its group.
const ONE: Duration = Duration::from_millis(500);

static STOP: AtomicBool = AtomicBool::new(false);
/// Whether the work looks at [`STOP`].
static LOOKED_AT: AtomicBool = AtomicBool::new(false);
static QUIET: AtomicBool = AtomicBool::new(false);

/// Handles the signals from now on.
pub fn listen() {
    let mut first: Option<Instant> = None;
    let handler = move || match first {
        Some(at) if at.elapsed() <= ONE => {}
        Some(_) => end(),
        None => {
            first = Some(Instant::now());
            STOP.store(true, Ordering::SeqCst);
            if !LOOKED_AT.load(Ordering::SeqCst) {
                end();
            }
            if !QUIET.load(Ordering::SeqCst) {
                at_once("stopping once what is in work is done; press Ctrl-C again to stop at once\n");
            }
        }
    };
    keeping_nohup(|| {
        if ctrlc::set_handler(handler).is_err() {
            // Without a thread for the handler, a signal ends the process as it does any other.
            default();
        }
    });
}

/// A flag that the first signal sets, for work that looks at it until it ends.
pub fn stop() -> &'static AtomicBool {
    LOOKED_AT.store(true, Ordering::SeqCst);
    &STOP
}

/// Has the first signal say nothing.
pub fn hush() {
    QUIET.store(true, Ordering::SeqCst);
}

/// Ends the process, which leaves nothing half-written.
fn end() -> ! {
    at_once(
        "error: stopped: oasis: a signal ended it before it was done\nhint: run it again; files that are whole are kept\n",
    );
    oasis::jobs::discard_unfinished();
    // Other threads are at work: nothing that they use is taken down.
    #[cfg(unix)]
    // SAFETY: ends the process.
    unsafe {
        libc::_exit(130)
    }
    #[cfg(not(unix))]
    std::process::exit(130)
}

/// Runs `install`, which sets the handlers; a hangup stays ignored where it was before, as `nohup` sees to. It is held back
/// in between. The other signals are sent on purpose: they are heeded, also where a shell ignores them for what it runs in
/// the background.
fn keeping_nohup(install: impl FnOnce()) {
    #[cfg(unix)]
    // SAFETY: structures of numbers, for which zeros are valid, and calls that only read and write them; ignoring a signal
    // calls no code.
    unsafe {
        let mut old: libc::sigaction = std::mem::zeroed();
        let known = libc::sigaction(libc::SIGHUP, std::ptr::null(), &mut old) == 0;
        if known && old.sa_sigaction == libc::SIG_IGN {
            let mut hangup: libc::sigset_t = std::mem::zeroed();
            libc::sigemptyset(&mut hangup);
            libc::sigaddset(&mut hangup, libc::SIGHUP);
            libc::pthread_sigmask(libc::SIG_BLOCK, &hangup, std::ptr::null_mut());
            install();
            libc::signal(libc::SIGHUP, libc::SIG_IGN);
            libc::pthread_sigmask(libc::SIG_UNBLOCK, &hangup, std::ptr::null_mut());
            return;
        }
    }
    install();
}

/// Gives the signals back to the system.
fn default() {
    #[cfg(unix)]
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        // SAFETY: the default action calls no code.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

//! Limits of the system that are met with a signal unless a process asks for an error.

/// Has a write beyond the longest file that is allowed fail, as on a full disk, in place of the signal that ends a process in
/// the middle of it.
pub fn as_errors() {
    #[cfg(unix)]
    // SAFETY: ignoring a signal calls no code.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
    }
}

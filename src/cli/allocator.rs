//! The allocator of the binary, and what is said where it has nothing left to give.
//!
//! Every operator allocates and frees tensors of an image's size. The system's allocator, and mimalloc by default, return
//! their pages to the system between two images, and then most of the time outside of kernels is spent on clearing new
//! pages.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: Noting = Noting;

/// mimalloc's `mi_option_purge_delay`, which its Rust bindings do not name.
const PURGE_DELAY: i32 = 15;
/// How long unused pages are kept, in milliseconds.
const KEEP: std::ffi::c_long = 1000;

thread_local! {
    /// Whether this thread asked for memory that there was not.
    static REFUSED: Cell<bool> = const { Cell::new(false) };
}

/// mimalloc, with a note of what it could not give.
struct Noting;

fn noted(given: *mut u8) -> *mut u8 {
    if given.is_null() {
        let _ = REFUSED.try_with(|refused| refused.set(true));
    }
    given
}

// SAFETY: every call is mimalloc's, with what it was given.
unsafe impl GlobalAlloc for Noting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are those that mimalloc asks for.
        noted(unsafe { MiMalloc.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        noted(unsafe { MiMalloc.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        noted(unsafe { MiMalloc.realloc(old, layout, size) })
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { MiMalloc.dealloc(old, layout) }
    }
}

/// Keeps free pages for longer than an image takes.
pub fn keep_pages() {
    // SAFETY: sets a number; any number is valid.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, KEEP) }
}

/// Ends a process that has no memory left with an error in place of a signal.
///
/// Memory that is asked for by the size of an input is asked for with care, and its lack is that input's failure. What is
/// left are small requests, at which the standard library aborts.
pub fn explain_lack_of_memory() {
    #[cfg(unix)]
    // SAFETY: `aborted` calls nothing that may not be called in a signal's handler.
    unsafe {
        libc::signal(libc::SIGABRT, aborted as extern "C" fn(libc::c_int) as libc::sighandler_t);
    }
}

/// After any other abort it returns, and the process is ended as if there were no handler.
#[cfg(unix)]
extern "C" fn aborted(_: libc::c_int) {
    const TEXT: &[u8] = b"error: cannot go on: oasis: the system gives it no more memory\n\
        hint: allow it more (`ulimit -v`, the limit of the container), or ask for fewer --threads\n";
    if REFUSED.try_with(Cell::get).unwrap_or(false) {
        // SAFETY: both are allowed here; `TEXT` is valid for its length.
        unsafe {
            libc::write(libc::STDERR_FILENO, TEXT.as_ptr().cast(), TEXT.len());
            libc::_exit(2);
        }
    }
}

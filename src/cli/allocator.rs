//! The allocator of the binary.
//!
//! Every operator allocates and frees tensors of an image's size. The system's allocator, and mimalloc by default, return
//! their pages to the system between two images, and then most of the time outside of kernels is spent on clearing new
//! pages.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// mimalloc's `mi_option_purge_delay`, which its Rust bindings do not name.
const PURGE_DELAY: i32 = 15;
/// How long unused pages are kept, in milliseconds.
const KEEP: std::ffi::c_long = 1000;

/// Keeps free pages for longer than an image takes.
pub fn keep_pages() {
    // SAFETY: sets a number; any number is valid.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, KEEP) }
}

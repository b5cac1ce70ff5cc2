//! The allocator of the binary.
//!
//! Tensors of an image's size come and go with every operator. The system's allocator, and mimalloc as it comes, give
//! their pages back between one image and the next, and then most of the time that is not spent in kernels goes into
//! clearing new ones.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// mimalloc's `mi_option_purge_delay`, which its Rust bindings do not name.
const PURGE_DELAY: i32 = 15;
/// Milliseconds that unused pages are kept.
const KEEP: std::ffi::c_long = 1000;

/// Keeps pages that are free for longer than an image takes.
pub fn keep_pages() {
    // SAFETY: sets a number; any number is valid.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, KEEP) }
}

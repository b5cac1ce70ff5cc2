//! The memory that pictures in work may take, all together.
//!
//! A picture whose file and pixels need more than a limit is refused; those that need less wait for each other, so that
//! many threads at work on large pictures take no more than one does.

use std::sync::{Condvar, Mutex, PoisonError};

/// What files and decoders of all pictures in work may take together, in bytes: 128 MiB.
pub(super) const MEMORY: usize = 128 << 20;
/// What needs less than this is not counted: what slices need, a thousandth part.
const SMALL: usize = 1 << 20;

/// What is taken of [`MEMORY`].
static TAKEN: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

/// Memory that a picture takes until this is dropped.
#[derive(Debug)]
pub(super) struct Share(usize);

impl Share {
    /// Takes `bytes`, at most [`MEMORY`], once others have given back enough. To take a second share while one is
    /// held would wait forever, unless the one is small.
    pub fn take(bytes: usize) -> Self {
        let bytes = bytes.min(MEMORY);
        if bytes < SMALL {
            return Self(0);
        }
        let (taken, given_back) = &TAKEN;
        let taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken =
            given_back.wait_while(taken, |taken| *taken + bytes > MEMORY).unwrap_or_else(PoisonError::into_inner);
        *taken += bytes;
        Self(bytes)
    }

    /// Takes a share for a file of so many bytes: all that there is where the file is not small, so that none is needed
    /// for its pixels.
    pub fn for_file(bytes: u64) -> Self {
        Self::take(if bytes < SMALL as u64 { 0 } else { MEMORY })
    }

    /// What is needed of this share where it suffices for pixels too, or another that does.
    pub fn or_take(mut self, bytes: usize) -> Self {
        if self.0 < bytes {
            drop(self);
            return Self::take(bytes);
        }
        self.keep(bytes);
        self
    }

    /// Gives back all but `bytes`.
    fn keep(&mut self, bytes: usize) {
        if self.0 > bytes {
            let (taken, given_back) = &TAKEN;
            *taken.lock().unwrap_or_else(PoisonError::into_inner) -= self.0 - bytes;
            self.0 = bytes;
            given_back.notify_all();
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.keep(0);
    }
}

/// The error for a picture that needs `bytes` where it is more than [`MEMORY`], in words that follow a path.
pub(super) fn check(what: &str, (width, height): (u32, u32), bytes: usize) -> Result<(), String> {
    if bytes <= MEMORY {
        return Ok(());
    }
    Err(format!(
        "the image is {width}x{height}, and {what} of that size needs {} MiB to decode, expected at most {}",
        bytes.div_ceil(1 << 20),
        MEMORY >> 20
    ))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn shares_never_exceed_what_there_is() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let (now, most) = (&now, &most);
                scope.spawn(move || {
                    for turn in 0..20 {
                        let bytes = (thread * 20 + turn + 1) * (1 << 20);
                        let share = Share::for_file(5).or_take(bytes);
                        let all = now.fetch_add(bytes.min(MEMORY), Ordering::SeqCst) + bytes.min(MEMORY);
                        most.fetch_max(all, Ordering::SeqCst);
                        std::thread::yield_now();
                        now.fetch_sub(bytes.min(MEMORY), Ordering::SeqCst);
                        drop(share);
                    }
                });
            }
        });
        assert!(most.into_inner() <= MEMORY);
        let whole = Share::for_file(2 << 20);
        assert_eq!(whole.0, MEMORY);
        assert_eq!(whole.or_take(64 << 20).0, 64 << 20, "it suffices, and the rest is given back");
        assert!(check("a PNG", (1, 1), MEMORY).is_ok());
        let why = "the image is 9x8, and a PNG of that size needs 129 MiB to decode, expected at most 128";
        assert_eq!(check("a PNG", (9, 8), MEMORY + 1).unwrap_err(), why);
    }
}

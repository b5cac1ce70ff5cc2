//! What is told of a judging while it runs, and how it is stopped.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::{Error, ErrorKind, Result};

/// Watches a judging, and can stop it.
pub struct Watch<'a> {
    stop: &'a AtomicBool,
    say: &'a mut dyn FnMut(&str),
}

impl<'a> Watch<'a> {
    /// `say` is told what is being done; once `stop` is set, judging ends with [`ErrorKind::Interrupted`].
    pub fn new(stop: &'a AtomicBool, say: &'a mut dyn FnMut(&str)) -> Self {
        Self { stop, say }
    }

    /// Tells what is done next.
    ///
    /// # Errors
    /// [`ErrorKind::Interrupted`] where judging is stopped.
    pub(super) fn at(&mut self, what: &str) -> Result<()> {
        (self.say)(what);
        self.go_on()
    }

    /// Whether judging is stopped.
    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// # Errors
    /// [`ErrorKind::Interrupted`] where judging is stopped.
    pub(super) fn go_on(&self) -> Result<()> {
        if self.stopped() { Err(interrupted()) } else { Ok(()) }
    }
}

/// The error of a judging that was stopped.
pub(super) fn interrupted() -> Error {
    Error::new(ErrorKind::Interrupted, "cannot judge", "the bundle's samples", "stopped before the end")
}

//! A pool of things that one caller at a time may use, each made when it is first needed.

use std::ops::{Deref, DerefMut};
use std::sync::{Condvar, Mutex, MutexGuard};

/// At most `limit` things, each lent to one caller at a time.
pub(super) struct Pool<T> {
    state: Mutex<State<T>>,
    returned: Condvar,
    limit: usize,
}

struct State<T> {
    idle: Vec<T>,
    made: usize,
}

impl<T> Pool<T> {
    pub(super) fn new(first: T, limit: usize) -> Self {
        let state = Mutex::new(State { idle: vec![first], made: 1 });
        Self { state, returned: Condvar::new(), limit }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Lends a thing: an idle one, or a new one of `make` as long as there are fewer than `limit`, or else the next that
    /// is returned.
    pub(super) fn take<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<Lent<'_, T>, E> {
        let mut state = self.state();
        loop {
            if let Some(thing) = state.idle.pop() {
                return Ok(Lent { pool: self, thing: Some(thing) });
            }
            if state.made < self.limit {
                state.made += 1;
                break;
            }
            state = self.returned.wait(state).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
        drop(state);
        // Gives the place back where `make` fails or panics.
        let mut lent = Lent { pool: self, thing: None };
        lent.thing = Some(make()?);
        Ok(lent)
    }
}

/// A thing that goes back to its pool when dropped.
pub(super) struct Lent<'a, T> {
    pool: &'a Pool<T>,
    thing: Option<T>,
}

impl<T> Deref for Lent<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.thing.as_ref().expect("it is there until dropped")
    }
}

impl<T> DerefMut for Lent<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.thing.as_mut().expect("it is there until dropped")
    }
}

impl<T> Drop for Lent<'_, T> {
    fn drop(&mut self) {
        let mut state = self.pool.state();
        match self.thing.take() {
            Some(thing) => state.idle.push(thing),
            None => state.made -= 1,
        }
        drop(state);
        self.pool.returned.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn lends_each_to_one_caller_and_makes_no_more_than_its_limit() {
        let made = AtomicUsize::new(1);
        let pool = Pool::new(0_usize, 2);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        let next = || Ok::<_, Infallible>(1000 * made.fetch_add(1, Ordering::SeqCst));
                        let mut lent = pool.take(next).unwrap();
                        *lent += 1;
                    }
                });
            }
        });
        let made = made.into_inner();
        assert!(made <= 2, "{made}");
        let total: usize = pool.state().idle.iter().sum();
        assert_eq!(total, 8000 + if made == 2 { 1000 } else { 0 });
    }

    #[test]
    fn a_failure_to_make_one_leaves_the_place_free() {
        let pool = Pool::new(1, 2);
        let held = pool.take(|| Err(())).unwrap();
        assert!(pool.take(|| Err("no")).is_err());
        assert_eq!(*pool.take(|| Ok::<_, ()>(2)).unwrap(), 2);
        drop(held);
    }
}

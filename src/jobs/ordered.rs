//! Work in parallel with results in order, and few of them waiting.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, mpsc};
use std::thread;

use crate::Result;

/// Items that may be taken before the first of them is given to the sink, for each worker.
const AHEAD: usize = 2;

/// Gives each item to `work`, on `workers` threads, and each result to `sink`, on this one, in the order of the items.
///
/// At most twice as many items as workers are in work or wait for an earlier one, so that memory does not grow with
/// their number. Where `stop` is set, no further item is taken, and those in work are finished and given to `sink`.
/// Gives how many items that were. Where the system starts fewer threads, those do the work, and without any, this one.
///
/// # Errors
/// That of `sink`, after which no further item is taken.
///
/// # Panics
/// Where `work` or `sink` panics.
pub(super) fn ordered<I: Sync, T: Send>(
    items: &[I],
    workers: usize,
    stop: &AtomicBool,
    work: impl Fn(&I) -> T + Sync,
    mut sink: impl FnMut(T) -> Result<()>,
) -> Result<usize> {
    let workers = workers.clamp(1, items.len().max(1));
    let gate = Gate { state: Mutex::default(), moved: Condvar::new(), items: items.len(), ahead: AHEAD * workers };
    let (send, receive) = mpsc::channel();
    thread::scope(|scope| {
        for started in 0..workers {
            let (send, gate, work) = (send.clone(), &gate, &work);
            let worker = move || {
                let _closing = CloseOnPanic(gate);
                while let Some(index) = gate.next(stop) {
                    let result = work(&items[index]);
                    if send.send((index, result)).is_err() {
                        break;
                    }
                }
            };
            if let Err(why) = thread::Builder::new().spawn_scoped(scope, worker) {
                tracing::warn!("{started} of {workers} threads could be started: {why}");
                if started == 0 {
                    return alone(items, stop, work, sink);
                }
                break;
            }
        }
        drop(send);
        let _closing = CloseOnPanic(&gate);
        let mut waiting = BTreeMap::new();
        let mut done = 0;
        for (index, result) in receive {
            waiting.insert(index, result);
            while let Some(result) = waiting.remove(&done) {
                if let Err(error) = sink(result) {
                    gate.close();
                    return Err(error);
                }
                done += 1;
                gate.advance(done);
            }
        }
        Ok(done)
    })
}

/// [`ordered`] on this thread.
fn alone<I, T>(
    items: &[I],
    stop: &AtomicBool,
    work: impl Fn(&I) -> T,
    mut sink: impl FnMut(T) -> Result<()>,
) -> Result<usize> {
    let mut done = 0;
    for item in items.iter().take_while(|_| !stop.load(Ordering::SeqCst)) {
        sink(work(item))?;
        done += 1;
    }
    Ok(done)
}

/// Hands out the numbers of items, few ahead of what is done.
struct Gate {
    state: Mutex<State>,
    moved: Condvar,
    items: usize,
    ahead: usize,
}

#[derive(Default)]
struct State {
    taken: usize,
    done: usize,
    closed: bool,
}

impl Gate {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn next(&self, stop: &AtomicBool) -> Option<usize> {
        let mut state = self.state();
        loop {
            if state.closed || state.taken == self.items || stop.load(Ordering::SeqCst) {
                return None;
            }
            if state.taken < state.done + self.ahead {
                state.taken += 1;
                return Some(state.taken - 1);
            }
            state = self.moved.wait(state).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
    }

    fn advance(&self, done: usize) {
        self.state().done = done;
        self.moved.notify_all();
    }

    fn close(&self) {
        self.state().closed = true;
        self.moved.notify_all();
    }
}

/// Lets the other threads end where this one panics, since they would wait for its result.
struct CloseOnPanic<'a>(&'a Gate);

impl Drop for CloseOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    use super::*;
    use crate::{Error, ErrorKind};

    static GO: AtomicBool = AtomicBool::new(false);

    #[test]
    fn results_keep_their_order_and_few_wait() {
        let items: Vec<usize> = (0..200).collect();
        let (begun, given) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let mut seen = Vec::new();
        let work = |&item: &usize| {
            begun.fetch_add(1, Ordering::SeqCst);
            thread::sleep(Duration::from_micros(((item * 7919) % 13 * 100) as u64));
            assert!(begun.load(Ordering::SeqCst) <= given.load(Ordering::SeqCst) + 3 * AHEAD + 1);
            item
        };
        let done = ordered(&items, 3, &GO, work, |item| {
            seen.push(item);
            given.fetch_add(1, Ordering::SeqCst);
            Ok(())
        });
        assert_eq!((done.unwrap(), seen), (200, items));
    }

    #[test]
    fn a_stop_finishes_what_is_in_work() {
        let items: Vec<usize> = (0..1000).collect();
        let stop = AtomicBool::new(false);
        let (begun, mut given) = (AtomicUsize::new(0), 0);
        let work = |&item: &usize| {
            begun.fetch_add(1, Ordering::SeqCst);
            if item == 20 {
                stop.store(true, Ordering::SeqCst);
            }
            item
        };
        let done = ordered(&items, 2, &stop, work, |item| {
            assert_eq!(item, given);
            given += 1;
            Ok(())
        });
        assert_eq!(done.unwrap(), given);
        assert_eq!(begun.into_inner(), given);
        assert!((21..=26).contains(&given), "{given}");
    }

    #[test]
    fn failures_and_panics_end_it() {
        let items: Vec<usize> = (0..1000).collect();
        let fail = |item| if item == 10 { Err(Error::new(ErrorKind::Check, "a", "b", "c")) } else { Ok(()) };
        assert!(ordered(&items, 4, &GO, |item| *item, fail).is_err());
        let panics = || ordered(&items, 4, &GO, |item| assert!(*item != 10), |()| Ok(()));
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        assert_eq!(ordered(&[], 4, &GO, |item: &u8| *item, |_| Ok(())).unwrap(), 0);
        assert!(alone(&items, &GO, |item| *item, fail).is_err());
        assert_eq!(alone(&items, &GO, |item| *item, |_| Ok(())).unwrap(), 1000);
        assert_eq!(alone(&items, &AtomicBool::new(true), |item| *item, |_| Ok(())).unwrap(), 0);
    }
}

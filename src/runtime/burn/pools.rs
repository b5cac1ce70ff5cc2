//! The threads of runs on the CPU.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

use crate::panics::works_for_others;

/// Pools of threads for as many runs at once. Burn's CPU backend puts the work of a run on the pool that it is called
/// in, so that a run has the threads of one pool and no more.
///
/// A run waits for its pool and holds no lock: a caller that is a thread of another pool may be given a second run
/// while it waits for the first.
pub(super) struct Pools(Vec<Pool>);

struct Pool {
    threads: ThreadPool,
    runs: AtomicUsize,
}

impl Pools {
    /// `count` pools of `threads`, at least one.
    pub(super) fn new(count: usize, threads: usize) -> Result<Self, ThreadPoolBuildError> {
        let pool = |number: usize| -> Result<Pool, ThreadPoolBuildError> {
            let builder = ThreadPoolBuilder::new().num_threads(threads);
            let builder = builder.start_handler(|_| works_for_others());
            let threads = builder.thread_name(move |index| format!("burn-{number}-{index}")).build()?;
            Ok(Pool { threads, runs: AtomicUsize::new(0) })
        };
        Ok(Self((0..count.max(1)).map(pool).collect::<Result<Vec<_>, _>>()?))
    }

    /// Does `work`, which must not panic, on the pool that has the least to do.
    pub(super) fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let pool = self.0.iter().min_by_key(|pool| pool.runs.load(Ordering::Relaxed)).expect("there is at least one");
        pool.runs.fetch_add(1, Ordering::Relaxed);
        let result = pool.threads.install(work);
        pool.runs.fetch_sub(1, Ordering::Relaxed);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_its_threads_and_no_more() {
        let pools = Pools::new(2, 3).unwrap();
        assert_eq!(pools.run(rayon::current_num_threads), 3);
        assert_eq!(Pools::new(0, 1).unwrap().run(rayon::current_num_threads), 1);
    }

    #[test]
    fn a_second_run_goes_to_an_idle_pool() {
        let pools = Pools::new(2, 1).unwrap();
        let name = || std::thread::current().name().map(str::to_owned);
        let (outer, inner) = pools.run(|| (name(), pools.run(name)));
        assert!(outer.is_some() && outer != inner, "{outer:?} {inner:?}");
    }

    #[test]
    fn more_runs_than_pools_all_end() {
        let pools = Pools::new(2, 1).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| assert_eq!(pools.run(|| 7), 7));
            }
        });
        assert!(pools.0.iter().all(|pool| pool.runs.load(Ordering::Relaxed) == 0));
    }
}

//! The threads that samples are drawn on.

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::{Error, ErrorKind, Result, Subject};

/// A fixed number of threads. Where that is one, it is the caller's own.
pub(super) struct Workers {
    pool: Option<ThreadPool>,
}

impl Workers {
    /// `count` threads, at least one.
    ///
    /// # Errors
    /// [`ErrorKind::Environment`] where the system refuses so many.
    pub(super) fn new(count: usize) -> Result<Self> {
        let builder = ThreadPoolBuilder::new().num_threads(count).thread_name(|index| format!("sampler-{index}"));
        let pool = (count > 1).then(|| builder.build()).transpose().map_err(|why| {
            Error::new(ErrorKind::Environment, "cannot sample", Subject::setting("threads"), &why)
                .hint("ask for fewer `threads`")
                .caused_by(why)
        })?;
        Ok(Self { pool })
    }

    /// The number of threads.
    pub(super) fn count(&self) -> usize {
        self.pool.as_ref().map_or(1, ThreadPool::current_num_threads)
    }

    /// What `work` gives for each item, in the order of the items.
    ///
    /// # Errors
    /// One of those that `work` fails with.
    pub(super) fn map<T: Send, R: Send>(
        &self,
        items: Vec<T>,
        work: impl Fn(T) -> Result<R> + Send + Sync,
    ) -> Result<Vec<R>> {
        match &self.pool {
            Some(pool) if items.len() > 1 => pool.install(|| items.into_par_iter().map(work).collect()),
            _ => items.into_iter().map(work).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::thread;

    use super::*;

    fn threads(workers: &Workers) -> HashSet<thread::ThreadId> {
        let work = |number: usize| {
            thread::yield_now();
            Ok((number, thread::current().id()))
        };
        let done = workers.map((0..500).collect(), work).unwrap();
        assert!(done.iter().map(|(number, _)| *number).eq(0..500));
        done.into_iter().map(|(_, thread)| thread).collect()
    }

    #[test]
    fn work_stays_on_its_threads() {
        for count in [0, 1] {
            let workers = Workers::new(count).unwrap();
            assert_eq!((workers.count(), threads(&workers)), (1, HashSet::from([thread::current().id()])));
        }
        let workers = Workers::new(3).unwrap();
        assert_eq!(workers.count(), 3);
        let used = threads(&workers);
        assert!(used.len() <= 3 && !used.contains(&thread::current().id()), "{used:?}");
    }
}

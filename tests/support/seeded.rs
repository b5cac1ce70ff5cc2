//! Tests of properties over drawn values.

use proptest::test_runner::{Config, RngSeed};

/// So many cases, the same in every run: to search for others is the work of fuzzing. None is kept in a file.
pub fn cases(count: u32) -> Config {
    Config { cases: count, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..Config::default() }
}

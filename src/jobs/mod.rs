//! Work over many files: each is decoded, run, scored and written by one of several workers, so that memory does not grow
//! with the number of files, results keep the order of the files, and one bad file costs one file.
//!
//! [`bench_stages`] and [`bench_sample`] time an engine instead.

mod bench;
mod codes;
mod eval;
mod infer;
mod memory;
mod ordered;
mod report;
mod scores;
mod stream;

pub use bench::{BenchReport, SampleTiming, StageTiming, bench_sample, bench_stages};
pub use codes::{Encoded, decode, encode, read_codes, write_codes};
pub use eval::{evaluate, merge};
pub use infer::{Inferred, infer};
pub use report::{Codes, EvalReport, Low, Mean};
pub use scores::{Origin, ScoreFile, ScoreRow, read_csv};
pub use stream::{Ended, Failure, Stream};

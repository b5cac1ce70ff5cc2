//! What the commands do, one function each: files in, results and files out.
//!
//! Work over many files is shared by several workers. Memory does not grow with the number of files, results come in the
//! order of the files, and a file that cannot be used is reported while the others are done.

mod bench;
mod cell;
mod codes;
mod eval;
mod infer;
mod inputs;
mod memory;
mod npy;
mod ordered;
mod outputs;
mod report;
mod sample;
mod score_reader;
mod scores;
mod stream;
mod table;
mod texts;
mod volumes;

pub use bench::{BenchReport, SampleTiming, StageTiming, bench_sample, bench_stages};
pub use codes::{Encoded, decode, encode, read_codes};
pub use eval::{evaluate, merge};
pub use infer::{Inferred, infer};
pub use inputs::{Inputs, each_once, find_each, find_volumes};
pub use report::{CodesReport, Confidence, EvalReport, Low, Mean};
pub use sample::{Sampled, keeps_given, sample};
pub use stream::{Ended, Failure, Stream};
pub use texts::write_texts;
pub use volumes::{Cut, Make, SliceScore, VolumeResult, Volumes, run_volumes};

pub use crate::fs::discard_unfinished;
/// What fuzz targets reach and programs do not.
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing {
    pub use super::npy::{read as read_npy, write as write_npy};
}

//! Work over many files: decode, run, score, write; a chunk at a time, so that memory does not
//! grow with the number of files, and one bad file costs one file.

mod chunks;
mod codes;
mod eval;
mod infer;
mod scores;

pub use chunks::{Failure, Stream};
pub use codes::{decode, encode, read_codes};
pub use eval::{EvalReport, evaluate, merge};
pub use infer::infer;
pub use scores::{ScoreRow, Scores, read_csv};

//! Draws four new brains with the embedded model and writes them as one picture.
//!
//! ```text
//! cargo run --release --example sample -- brains.png
//! ```

use std::ops::ControlFlow;
use std::path::PathBuf;

use oasis::bundle::Bundle;
use oasis::jobs;
use oasis::runtime::{Backend, Condition, Oasis, Progress, SampleRequest};

fn main() -> oasis::Result<()> {
    let path = std::env::args_os().nth(1).map(PathBuf::from);
    let path = path.unwrap_or_else(|| std::env::temp_dir().join("oasis_brains.png"));
    let oasis = Oasis::open(&Bundle::embedded()?, Backend::Tract)?;

    // Slices from the middle, of subjects without dementia.
    let request = SampleRequest::new(4, 1).condition(Condition::default().slice(16).class(0));
    let sampled = jobs::sample(&oasis, &request, &path, &mut |Progress { rows_done, rows, .. }| {
        eprintln!("{rows_done} of {rows} rows");
        ControlFlow::Continue(())
    })?;
    println!("{} brains written to {}", sampled.count, path.display());
    Ok(())
}

//! Draws four new brains with the embedded model and writes them as one picture.
//!
//! ```text
//! cargo run --release --example sample -- brains.png
//! ```

use std::ops::ControlFlow;
use std::path::PathBuf;

use oasis::bundle::Bundle;
use oasis::data::{grey_image, save_png};
use oasis::report;
use oasis::runtime::{Backend, Condition, Oasis, Progress, SampleRequest, image_at};

fn main() -> oasis::Result<()> {
    let path = std::env::args_os().nth(1).map(PathBuf::from);
    let path = path.unwrap_or_else(|| std::env::temp_dir().join("oasis_brains.png"));
    let oasis = Oasis::open(&Bundle::embedded()?, Backend::Tract)?;

    // Slices from the middle, of subjects without dementia.
    let request = SampleRequest::new(4, 1).condition(Condition::default().slice(16).class(0));
    let codes = oasis.sampler()?.sample(&request, &mut |Progress { rows_done, rows, .. }| {
        eprintln!("{rows_done} of {rows} rows");
        ControlFlow::Continue(())
    })?;

    let images = oasis.decode(codes.view())?;
    let tiles: Vec<_> = (0..request.count).map(|index| grey_image(image_at(&images, index))).collect();
    save_png(&path, &report::grid(&tiles, 2))?;
    println!("{} brains written to {}", tiles.len(), path.display());
    Ok(())
}

//! Shares one pipeline between threads: all get the same results, bit by bit.
//!
//! ```text
//! cargo run --release --example threads
//! ```

use ndarray::{Array4, s};
use oasis::bundle::Bundle;
use oasis::data::{FRAME, phantom};
use oasis::runtime::{Backend, Oasis};

const THREADS: usize = 4;

fn main() -> oasis::Result<()> {
    let oasis = Oasis::open(&Bundle::embedded()?, Backend::Tract)?;
    let mut images = Array4::<f32>::zeros((2, 1, FRAME, FRAME));
    for (index, mut image) in images.outer_iter_mut().enumerate() {
        image.slice_mut(s![0, .., ..]).assign(&phantom::draw(1, index as u32, 16));
    }
    let alone = oasis.reconstruct(images.view())?;

    // `Oasis` is `Sync`: a shared reference is all that a thread needs.
    let results = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| oasis.reconstruct(images.view()))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no thread panics")).collect::<oasis::Result<Vec<_>>>()
    })?;

    assert_eq!(results.len(), THREADS);
    assert!(results.iter().all(|result| *result == alone), "a thread got other pixels");
    println!("{THREADS} threads at once: {} images each, identical", alone.dim().0);
    Ok(())
}

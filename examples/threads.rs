//! Shares one pipeline between threads: all get the same codes and pixels, bit by bit.
//!
//! ```text
//! cargo run --release --example threads -- [THREADS [IMAGES [BACKEND]]]
//! ```

use std::hash::{DefaultHasher, Hash, Hasher};

use ndarray::Axis;
use oasis::bundle::Bundle;
use oasis::data::phantom;
use oasis::runtime::{Backend, EngineOptions, Oasis, stack_images};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default| arguments.next().map_or(Ok(default), |text| text.parse::<usize>());
    let (threads, count) = (number(4)?, number(2)?);
    let backend = arguments.next().map_or(Ok(Backend::Tract), |name| name.parse())?;
    // Each run on one thread, since there are many at once.
    let options = EngineOptions::default().threads(1);
    let oasis = Oasis::open_with(&Bundle::embedded()?, backend, &options)?;

    let brains: Vec<_> = (0..count.min(32)).map(|index| phantom::draw(1, index as u32, 16)).collect();
    let images = stack_images(brains.iter().map(|image| image.view()))?;
    let work = || {
        let mut hash = DefaultHasher::new();
        for image in images.axis_chunks_iter(Axis(0), 1).cycle().take(count) {
            let codes = oasis.encode(image)?;
            let pixels = oasis.decode(codes.view())?;
            codes.iter().for_each(|code| code.hash(&mut hash));
            pixels.iter().for_each(|pixel| pixel.to_bits().hash(&mut hash));
        }
        Ok(hash.finish())
    };
    // `Oasis` is `Sync`: a shared reference is all that a thread needs.
    let hashes = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().map(|thread| thread.join().expect("no thread panics")).collect::<oasis::Result<Vec<_>>>()
    })?;
    assert!(hashes.iter().all(|hash| *hash == hashes[0]), "a thread got other codes or pixels: {hashes:x?}");
    println!("{threads} threads at once on {}: {count} images each, identical", oasis.engine().name());
    Ok(())
}

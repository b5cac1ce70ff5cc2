//! Reconstructs made-up brains with the embedded model, and prints how close the results come.
//!
//! ```text
//! cargo run --release --example reconstruct
//! ```

use std::collections::BTreeSet;

use ndarray::s;
use oasis::bundle::Bundle;
use oasis::data::phantom;
use oasis::metrics::{ssim, ssim_brain};
use oasis::runtime::{Backend, Oasis, image_at, stack_images};

const BRAINS: usize = 3;

fn main() -> oasis::Result<()> {
    let oasis = Oasis::open(&Bundle::embedded()?, Backend::Tract)?;
    let brains: Vec<_> = (0..BRAINS).map(|index| phantom::draw(1, index as u32, 16)).collect();
    let images = stack_images(brains.iter().map(|image| image.view()))?;

    // Stage by stage, with what passes between the stages in hand.
    let latents = oasis.latents(images.view())?;
    let codes = oasis.quantize(latents.view())?;
    let reconstructions = oasis.decode(codes.view())?;
    println!("{:?} -> latents {:?} -> codes {:?}", images.dim(), latents.dim(), codes.dim());

    // The same in fewer calls.
    assert_eq!(oasis.encode(images.view())?, codes);
    assert_eq!(oasis.reconstruct(images.view())?, reconstructions);

    for index in 0..BRAINS {
        let (before, after) = (image_at(&images, index), image_at(&reconstructions, index));
        let words: BTreeSet<i64> = codes.slice(s![index, .., ..]).iter().copied().collect();
        println!(
            "brain {index}: SSIM {:.4}, where there is brain {:.4}, {} codewords",
            ssim(before, after),
            ssim_brain(before, after),
            words.len()
        );
    }
    Ok(())
}

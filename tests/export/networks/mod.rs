//! Whole networks, each in one file with a dynamic batch.

#[path = "list.rs"]
mod list;

pub use list::seeded::seeded;

use libtest_mimic::Trial;
use oasis::export::Exporter;

/// Exports a network of the list, and checks it.
fn check(name: &str) {
    let (_, export) = list::NETWORKS.iter().find(|(known, _)| *known == name).expect("a network of the list");
    crate::common::network(name, &export());
}

macro_rules! networks {
    ($($name:ident),+ $(,)?) => {
        $(fn $name() {
            check(stringify!($name));
        })+

        pub fn trials() -> Vec<Trial> {
            crate::trials![$($name),+]
        }
    };
}

networks![resnet18, unet, mobilenet, lstm, lstm_time, gru, transformer, transformer_time, vit, vqvae, pixelcnn];

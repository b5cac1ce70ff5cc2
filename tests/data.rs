//! Slices, datasets, phantoms, metrics and pictures.

#[path = "data/phantom.rs"]
mod phantom;

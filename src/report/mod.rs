//! Pictures for people: grids of images, codes in colour, curves.

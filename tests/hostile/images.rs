//! Images that lie.

use super::house::Scratch;
use super::run::{Case, check};
use crate::arguments;

#[test]
fn images_that_lie() {
    let scratch = Scratch::new();
    let whole = std::fs::read(scratch.slice("whole.png")).unwrap();
    let out = scratch.at("out");
    let infer =
        |name: &str, bytes: &[u8]| Case::new(name, arguments!["infer", scratch.file(name, bytes), "--out", out], 2);
    check("images", &[infer("cut.png", &whole[..whole.len() / 2]).says("the file is truncated"), infer("empty", b"")]);
}

//! Pictures for people: grids of images, codes in colour, curves.
#[allow(missing_docs)]
pub mod curves {
    pub struct Series { pub name: String, pub points: Vec<(f64, f64)> }
    pub fn write(_p: &std::path::Path, _s: &[Series]) -> crate::Result<()> { Ok(()) }
}

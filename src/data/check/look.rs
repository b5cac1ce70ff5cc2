//! One file, read and decoded.

use sha2::{Digest, Sha256};

use crate::data::frame::{Fit, Frame};
use crate::data::slice::{SliceFile, Split};
use crate::data::source::Source;

/// What reading one file gave.
pub(super) struct Seen<'a> {
    pub split: Split,
    pub file: &'a SliceFile,
    pub bytes: Option<[u8; 32]>,
    pub picture: Option<Picture>,
    pub error: Option<String>,
}

pub(super) struct Picture {
    pub hash: [u8; 32],
    pub size: (u32, u32),
    pub blank: bool,
    pub doubt: Option<String>,
}

/// Reads and decodes a file.
pub(super) fn look(split: Split, file: &SliceFile) -> Seen<'_> {
    let mut seen = Seen { split, file, bytes: None, picture: None, error: None };
    let frame = Source::read(&file.path).and_then(|source| {
        seen.bytes = Some(Sha256::digest(&source.bytes).into());
        Frame::of_source(source, &file.path, Fit::Resize)
    });
    match frame {
        Ok(frame) => {
            let mut hash = Sha256::new();
            for value in &frame.pixels {
                hash.update(value.to_le_bytes());
            }
            seen.picture = Some(Picture {
                hash: hash.finalize().into(),
                size: frame.source_size(),
                blank: frame.pixels.iter().all(|&value| value == 0.0),
                doubt: frame.doubt().map(str::to_owned),
            });
        }
        Err(error) => seen.error = Some(error.why().to_string()),
    }
    seen
}

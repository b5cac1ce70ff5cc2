//! One file, read and decoded.

use sha2::{Digest, Sha256};

use crate::data::frame::{Fit, Frame, read};
use crate::data::slice::{SliceFile, Split};

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
}

/// Reads and decodes a file.
pub(super) fn look(split: Split, file: &SliceFile) -> Seen<'_> {
    let mut seen = Seen { split, file, bytes: None, picture: None, error: None };
    let frame = read(&file.path).and_then(|bytes| {
        seen.bytes = Some(Sha256::digest(&bytes).into());
        Frame::from_bytes(&bytes, &file.path, Fit::Resize)
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
            });
        }
        Err(error) => seen.error = Some(error.why().to_string()),
    }
    seen
}

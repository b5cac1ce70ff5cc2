//! The headers of a JPEG: of the frame, which is the picture, and of its scans.

/// A channel of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Channel {
    pub id: u8,
    /// Blocks of a unit across and down.
    pub sampling: [usize; 2],
}

/// The picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FrameHeader {
    pub width: usize,
    pub height: usize,
    pub channels: Vec<Channel>,
    pub progressive: bool,
}

impl FrameHeader {
    /// Reads the content of a start of frame (markers C0 to CF but C4, C8 and CC).
    ///
    /// The error tells which form of JPEG it is that is not read.
    pub fn read(marker: u8, body: &[u8]) -> Result<Self, String> {
        let coding = match marker {
            0xc0..=0xc2 => None,
            0xc3 => Some("without loss"),
            0xc5..=0xc7 => Some("in several sizes (hierarchical)"),
            _ => Some("with arithmetic coding"),
        };
        if let Some(coding) = coding {
            return Err(format!("it is a JPEG {coding}, expected a baseline or progressive one with Huffman coding"));
        }
        let Some((&[bits, a, b, c, d, count], channels)) = body.split_first_chunk() else {
            return Err("the header of the JPEG is cut short".into());
        };
        if bits != 8 {
            return Err(format!("it is a JPEG of {bits} bits a value, expected 8"));
        }
        if count != 1 && count != 3 {
            return Err(format!("it is a JPEG of {count} channels (CMYK?), expected grey or RGB"));
        }
        let channel = |[id, sampling, _]: &[u8; 3]| Channel {
            id: *id,
            sampling: [usize::from(sampling >> 4), usize::from(sampling & 15)],
        };
        let channels: Vec<Channel> = channels.as_chunks().0.iter().map(channel).collect();
        let sound = |channel: &Channel| channel.sampling.iter().all(|blocks| (1..=4).contains(blocks));
        if channels.len() != usize::from(count) || !channels.iter().all(sound) {
            return Err("the header of the JPEG does not describe its channels".into());
        }
        let side = |high, low| usize::from(u16::from_be_bytes([high, low]));
        Ok(Self { width: side(c, d), height: side(a, b), channels, progressive: marker == 0xc2 })
    }

    /// The most blocks of a unit that any channel has, across and down.
    pub fn most(&self) -> [usize; 2] {
        [0, 1].map(|axis| self.channels.iter().map(|channel| channel.sampling[axis]).max().unwrap_or(1))
    }

    /// Units across and down, where all channels are in one scan.
    pub fn units(&self) -> [usize; 2] {
        let [across, down] = self.most();
        [self.width.div_ceil(8 * across), self.height.div_ceil(8 * down)]
    }

    /// Blocks of a channel across and down, where it has a scan of its own.
    pub fn blocks(&self, channel: usize) -> [usize; 2] {
        let ([across, down], most) = (self.channels[channel].sampling, self.most());
        [(self.width * across).div_ceil(8 * most[0]), (self.height * down).div_ceil(8 * most[1])]
    }
}

/// A channel in a scan, and its Huffman tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub channel: usize,
    pub dc: usize,
    pub ac: usize,
}

/// What a scan brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ScanHeader {
    pub parts: Vec<Part>,
    /// The first and the last coefficient of a block.
    pub band: [usize; 2],
    /// The lowest bit that was there before, 0 for none, and that it is now.
    pub bits: [u8; 2],
}

impl ScanHeader {
    /// Reads the content of a start of scan.
    pub fn read(frame: &FrameHeader, body: &[u8]) -> Result<Self, String> {
        let wrong = || "the header of a scan does not describe it".to_owned();
        let (count, rest) = body.split_first().ok_or_else(wrong)?;
        let (parts, rest) = rest.split_at_checked(2 * usize::from(*count)).ok_or_else(wrong)?;
        let &[first, last, bits] = rest else {
            return Err(wrong());
        };
        let mut found = Vec::<Part>::with_capacity(3);
        for &[id, tables] in parts.as_chunks().0 {
            let channel = frame.channels.iter().position(|channel| channel.id == id).ok_or_else(wrong)?;
            let (dc, ac) = (usize::from(tables >> 4), usize::from(tables & 15));
            if dc > 3 || ac > 3 || found.iter().any(|part| part.channel == channel) {
                return Err(wrong());
            }
            found.push(Part { channel, dc, ac });
        }
        let band = [usize::from(first), usize::from(last)];
        // A scan of a baseline picture has all coefficients, whatever it says.
        let (band, bits) = if frame.progressive { (band, [bits >> 4, bits & 15]) } else { ([0, 63], [0, 0]) };
        let alone = band[0] == 0 || found.len() == 1;
        let together = !frame.progressive || band[0] > 0 || band[1] == 0;
        if found.is_empty() || band[0] > band[1] || band[1] > 63 || bits[1] > 13 || !alone || !together {
            return Err(wrong());
        }
        Ok(Self { parts: found, band, bits })
    }
}

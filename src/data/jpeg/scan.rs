//! Whether the coded data of a JPEG are all there.
//!
//! Decoders fill what is missing with grey and say nothing, so every scan is read once before: each block must have its
//! codes, each restart its number, and together the scans must bring every bit of every coefficient. No value is kept but,
//! of progressive pictures, which coefficients are not zero: later scans code those in another way.

use super::frame::{FrameHeader, Part, ScanHeader};
use super::huffman::{Bits, Stop, Table};

/// Bytes that may follow the last block of a scan: padding of careless encoders.
const SPARE: usize = 64;
/// A coefficient that no scan has brought.
const NOTHING: u8 = u8::MAX;

/// The tables that are in force, by class and number.
pub(super) type Tables = [[Option<Table>; 4]; 2];

/// What the scans so far have brought.
pub(super) struct Progress<'a> {
    frame: &'a FrameHeader,
    /// For each channel and coefficient, the lowest bit that is there.
    lowest: Vec<[u8; 64]>,
    /// For each channel, the coefficients of each block that are not zero, as bits.
    filled: Vec<Vec<u64>>,
}

impl<'a> Progress<'a> {
    pub fn new(frame: &'a FrameHeader) -> Self {
        let [across, down] = frame.units();
        let blocks = |[x, y]: [usize; 2]| if frame.progressive { across * x * down * y } else { 0 };
        Self {
            frame,
            lowest: vec![[NOTHING; 64]; frame.channels.len()],
            filled: frame.channels.iter().map(|channel| vec![0; blocks(channel.sampling)]).collect(),
        }
    }

    /// Reads a scan whose restarts come every `interval` units; 0 for no restarts.
    ///
    /// The error tells what is wrong with it.
    pub fn scan(&mut self, scan: &ScanHeader, data: &[u8], tables: &Tables, interval: usize) -> Result<(), String> {
        for part in &scan.parts {
            for lowest in &mut self.lowest[part.channel][scan.band[0]..=scan.band[1]] {
                let expected = if scan.bits[0] == 0 { NOTHING } else { scan.bits[0] };
                if *lowest != expected || scan.bits[0] != 0 && scan.bits[1] + 1 != scan.bits[0] {
                    return Err("its scans do not follow each other: one brings what is there already".into());
                }
                *lowest = scan.bits[1];
            }
        }
        let frame = self.frame;
        let [across, down] = match scan.parts[..] {
            [Part { channel, .. }] => frame.blocks(channel),
            _ => frame.units(),
        };
        let (mut bits, mut run) = (Bits::new(data), 0);
        for unit in 0..across * down {
            let why = |stop| match stop {
                Stop::Early => format!("the file is truncated: a scan ends at part {unit} of {}", across * down),
                Stop::Wrong => format!("a scan holds wrong codes, in part {unit} of {}", across * down),
            };
            if interval > 0 && unit > 0 && unit % interval == 0 {
                let number = bits.restart().map_err(why)?;
                if usize::from(number) != (unit / interval - 1) % 8 {
                    return Err(why(Stop::Early));
                }
                run = 0;
            }
            let place = [unit % across, unit / across];
            self.unit(scan, place, &mut bits, tables, &mut run).map_err(why)?;
        }
        let rest = bits.rest();
        if rest.iter().filter(|byte| ![0x00, 0xff].contains(*byte)).count() > SPARE {
            return Err(format!("a scan goes on after its {}x{} pixels", frame.width, frame.height));
        }
        Ok(())
    }

    /// Reads the blocks of one unit: one where the channel has a scan of its own, else all those of each channel.
    fn unit(
        &mut self,
        scan: &ScanHeader,
        [x, y]: [usize; 2],
        bits: &mut Bits<'_>,
        tables: &Tables,
        run: &mut u32,
    ) -> Result<(), Stop> {
        let width = self.frame.units()[0];
        for part in &scan.parts {
            let sampling = self.frame.channels[part.channel].sampling;
            let alone = scan.parts.len() == 1;
            let [across, down] = if alone { [1, 1] } else { sampling };
            for block in 0..across * down {
                let [column, row] = [x * across + block % across, y * down + block / across];
                if !self.frame.progressive {
                    sequential(bits, table(tables, 0, part.dc)?, table(tables, 1, part.ac)?)?;
                } else if scan.band[0] == 0 {
                    match scan.bits[0] {
                        0 => difference(bits, table(tables, 0, part.dc)?)?,
                        _ => bits.take(1).map(|_| ())?,
                    }
                } else {
                    let filled = self.filled[part.channel].get_mut(row * width * sampling[0] + column);
                    let filled = filled.ok_or(Stop::Wrong)?;
                    let table = table(tables, 1, part.ac)?;
                    match scan.bits[0] {
                        0 => first(bits, table, scan.band, run, filled)?,
                        _ => refined(bits, table, scan.band, run, filled)?,
                    }
                }
            }
        }
        Ok(())
    }

    /// Checks that nothing is missing.
    pub fn finish(self) -> Result<(), String> {
        for (channel, lowest) in self.lowest.iter().enumerate() {
            let missing = lowest.iter().filter(|lowest| **lowest != 0).count();
            if missing > 0 {
                return Err(format!(
                    "the file is truncated: {missing} of the 64 coefficients of channel {} lack scans",
                    channel + 1
                ));
            }
        }
        Ok(())
    }
}

fn table(tables: &Tables, class: usize, number: usize) -> Result<&Table, Stop> {
    tables[class][number].as_ref().ok_or(Stop::Wrong)
}

/// The mean of a block, as the difference to that of the one before.
fn difference(bits: &mut Bits<'_>, table: &Table) -> Result<(), Stop> {
    let length = bits.symbol(table)?;
    if length > 16 {
        return Err(Stop::Wrong);
    }
    bits.take(length.into()).map(|_| ())
}

/// All of a block.
fn sequential(bits: &mut Bits<'_>, dc: &Table, ac: &Table) -> Result<(), Stop> {
    difference(bits, dc)?;
    let mut at = 1;
    while at < 64 {
        let symbol = bits.symbol(ac)?;
        let (zeros, length) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        match (length, zeros) {
            (0, 15) => at += 16,
            (0, _) => break,
            _ => {
                at += zeros + 1;
                bits.take(length)?;
            }
        }
    }
    if at > 64 { Err(Stop::Wrong) } else { Ok(()) }
}

/// A band of a block for the first time. `run` counts the blocks to come that bring nothing.
fn first(bits: &mut Bits<'_>, table: &Table, band: [usize; 2], run: &mut u32, filled: &mut u64) -> Result<(), Stop> {
    if *run > 0 {
        *run -= 1;
        return Ok(());
    }
    let mut at = band[0];
    while at <= band[1] {
        let symbol = bits.symbol(table)?;
        let (zeros, length) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        match (length, zeros) {
            (0, 15) => at += 16,
            (0, _) => {
                *run = (1 << zeros) - 1 + bits.take(zeros)?;
                break;
            }
            _ => {
                at += zeros as usize;
                if at > band[1] {
                    return Err(Stop::Wrong);
                }
                bits.take(length)?;
                *filled |= 1 << at;
                at += 1;
            }
        }
    }
    Ok(())
}

/// One more bit of a band of a block: coefficients that are not zero have one each, wherever they lie.
fn refined(bits: &mut Bits<'_>, table: &Table, band: [usize; 2], run: &mut u32, filled: &mut u64) -> Result<(), Stop> {
    let mut at = band[0];
    if *run == 0 {
        while at <= band[1] {
            let symbol = bits.symbol(table)?;
            let (mut zeros, length) = (u32::from(symbol >> 4), symbol & 15);
            match (length, zeros) {
                (0, 15) => {}
                (0, _) => {
                    *run = (1 << zeros) + bits.take(zeros)?;
                    break;
                }
                (1, _) => bits.take(1).map(|_| ())?,
                _ => return Err(Stop::Wrong),
            }
            while at <= band[1] {
                if *filled >> at & 1 == 1 {
                    bits.take(1)?;
                } else if zeros == 0 {
                    break;
                } else {
                    zeros -= 1;
                }
                at += 1;
            }
            if length == 1 {
                if at > band[1] {
                    return Err(Stop::Wrong);
                }
                *filled |= 1 << at;
            }
            at += 1;
        }
    }
    if *run > 0 {
        for at in at..=band[1] {
            if *filled >> at & 1 == 1 {
                bits.take(1)?;
            }
        }
        *run -= 1;
    }
    Ok(())
}

//! Whether a file is a library of this machine, by the start of the file: Windows' and Apple's formats.

use std::io::{Read, Seek, SeekFrom};

/// How much of a file is looked at.
const START: u64 = 4096;

const NOT_A_LIBRARY: &str = "the file is not a shared library";
const OTHER_MACHINE: &str = "it is for another machine";

fn start(file: &mut (impl Read + Seek)) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0)).map_err(|why| why.to_string())?;
    file.take(START).read_to_end(&mut bytes).map_err(|why| why.to_string())?;
    Ok(bytes)
}

fn little(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

#[cfg(any(target_vendor = "apple", test))]
fn big(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// Checks that a file starts as a Windows library of this machine does.
///
/// # Errors
/// What was found, in words that follow a path.
#[cfg(any(windows, test))]
pub(super) fn windows(file: &mut (impl Read + Seek)) -> Result<(), String> {
    const MACHINE: u16 = if cfg!(target_arch = "aarch64") {
        0xaa64
    } else if cfg!(target_arch = "x86") {
        0x014c
    } else {
        0x8664
    };
    let bytes = start(file)?;
    let header = little(&bytes, 0x3c).map(|at| at as usize).filter(|_| bytes.starts_with(b"MZ"));
    let header =
        header.filter(|at| bytes.get(*at..at.saturating_add(24)).is_some_and(|header| header.starts_with(b"PE\0\0")));
    let at = header.ok_or(NOT_A_LIBRARY)?;
    let number = |from: usize| u16::from_le_bytes([bytes[at + from], bytes[at + from + 1]]);
    match (number(4) == MACHINE, number(22) & 0x2000 != 0) {
        (false, _) => Err(OTHER_MACHINE.to_owned()),
        (true, false) => Err(NOT_A_LIBRARY.to_owned()),
        (true, true) => Ok(()),
    }
}

/// Checks that a file starts as a library of Apple's for this machine does, or as several in one file of which one is.
///
/// # Errors
/// What was found, in words that follow a path.
#[cfg(any(target_vendor = "apple", test))]
pub(super) fn apple(file: &mut (impl Read + Seek)) -> Result<(), String> {
    const MACHINE: u32 = if cfg!(target_arch = "aarch64") { 0x0100_000c } else { 0x0100_0007 };
    const LIBRARY: u32 = 6;
    let bytes = start(file)?;
    match big(&bytes, 0) {
        Some(0xcffa_edfe) if little(&bytes, 4) != Some(MACHINE) => Err(OTHER_MACHINE.to_owned()),
        Some(0xcffa_edfe) if little(&bytes, 12) == Some(LIBRARY) => Ok(()),
        Some(0xcafe_babe) => {
            let count = big(&bytes, 4).filter(|count| *count <= 16).ok_or(NOT_A_LIBRARY)?;
            let length = file.seek(SeekFrom::End(0)).map_err(|why| why.to_string())?;
            let entry = (0..count as usize).map(|index| 8 + 20 * index).find(|at| big(&bytes, *at) == Some(MACHINE));
            let entry = entry.ok_or(OTHER_MACHINE)?;
            let end = |at: usize| Some(u64::from(big(&bytes, at + 8)?) + u64::from(big(&bytes, at + 12)?));
            match end(entry) {
                Some(end) if end <= length => Ok(()),
                _ => Err(format!("the file is cut short: found {length} bytes")),
            }
        }
        _ => Err(NOT_A_LIBRARY.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn windows_libraries_are_told_from_other_files() {
        let machine: u16 = if cfg!(target_arch = "aarch64") { 0xaa64 } else { 0x8664 };
        let made = |machine: u16, kind: u16| {
            let mut file = vec![0; 0x80 + 24];
            file[..2].copy_from_slice(b"MZ");
            file[0x3c] = 0x80;
            file[0x80..0x84].copy_from_slice(b"PE\0\0");
            file[0x84..0x86].copy_from_slice(&machine.to_le_bytes());
            file[0x96..0x98].copy_from_slice(&kind.to_le_bytes());
            file
        };
        let of = |file: &[u8]| windows(&mut Cursor::new(file));
        let good = made(machine, 0x2022);
        assert_eq!(of(&good), Ok(()));
        assert_eq!(of(&made(0x01c4, 0x2022)).unwrap_err(), OTHER_MACHINE);
        assert_eq!(of(&made(machine, 0x0022)).unwrap_err(), NOT_A_LIBRARY, "a program");
        for length in 0..good.len() {
            assert_eq!(of(&good[..length]).unwrap_err(), NOT_A_LIBRARY, "{length}");
        }
    }

    #[test]
    fn apple_libraries_are_told_from_other_files() {
        let [here, other]: [u32; 2] = if cfg!(target_arch = "aarch64") { [0x0100_000c, 7] } else { [0x0100_0007, 12] };
        let thin = |machine: u32, kind: u32| {
            let words = [0xfeed_facf, machine, 0, kind];
            words.iter().flat_map(|word: &u32| word.to_le_bytes()).collect::<Vec<u8>>()
        };
        let of = |file: &[u8]| apple(&mut Cursor::new(file));
        assert_eq!(of(&thin(here, 6)), Ok(()));
        assert_eq!(of(&thin(other, 6)).unwrap_err(), OTHER_MACHINE);
        assert_eq!(of(&thin(here, 2)).unwrap_err(), NOT_A_LIBRARY, "a program");
        let fat = |machine: u32, size: u32| {
            let words = [0xcafe_babe, 2, other, 0, 28, 20, 12, machine, 0, 28, size, 12];
            words.iter().flat_map(|word: &u32| word.to_be_bytes()).collect::<Vec<u8>>()
        };
        assert_eq!(of(&fat(here, 20)), Ok(()));
        assert!(of(&fat(here, 21)).unwrap_err().contains("cut short"));
        assert_eq!(of(&fat(other, 20)).unwrap_err(), OTHER_MACHINE);
        assert_eq!(of(b"").unwrap_err(), NOT_A_LIBRARY);
    }
}

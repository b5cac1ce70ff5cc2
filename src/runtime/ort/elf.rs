//! Whether an ELF file is a shared library of this machine and wholly there.
//!
//! The system's loader maps a library without looking whether the file is as long as its headers say, and the first use of
//! a page behind its end kills the process. So this is looked at before.

use std::io::{self, Read, Seek, SeekFrom};

/// The most bytes of a table that are read.
const TABLE: u64 = 64 << 20;

const SHARED: u16 = 3;
const LOAD: u32 = 1;
const DYNAMIC: u32 = 2;
const END: u64 = 0;
const HASH: u64 = 4;
const STRINGS: u64 = 5;
const SYMBOLS: u64 = 6;
const STRINGS_LENGTH: u64 = 10;
const GNU_HASH: u64 = 0x6fff_fef5;

/// What runs the library: its word size, byte order and number in ELF headers; `None` for a processor whose number is not
/// known here, whose libraries are not told from those of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Machine {
    pub(super) wide: bool,
    pub(super) little: bool,
    pub(super) number: Option<u16>,
}

impl Machine {
    /// The machine that this program was built for.
    pub(super) const HERE: Self = Self {
        wide: cfg!(target_pointer_width = "64"),
        little: cfg!(target_endian = "little"),
        number: if cfg!(target_arch = "x86_64") {
            Some(62)
        } else if cfg!(target_arch = "x86") {
            Some(3)
        } else if cfg!(target_arch = "aarch64") {
            Some(183)
        } else if cfg!(target_arch = "arm") {
            Some(40)
        } else if cfg!(target_arch = "riscv64") {
            Some(243)
        } else if cfg!(target_arch = "powerpc64") {
            Some(21)
        } else if cfg!(target_arch = "s390x") {
            Some(22)
        } else {
            None
        },
    };

    /// The unsigned number of `size` bytes at `at`; 0 behind the end.
    fn number(self, bytes: &[u8], at: usize, size: usize) -> u64 {
        let Some(bytes) = at.checked_add(size).and_then(|end| bytes.get(at..end)) else { return 0 };
        let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        if self.little { bytes.iter().rev().fold(0, add) } else { bytes.iter().fold(0, add) }
    }

    /// The number that is as wide as the machine's addresses: entry `index` of a list that starts at `at`.
    fn word(self, bytes: &[u8], at: usize, index: usize) -> u64 {
        let size = if self.wide { 8 } else { 4 };
        self.number(bytes, at + index * size, size)
    }
}

/// A part of the file that the loader maps, or its list of what the loader must know.
#[derive(Debug, Clone, Copy)]
struct Segment {
    kind: u32,
    offset: u64,
    address: u64,
    in_file: u64,
    in_memory: u64,
}

/// Checks that a file is a shared library of `machine`, that it is as long as its headers say, and that its tables of
/// names and symbols are there. Gives the names that it defines and needs, each with a zero byte behind it.
///
/// # Errors
/// What was found, in words that follow a path.
pub(super) fn names(file: &mut (impl Read + Seek), machine: Machine) -> Result<Vec<u8>, String> {
    let length = file.seek(SeekFrom::End(0)).map_err(text)?;
    let segments = segments(file, length, machine)?;
    let loaded: Vec<&Segment> = segments.iter().filter(|segment| segment.kind == LOAD).collect();
    if loaded.is_empty() {
        return Err("the file is broken: nothing in it is to be loaded".to_owned());
    }
    for segment in &loaded {
        let end = segment.offset.checked_add(segment.in_file).unwrap_or(u64::MAX);
        if end > length {
            return Err(format!("the file is cut short: found {length} bytes, expected at least {end}"));
        }
        if segment.in_file > segment.in_memory || segment.address.checked_add(segment.in_memory).is_none() {
            return Err("the file is broken: a part is longer than its place in memory".to_owned());
        }
    }
    // Where in the file the bytes at an address are.
    let place = |address: u64, count: u64| {
        let end = address.checked_add(count)?;
        let segment = loaded.iter().find(|one| one.address <= address && end <= one.address + one.in_file)?;
        Some(segment.offset + (address - segment.address))
    };
    let table = segments.iter().find(|segment| segment.kind == DYNAMIC).ok_or("the file is not a shared library")?;
    let broken = || "the file is broken: its tables are not where it says".to_owned();
    let at = place(table.address, table.in_file).ok_or_else(broken)?;
    let table = part(file, at, table.in_file)?;
    let pair = if machine.wide { 16 } else { 8 };
    let entries: Vec<(u64, u64)> = table
        .chunks_exact(pair)
        .map(|entry| (machine.word(entry, 0, 0), machine.word(entry, 0, 1)))
        .take_while(|(tag, _)| *tag != END)
        .collect();
    let value = |wanted: u64| entries.iter().find(|(tag, _)| *tag == wanted).map(|(_, value)| *value);
    let hashed = value(GNU_HASH).or_else(|| value(HASH)).and_then(|address| place(address, 4));
    let symbols = value(SYMBOLS).and_then(|address| place(address, 1));
    let (Some(_), Some(_), Some(strings), Some(count)) = (hashed, symbols, value(STRINGS), value(STRINGS_LENGTH))
    else {
        return Err(broken());
    };
    let strings = place(strings, count).ok_or_else(broken)?;
    part(file, strings, count)
}

/// The list of segments.
fn segments(file: &mut (impl Read + Seek), length: u64, machine: Machine) -> Result<Vec<Segment>, String> {
    let (header_size, entry_size) = if machine.wide { (64, 56) } else { (52, 32) };
    let header = part(file, 0, length.min(header_size))?;
    if !header.starts_with(b"\x7fELF") {
        return Err("the file is not a shared library".to_owned());
    }
    if (header.len() as u64) < header_size {
        return Err(format!("the file is cut short: found {length} bytes, expected at least {header_size}"));
    }
    let bits = |wide: bool| if wide { "64 bits" } else { "32 bits" };
    let order = |little: bool| if little { "little-endian" } else { "big-endian" };
    let (wide, little) = (header[4] == 2, header[5] == 1);
    if (wide, little) != (machine.wide, machine.little) {
        let [found, expected] =
            [(wide, little), (machine.wide, machine.little)].map(|(w, l)| format!("{}, {}", bits(w), order(l)));
        return Err(format!("it is for another machine: found {found}, expected {expected}"));
    }
    let number = machine.number(&header, 18, 2) as u16;
    if let Some(expected) = machine.number.filter(|expected| *expected != number) {
        return Err(format!("it is for another machine: found {}, expected {}", name(number), name(expected)));
    }
    if machine.number(&header, 16, 2) as u16 != SHARED {
        return Err("the file is not a shared library".to_owned());
    }
    let (first, counts) = if machine.wide { (32, 54) } else { (28, 42) };
    let offset = machine.word(&header, first, 0);
    let (size, count) = (machine.number(&header, counts, 2), machine.number(&header, counts + 2, 2));
    if size != entry_size {
        return Err(format!("the file is broken: found headers of {size} bytes, expected {entry_size}"));
    }
    let end = offset.checked_add(size * count).unwrap_or(u64::MAX);
    if end > length {
        return Err(format!("the file is cut short: found {length} bytes, expected at least {end}"));
    }
    let read = |entry: &[u8]| Segment {
        kind: machine.number(entry, 0, 4) as u32,
        offset: if machine.wide { machine.word(entry, 0, 1) } else { machine.word(entry, 4, 0) },
        address: if machine.wide { machine.word(entry, 0, 2) } else { machine.word(entry, 4, 1) },
        in_file: if machine.wide { machine.word(entry, 0, 4) } else { machine.word(entry, 4, 3) },
        in_memory: if machine.wide { machine.word(entry, 0, 5) } else { machine.word(entry, 4, 4) },
    };
    Ok(part(file, offset, size * count)?.chunks_exact(entry_size as usize).map(read).collect())
}

/// `count` bytes from `at` on, which must be there.
fn part(file: &mut (impl Read + Seek), at: u64, count: u64) -> Result<Vec<u8>, String> {
    if count > TABLE {
        return Err(format!("the file is broken: found a table of {count} bytes, expected at most {TABLE}"));
    }
    file.seek(SeekFrom::Start(at)).map_err(text)?;
    let mut bytes = Vec::new();
    file.take(count).read_to_end(&mut bytes).map_err(text)?;
    if bytes.len() as u64 == count { Ok(bytes) } else { Err("the file is cut short".to_owned()) }
}

fn text(why: io::Error) -> String {
    why.to_string()
}

/// A processor by its number.
fn name(machine: u16) -> String {
    let known =
        [(62, "x86_64"), (3, "x86"), (183, "aarch64"), (40, "arm"), (243, "riscv"), (21, "powerpc64"), (22, "s390x")];
    let known = known.iter().find(|(number, _)| *number == machine);
    known.map_or_else(|| format!("machine {machine}"), |(_, name)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A library of two segments, 0x100 bytes of headers and tables and 0x40 of data, whose names are `\0one\0two\0`.
    fn made(machine: Machine) -> Vec<u8> {
        let mut file = vec![0; 0x240];
        let mut put = |at: usize, size: usize, value: u64| {
            let bytes = if machine.little { value.to_le_bytes() } else { value.to_be_bytes() };
            let bytes = if machine.little { &bytes[..size] } else { &bytes[8 - size..] };
            file[at..at + size].copy_from_slice(bytes);
        };
        let word = if machine.wide { 8 } else { 4 };
        put(16, 2, 3);
        put(18, 2, u64::from(machine.number.unwrap()));
        let (first, counts, header, entry) = if machine.wide { (32, 54, 64, 56) } else { (28, 42, 52, 32) };
        put(first, word, header);
        put(counts, 2, entry);
        put(counts + 2, 2, 3);
        let segments = [(1, 0, 0x1000, 0x200, 0x200), (1, 0x200, 0x3000, 0x40, 0x90), (2, 0x140, 0x1140, 0x80, 0x80)];
        for (index, (kind, offset, address, in_file, in_memory)) in segments.into_iter().enumerate() {
            let at = (header + entry * index as u64) as usize;
            put(at, 4, kind);
            let (at, values) = match machine.wide {
                true => (at + 8, vec![offset, address, address, in_file, in_memory]),
                false => (at + 4, vec![offset, address, address, in_file, in_memory]),
            };
            for (index, value) in values.into_iter().enumerate() {
                put(at + index * word, word, value);
            }
        }
        let tables = [(5, 0x1130), (10, 9), (6, 0x1120), (4, 0x1128), (0, 0)];
        for (index, (tag, value)) in tables.into_iter().enumerate() {
            put(0x140 + 2 * index * word, word, tag);
            put(0x140 + (2 * index + 1) * word, word, value);
        }
        file[0x130..0x139].copy_from_slice(b"\0one\0two\0");
        file[..7].copy_from_slice(&[
            0x7f,
            b'E',
            b'L',
            b'F',
            1 + u8::from(machine.wide),
            2 - u8::from(machine.little),
            1,
        ]);
        file
    }

    fn of(file: &[u8], machine: Machine) -> Result<Vec<u8>, String> {
        names(&mut Cursor::new(file), machine)
    }

    const MACHINES: [Machine; 3] = [
        Machine { wide: true, little: true, number: Some(62) },
        Machine { wide: true, little: false, number: Some(22) },
        Machine { wide: false, little: true, number: Some(40) },
    ];

    #[test]
    fn libraries_of_a_machine_are_read_and_those_of_others_refused() {
        for machine in MACHINES {
            assert_eq!(of(&made(machine), machine).unwrap(), b"\0one\0two\0", "{machine:?}");
            for other in MACHINES.iter().filter(|other| **other != machine) {
                assert!(of(&made(machine), *other).unwrap_err().starts_with("it is for another machine: found "));
            }
        }
        let [x86_64, ..] = MACHINES;
        let arm = Machine { number: Some(183), ..x86_64 };
        assert_eq!(of(&made(arm), x86_64).unwrap_err(), "it is for another machine: found aarch64, expected x86_64");
    }

    #[test]
    fn a_library_that_is_cut_anywhere_is_refused() {
        for machine in MACHINES {
            let whole = made(machine);
            for length in 0..whole.len() {
                let why = of(&whole[..length], machine).unwrap_err();
                assert!(why.contains("cut short") || why.contains("not a shared library"), "{length}: {why}");
            }
        }
    }

    /// Whatever a byte or a word is changed to, there is an answer.
    #[test]
    fn broken_headers_are_refused_or_read() {
        for machine in MACHINES {
            let whole = made(machine);
            for at in 0..0x200 {
                for value in [0, 1, 0x7f, 0x80, 0xff] {
                    let mut file = whole.clone();
                    file[at] = value;
                    let _ = of(&file, machine);
                    let end = (at + 8).min(file.len());
                    file[at..end].fill(value);
                    let _ = of(&file, machine);
                }
            }
        }
    }

    #[test]
    fn tables_that_are_not_there_are_named() {
        let [machine, ..] = MACHINES;
        let with = |at: usize, value: u8| {
            let mut file = made(machine);
            file[at] = value;
            of(&file, machine).unwrap_err()
        };
        let tables = "the file is broken: its tables are not where it says";
        assert_eq!(with(0x140, 0), tables, "no entries at all, as in a file whose end was never written");
        assert_eq!(with(0x149, 0x22), tables, "names behind the segment");
        assert_eq!(with(0x15a, 0xff), tables, "too many names");
        assert_eq!(with(16, 2), "the file is not a shared library");
        assert_eq!(with(64 + 2 * 56, 3), "the file is not a shared library");
        assert_eq!(with(54, 57), "the file is broken: found headers of 57 bytes, expected 56");
    }

    /// Every real library that this test can reach: its own, and that of `ORT_DYLIB_PATH`.
    #[test]
    #[cfg(target_os = "linux")]
    fn real_libraries_are_read_whole_and_refused_when_cut() {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let mut paths: Vec<_> = maps.lines().filter_map(|line| line.split_whitespace().nth(5)).collect();
        paths.retain(|path| path.contains(".so"));
        paths.sort_unstable();
        paths.dedup();
        let named = std::env::var("ORT_DYLIB_PATH").ok();
        for path in paths.into_iter().chain(named.as_deref()) {
            let Ok(file) = std::fs::read(path) else { continue };
            let found = of(&file, Machine::HERE).unwrap_or_else(|why| panic!("{path}: {why}"));
            assert!(found.starts_with(b"\0"), "{path}");
            let needed = segments(&mut Cursor::new(&file), file.len() as u64, Machine::HERE).unwrap();
            let needed =
                needed.iter().filter(|one| one.kind == LOAD).map(|one| one.offset + one.in_file).max().unwrap();
            let steps = (0..needed).step_by((needed as usize / 500).max(1));
            for length in steps.chain([1, 63, 64, 65, 4096, needed - 1]) {
                assert!(of(&file[..length as usize], Machine::HERE).is_err(), "{path} cut to {length}");
            }
            assert!(of(&file[..needed as usize], Machine::HERE).is_ok(), "{path}");
        }
    }
}

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
        let end = segment.offset.saturating_add(segment.in_file);
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
    let end = offset.saturating_add(size * count);
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
mod tests;

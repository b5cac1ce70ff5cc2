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
    file[..7].copy_from_slice(&[0x7f, b'E', b'L', b'F', 1 + u8::from(machine.wide), 2 - u8::from(machine.little), 1]);
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
        let needed = needed.iter().filter(|one| one.kind == LOAD).map(|one| one.offset + one.in_file).max().unwrap();
        let steps = (0..needed).step_by((needed as usize / 500).max(1));
        for length in steps.chain([1, 63, 64, 65, 4096, needed - 1]) {
            assert!(of(&file[..length as usize], Machine::HERE).is_err(), "{path} cut to {length}");
        }
        assert!(of(&file[..needed as usize], Machine::HERE).is_ok(), "{path}");
    }
}

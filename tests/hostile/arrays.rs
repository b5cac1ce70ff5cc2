//! Files of codes (`.npy`) whose headers claim more than the files hold.

use super::case::{Case, check};
use super::house::Scratch;
use crate::arguments;

#[test]
fn headers_of_codes_that_claim_too_much() {
    let scratch = Scratch::new();
    let npy = |version: u8, length: &[u8], header: &str, values: usize| {
        [&b"\x93NUMPY"[..], &[version, 0], length, header.as_bytes(), &vec![0; values]].concat()
    };
    let one = |shape: &str, values: usize| {
        let header = format!("{{'descr': '<i8', 'fortran_order': False, 'shape': {shape}, }}\n");
        npy(1, &(header.len() as u16).to_le_bytes(), &header, values)
    };
    let deep = format!("{{'descr': '<i8', 'fortran_order': False, 'shape': ({}), }}\n", "1, ".repeat(20_000));
    let files = [
        ("8 TB", one("(1000000, 1000000)", 16)),
        ("a product that wraps", one("(4294967296, 4294967296)", 0)),
        ("a product that wraps to 8192", one("(4611686018427387905, 32)", 8192)),
        ("no rows", one("(0, 32)", 0)),
        ("no rows of many", one("(0, 18446744073709551615)", 0)),
        ("too many digits", one("(99999999999999999999999, 1)", 8)),
        ("less than nothing", one("(-1, 32)", 8)),
        ("a thousand axes", one(&format!("({})", "1, ".repeat(1000)), 8)),
        ("sixty axes", one(&format!("({})", "1, ".repeat(60)), 8)),
        ("a header of 4 GiB", npy(2, &[0xff; 4], "{", 0)),
        ("a header of 64 KiB", npy(1, &[0xff; 2], "{", 0)),
        ("a long header", npy(2, &(deep.len() as u32).to_le_bytes(), &deep, 8)),
        ("no closing", npy(1, &[100, 0], &"{'descr': '<i8', 'shape': (".repeat(4)[..100], 8)),
        ("objects", npy(1, &[65, 0], "{'descr': '|O', 'fortran_order': False, 'shape': (32, 32), }     \n", 8192)),
        ("another version", npy(9, &[0, 0], "", 0)),
        ("a code of minus one", [one("(32, 32)", 8184), vec![0xff; 8]].concat()),
    ];
    let good = [one("(32, 32)", 8192)].concat();
    let good = scratch.file("good.npy", &good);
    let cases: Vec<Case> = files
        .iter()
        .map(|(name, bytes)| {
            let path = scratch.file(&format!("{}.npy", name.replace(' ', "_")), bytes);
            let arguments = arguments!["decode", path, good, "--out", scratch.at("out")];
            Case::new(*name, arguments, 1).says("cannot read codes").peak(256)
        })
        .collect();
    check("headers of codes that claim too much", &cases);
}

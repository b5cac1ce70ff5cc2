//! Arrays of codes as `.npy`: what is read is written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ndarray::{Array2, Ix2};
use oasis::jobs::fuzzing::{read_npy, write_npy};
use oasis_fuzz::seeds;

fn written(codes: &Array2<i64>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_npy(codes.view(), &mut bytes).expect("memory can be written");
    bytes
}

fn made() -> Vec<Vec<u8>> {
    let file = |header: &str, values: &[u8]| {
        [b"\x93NUMPY\x01\0", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), values].concat()
    };
    vec![
        written(&Array2::from_shape_fn((2, 3), |(y, x)| (10 * y + x) as i64)),
        file("{'descr': '>i8', 'fortran_order': True, 'shape': (1, 2), }\n", &[0; 16]),
        file("{\"shape\":(2,),\"fortran_order\":False,\"descr\":\"<i8\"}\n", &[7; 16]),
        file("{'descr': '<f4', 'fortran_order': False, 'shape': ()}\n", &[1; 4]),
    ]
}

fuzz_target!(init: seeds(made), |bytes: &[u8]| {
    let Ok(array) = read_npy(bytes) else { return };
    assert!(8 * array.len() <= bytes.len(), "more values than the file holds");
    if let Ok(codes) = array.into_dimensionality::<Ix2>() {
        let again = read_npy(&written(&codes)).expect("what is written is read");
        assert_eq!(again, codes.into_dyn());
    }
});

//! ONNX files: what the reader accepts, the writer's bytes read back equal.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oasis::bundle::{Role, read_model};
use oasis::onnx::{Model, ModelFile};
use oasis::runtime::FileSummary;
use oasis_fuzz::{file, seeds, toy};

fn made() -> Vec<Vec<u8>> {
    Role::FIXED.into_iter().map(|role| toy::model(&role).write()).collect()
}

fuzz_target!(init: seeds(made), |bytes: &[u8]| {
    let bytes = bytes.to_vec();
    // What is only looked at is held to less than what engines are given.
    let _ = FileSummary::read(&file("it.onnx", &bytes));
    let Ok(read) = ModelFile::read("it", bytes.clone()) else { return };
    let written = read.model().write();
    assert_eq!(written, read.bytes()[..], "engines get other bytes than the writer's");
    // Bytes are compared, since a model may hold numbers that do not equal themselves.
    let again = Model::read(&written.clone().into()).expect("what the writer writes is read");
    assert!(again.write() == written, "what is written is another model");
    for role in Role::FIXED {
        let _ = read_model(&role, "it", bytes.clone());
    }
});

//! `bundle.json` beside the files of a bundle.
#![no_main]

use libfuzzer_sys::fuzz_target;
use oasis::bundle::Bundle;
use oasis_fuzz::{bundle, seeds};

fn made() -> Vec<Vec<u8>> {
    let whole = std::fs::read(bundle().join("bundle.json")).expect("the manifest can be read");
    let value: serde_json::Value = serde_json::from_slice(&whole).expect("the manifest is JSON");
    let short = serde_json::to_vec(&value).expect("a value is JSON");
    vec![whole, short]
}

fuzz_target!(init: seeds(made), |bytes: &[u8]| {
    let folder = bundle();
    std::fs::write(folder.join("bundle.json"), bytes).expect("the manifest can be written");
    match Bundle::open(folder) {
        Ok(bundle) => assert_eq!(bundle.sizes(), oasis_fuzz::toy::sizes()),
        Err(error) => drop(error.to_string()),
    }
});

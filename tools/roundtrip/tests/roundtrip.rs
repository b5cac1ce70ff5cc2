//! Imported models against what Burn computed before the export.
#![recursion_limit = "256"]

mod models {
    include!(concat!(env!("OUT_DIR"), "/models.rs"));
}

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use burn::tensor::{Device, TensorData};
use libtest_mimic::{Arguments, Failed, Trial};
use oasis::export::{Tolerance, compare};
use oasis_roundtrip::{Expected, Imports, Run, StoredCase, StoredTensor, read_json};

const TOLERANCE: Tolerance = Tolerance { atol: 1e-4, rtol: 1e-4 };

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let Some(folder) = models::FOLDER else {
        println!("nothing is tested: OASIS_ROUNDTRIP_DIR was not set when this was built");
        return libtest_mimic::run(&arguments, Vec::new()).exit_code();
    };
    match trials(Path::new(folder)) {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(why) => {
            eprintln!("{why:#}");
            ExitCode::FAILURE
        }
    }
}

fn trials(folder: &'static Path) -> Result<Vec<Trial>> {
    let expected = Expected::read()?;
    let imports: Imports = read_json(&folder.join("imports.json"))?;
    println!("not imported by burn-onnx:");
    for (name, why) in imports.iter().filter_map(|(name, why)| Some((name, why.as_ref()?))) {
        println!("    {name}: {why}");
    }
    for (name, why) in &expected.does_not_compile {
        println!("    {name}: imported, but does not compile: {why}");
    }
    let mut names: Vec<String> = imports.into_keys().collect();
    names.extend(expected.runs.iter().filter(|name| !names.contains(name)).cloned().collect::<Vec<_>>());
    let trials = names.into_iter().filter(|name| !expected.does_not_compile.contains_key(name)).map(|name| {
        let runs = expected.runs.contains(&name);
        let fails = expected.fails.contains_key(&name);
        let model = models::MODELS.iter().find(|(known, _)| *known == name).map(|(_, run)| *run);
        Trial::test(name.clone(), move || match (outcome(folder, &name, model), runs, fails) {
            (Ok(()), _, true) => Err(Failed::from("it runs: move it from fails to runs in expected.toml")),
            (Err(why), true, _) => Err(Failed::from(format!("{why:#}"))),
            (Ok(()), true, false) => Ok(()),
            (Ok(()), false, false) => Err(Failed::from("it runs, but is not in expected.toml")),
            (Err(why), false, false) => Err(Failed::from(format!("it is not in expected.toml: {why:#}"))),
            (Err(why), false, true) => {
                println!("{name}: {why:#}");
                Ok(())
            }
        })
    });
    Ok(trials.collect())
}

/// Runs every case of a model.
fn outcome(folder: &Path, name: &str, model: Option<Run>) -> Result<()> {
    let model = model.context("burn-onnx did not import it")?;
    let cases: Vec<StoredCase> = read_json(&folder.join(format!("{name}.json")))?;
    let values = |tensors: &[StoredTensor]| tensors.iter().map(StoredTensor::data).collect::<Result<Vec<TensorData>>>();
    for (number, case) in cases.iter().enumerate() {
        let inputs = values(&case.inputs)?;
        let outputs = catch_unwind(AssertUnwindSafe(|| model(&Device::flex(), inputs)))
            .map_err(|_| anyhow::anyhow!("case {number}: the imported model panics"))?;
        anyhow::ensure!(outputs.len() == case.expected.len(), "{} outputs", outputs.len());
        for ((stored, expected), output) in case.expected.iter().zip(values(&case.expected)?).zip(outputs) {
            let comparison = compare(&stored.name, &expected, &output, TOLERANCE)?;
            anyhow::ensure!(comparison.pass(), "case {number}: {comparison:?}");
        }
    }
    Ok(())
}

//! Exports the networks of `tests/export` and has burn-onnx import them, for `tests/roundtrip.rs` to compile and run.
//!
//! ```text
//! cargo run -p oasis-roundtrip -- FOLDER
//! OASIS_ROUNDTRIP_DIR=FOLDER cargo test -p oasis-roundtrip
//! ```
//!
//! Other models in the folder are taken along: each `NAME.onnx` that has its cases in `NAME.json`.

use std::fmt::Write;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use burn_onnx::{LoadStrategy, ModelGen};
use clap::Parser;
use oasis_roundtrip::{Expected, Imports, StoredCase, read_json};

// What the networks are written with.
use oasis::export::Exporter;

#[path = "../../../tests/export/networks/list.rs"]
mod networks;

/// Exports the networks and imports them again.
#[derive(Parser)]
struct Arguments {
    /// Where the models go, and what is generated from them.
    folder: PathBuf,
}

fn main() -> Result<()> {
    let folder = Arguments::parse().folder;
    let generated = folder.join("generated");
    fs::create_dir_all(&generated).with_context(|| generated.display().to_string())?;
    for (name, export) in networks::NETWORKS {
        let begun = std::time::Instant::now();
        let exported = export();
        let seconds = begun.elapsed().as_secs_f64();
        println!("{name}: built and exported in {seconds:.2} s: {}", exported.summary());
        exported.write(folder.join(format!("{name}.onnx")))?;
        let case = |batch| exported.case(&[("batch", batch)], batch as u64).map(StoredCase::from);
        let cases: Vec<StoredCase> = [1, 3].into_iter().map(case).collect::<oasis::Result<_>>()?;
        fs::write(folder.join(format!("{name}.json")), serde_json::to_string(&cases)?)?;
    }

    let mut names = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "onnx") && path.with_extension("json").is_file() {
            names.extend(path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned));
        }
    }
    names.sort();

    let expected = Expected::read()?;
    let generated = fs::canonicalize(&generated)?;
    let mut imports = Imports::new();
    let mut models = Models::default();
    for name in names {
        let why = import(&folder, &generated, &name).err();
        match (&why, expected.does_not_compile.get(&name)) {
            (Some(why), _) => println!("{name}: not imported: {why}"),
            (None, Some(why)) => println!("{name}: imported, but does not compile: {why}"),
            (None, None) => {
                println!("{name}: imported");
                let cases: Vec<StoredCase> = read_json(&folder.join(format!("{name}.json")))?;
                models.add(&generated, &name, cases.first().map_or(0, |case| case.inputs.len()));
            }
        }
        imports.insert(name, why);
    }
    let imported = imports.values().filter(|why| why.is_none()).count();
    println!("imported: {imported} of {}", imports.len());
    fs::write(folder.join("imports.json"), serde_json::to_string_pretty(&imports)?)?;
    fs::write(generated.join("models.rs"), models.source())?;
    Ok(())
}

/// Has burn-onnx write `NAME.rs` and its weights, `NAME.bpk`.
///
/// # Errors
/// Why it cannot.
fn import(folder: &Path, generated: &Path, name: &str) -> Result<(), String> {
    let source = generated.join(format!("{name}.rs"));
    if source.exists() {
        fs::remove_file(&source).map_err(|why| why.to_string())?;
    }
    let model = folder.join(format!("{name}.onnx"));
    let [model, out] = [model.as_path(), generated].map(|path| path.to_str().map(str::to_owned));
    let (Some(model), Some(out)) = (model, out) else {
        return Err("its path is not UTF-8".into());
    };
    let hook = take_hook();
    set_hook(Box::new(|_| {}));
    let result = catch_unwind(AssertUnwindSafe(|| {
        ModelGen::default().input(&model).out_dir(&out).load_strategy(LoadStrategy::File).run_from_cli();
    }));
    set_hook(hook);
    result.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message");
        text.lines().collect::<Vec<_>>().join("; ")
    })?;
    let text = fs::read_to_string(&source).map_err(|why| why.to_string())?;
    // burn-onnx reports some nodes only to the compiler.
    match text.split_once("compile_error!") {
        Some((_, rest)) => Err(rest.split(';').next().unwrap_or(rest).trim().to_owned()),
        None => Ok(()),
    }
}

/// The file that makes the generated modules one list.
#[derive(Default)]
struct Models {
    modules: String,
    list: String,
    count: usize,
}

impl Models {
    fn add(&mut self, generated: &Path, name: &str, inputs: usize) {
        let Self { modules, list, count } = self;
        let source = generated.join(format!("{name}.rs"));
        let weights = generated.join(format!("{name}.bpk"));
        let taken = vec!["oasis_roundtrip::take(&mut inputs, device)"; inputs].join(", ");
        write!(
            modules,
            "#[allow(warnings, clippy::all)]
mod model_{count} {{
    include!({source:?});
}}

fn run_{count}(device: &burn::tensor::Device, inputs: Vec<burn::tensor::TensorData>) -> Vec<burn::tensor::TensorData> {{
    let mut inputs = inputs.into_iter();
    let model = model_{count}::Model::from_file({weights:?}, device);
    oasis_roundtrip::Outputs::outputs(model.forward({taken}))
}}

"
        )
        .expect("a string takes everything");
        writeln!(list, "    ({name:?}, run_{count}),").expect("a string takes everything");
        *count += 1;
    }

    fn source(&self) -> String {
        format!("{}pub const MODELS: &[(&str, oasis_roundtrip::Run)] = &[\n{}];\n", self.modules, self.list)
    }
}

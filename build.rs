//! Reads the versions of the libraries that do the work from `Cargo.lock`.
//!
//! With the feature `burn-engine`, also has burn-onnx turn the ONNX files of a bundle into Rust, which `src/runtime/burn`
//! compiles. The bundle is `onnx/`, or the folder that `OASIS_BURN_BUNDLE` names.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    versions::run();
    #[cfg(feature = "burn-engine")]
    burn_engine::run();
}

mod versions {
    use std::path::Path;
    use std::{env, fs};

    /// Packages, and the variables that give the crate their versions.
    const PACKAGES: [(&str, &str); 2] = [("tract-onnx", "OASIS_TRACT_VERSION"), ("burn", "OASIS_BURN_VERSION")];

    pub fn run() {
        if let Err(why) = set() {
            println!("cargo::error={why}");
        }
    }

    /// Sets a variable for each package.
    fn set() -> Result<(), String> {
        let folder = env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo has not set CARGO_MANIFEST_DIR")?;
        let path = Path::new(&folder).join("Cargo.lock");
        println!("cargo::rerun-if-changed={}", path.display());
        let lock = fs::read_to_string(&path).map_err(|why| {
            format!(
                "cannot read the versions of libraries from {}: {why}; cargo generate-lockfile writes it",
                path.display()
            )
        })?;
        for (package, variable) in PACKAGES {
            let found = versions(&lock, package);
            let [version] = found[..] else {
                return Err(format!("{}: found {} versions of {package}, expected one", path.display(), found.len()));
            };
            println!("cargo::rustc-env={variable}={version}");
        }
        Ok(())
    }

    /// The versions of a package in a lock file.
    fn versions<'a>(lock: &'a str, package: &str) -> Vec<&'a str> {
        let name = format!("name = \"{package}\"");
        let entries = lock.split("[[package]]").filter(|entry| entry.lines().any(|line| line == name));
        entries.filter_map(|entry| value(entry, "version")).collect()
    }

    /// The text of `key = "text"` in an entry.
    fn value<'a>(entry: &'a str, key: &str) -> Option<&'a str> {
        let text = |line: &'a str| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"');
        entry.lines().find_map(text)
    }
}

#[cfg(feature = "burn-engine")]
#[path = "src/digest.rs"]
mod digest;

#[cfg(feature = "burn-engine")]
mod burn_engine {
    use std::fmt::{Display, Write};
    use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
    use std::path::{Path, PathBuf};
    use std::{env, fs};

    use burn_onnx::{LoadStrategy, ModelGen};

    use super::digest::sha256;

    /// Names the folder of another bundle than `onnx/`. A relative path starts at the package's folder.
    const VARIABLE: &str = "OASIS_BURN_BUNDLE";

    pub fn run() {
        println!("cargo::rerun-if-env-changed={VARIABLE}");
        if let Err(why) = import() {
            println!("cargo::error={}", why.replace('\n', "; "));
        }
    }

    /// Writes `burn_engine.rs`: a module for each graph, and the table `NETWORKS` of them.
    fn import() -> Result<(), String> {
        let named = env::var_os(VARIABLE).filter(|folder| !folder.is_empty());
        let folder = directory("CARGO_MANIFEST_DIR")?.join(named.unwrap_or_else(|| "onnx".into()));
        println!("cargo::rerun-if-changed={}", folder.display());
        let out = directory("OUT_DIR")?;
        let (mut modules, mut table) = (String::new(), String::new());
        for (index, model) in models(&folder)?.iter().enumerate() {
            let fail = |why: &dyn Display| format!("burn-engine: cannot import {}: {why}", model.display());
            let role =
                model.file_stem().and_then(|stem| stem.to_str()).ok_or_else(|| fail(&"its name is not UTF-8"))?;
            let digest = sha256(&fs::read(model).map_err(|why| fail(&why))?);
            let source = generate(model, &out.join("burn_engine")).map_err(|why| fail(&why))?;
            write!(
                modules,
                "#[allow(warnings, clippy::all)]
mod model_{index} {{
    include!({source:?});
}}

fn load_{index}(device: &Device) -> Network {{
    network(model_{index}::Model::from_embedded(device), model_{index}::Model::forward)
}}

"
            )
            .expect("a string takes everything");
            writeln!(table, "    Imported {{ role: {role:?}, sha256: {digest:?}, load: load_{index} }},")
                .expect("a string takes everything");
        }
        let text = format!("{modules}pub(in crate::runtime::burn) const NETWORKS: &[Imported] = &[\n{table}];\n");
        let file = out.join("burn_engine.rs");
        fs::write(&file, text).map_err(|why| format!("{}: {why}", file.display()))
    }

    fn directory(variable: &str) -> Result<PathBuf, String> {
        env::var_os(variable).map(PathBuf::from).ok_or_else(|| format!("cargo has not set {variable}"))
    }

    /// The ONNX files of a folder, by name.
    fn models(folder: &Path) -> Result<Vec<PathBuf>, String> {
        let fail = |why: &dyn Display| {
            format!("burn-engine: cannot import {}: {why}; {VARIABLE} names a bundle's folder", folder.display())
        };
        let mut models = Vec::new();
        for entry in fs::read_dir(folder).map_err(|why| fail(&why))? {
            let path = entry.map_err(|why| fail(&why))?.path();
            if path.extension().is_some_and(|extension| extension == "onnx") {
                models.push(path);
            }
        }
        if models.is_empty() {
            return Err(fail(&"it holds no *.onnx"));
        }
        models.sort();
        Ok(models)
    }

    /// Has burn-onnx write `NAME.rs`, and `NAME.bpk` with the weights that the former embeds; gives the former.
    fn generate(model: &Path, folder: &Path) -> Result<PathBuf, String> {
        let text = |path: &Path| path.to_str().map(str::to_owned).ok_or("its path, or that of OUT_DIR, is not UTF-8");
        let (input, out) = (text(model)?, text(folder)?);
        let hook = take_hook();
        set_hook(Box::new(|_| {}));
        let result = catch_unwind(AssertUnwindSafe(|| {
            ModelGen::default().input(&input).out_dir(&out).load_strategy(LoadStrategy::Embedded).run_from_cli();
        }));
        set_hook(hook);
        result.map_err(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            text.unwrap_or("burn-onnx panicked without a message").to_owned()
        })?;
        let source = folder.join(model.file_name().unwrap_or_default()).with_extension("rs");
        let generated = fs::read_to_string(&source).map_err(|why| format!("{}: {why}", source.display()))?;
        // burn-onnx reports some nodes only to the compiler.
        match generated.split_once("compile_error!") {
            Some((_, rest)) => Err(rest.split(';').next().unwrap_or(rest).trim().to_owned()),
            None => Ok(source),
        }
    }
}

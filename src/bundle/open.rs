//! Opening a bundle.

use std::collections::{BTreeMap, HashSet};
use std::path::{Component, Path};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use ndarray::Array2;

use super::broken::refused;
use super::contract::{IMAGE, Sizes, read_hashed};
use super::manifest::{Manifest, SCHEMA_VERSION};
use super::role::Role;
use super::{codebook, json, keys, limits, together};
use crate::digest::sha256;
use crate::fs;
use crate::onnx::ModelFile;
use crate::plain::spell;
use crate::{Error, ErrorKind, Result};

/// The manifest's file name.
pub const MANIFEST: &str = "bundle.json";
/// The largest manifest that is read.
const MAX_MANIFEST_BYTES: u64 = 1 << 20;

const OPEN: &str = "cannot open bundle";

/// A validated bundle. Clones share its content.
#[derive(Debug, Clone)]
pub struct Bundle {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    name: String,
    manifest: Manifest,
    files: BTreeMap<Role, ModelFile>,
    sizes: Sizes,
    codebook: OnceLock<Option<Array2<f32>>>,
}

impl Bundle {
    /// Opens and validates the bundle in `dir`.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for what is missing, unreadable, too large or not the file that the manifest describes;
    /// [`ErrorKind::Model`] for files that break their contract or do not belong together. Each names the file.
    pub fn open(dir: &Path) -> Result<Self> {
        if !dir.is_dir() {
            let why = if dir.exists() { "it is not a folder" } else { "there is no such folder" };
            return Err(Error::input(OPEN, dir, why).hint("give the folder that holds bundle.json for `bundle`"));
        }
        let read = |file: &str, limit: u64| read_file(&dir.join(file), limit).map(Bytes::from);
        Self::assemble(&spell(dir), |file| spell(dir.join(file)), read)
    }

    /// The bundle inside this binary.
    ///
    /// # Errors
    /// [`ErrorKind::Environment`] where the binary was built without the feature `bundled`.
    pub fn embedded() -> Result<Self> {
        #[cfg(feature = "bundled")]
        {
            static EMBEDDED: OnceLock<Result<Bundle>> = OnceLock::new();
            EMBEDDED.get_or_init(embedded::open).clone()
        }
        #[cfg(not(feature = "bundled"))]
        Err(Error::new(
            ErrorKind::Environment,
            OPEN,
            "the embedded one",
            "this binary was built without the feature `bundled`",
        )
        .hint("give a folder for `bundle`")
        .hint("or build with `cargo build --release --features bundled`"))
    }

    /// The bundle in `dir`, or the embedded one.
    ///
    /// # Errors
    /// Those of [`Bundle::open`] and [`Bundle::embedded`].
    pub fn resolve(dir: Option<&Path>) -> Result<Self> {
        dir.map_or_else(Self::embedded, Self::open)
    }

    /// The bundle that files make, by name: the manifest among them.
    ///
    /// # Errors
    /// Those of [`Bundle::open`].
    pub(super) fn from_files(name: &str, files: &[(&str, Bytes)]) -> Result<Self> {
        let find = |file: &str, _| match files.iter().find(|(name, _)| *name == file) {
            Some((_, bytes)) => Ok(bytes.clone()),
            None => Err(Error::new(ErrorKind::Input, OPEN, file, format!("it is no file of {name}"))),
        };
        Self::assemble(name, |file| format!("{name} {file}"), find)
    }

    fn assemble(
        name: &str,
        display: impl Fn(&str) -> String,
        read: impl Fn(&str, u64) -> Result<Bytes>,
    ) -> Result<Self> {
        let manifest_name = display(MANIFEST);
        let bytes = read(MANIFEST, MAX_MANIFEST_BYTES)?;
        let manifest = parse_manifest(&manifest_name, &bytes)?;
        check_listed(&manifest_name, &manifest)?;
        let mut files = BTreeMap::new();
        for (role, entry) in &manifest.files {
            let path = display(&entry.file);
            let bytes = read(&entry.file, entry.bytes)?;
            let mismatch = |what: &str, found: &str, expected: &str| {
                let why = format!("found {what} {found}, expected {expected} as bundle.json says");
                Error::new(ErrorKind::Input, OPEN, &path, why)
                    .hint("the file was changed or cut short: fetch or export the bundle again")
            };
            if bytes.len() as u64 != entry.bytes {
                let (found, expected) = (bytes.len().to_string(), entry.bytes.to_string());
                return Err(mismatch("a size of", &found, &expected));
            }
            let found = sha256(&bytes);
            if !found.eq_ignore_ascii_case(&entry.sha256) {
                return Err(mismatch("sha256", &found, &format!("{:.80}", entry.sha256)));
            }
            let role = Role::from_name(role);
            let file = read_hashed(&role, path, bytes, found)?;
            files.insert(role, file);
        }
        let sizes = together::check_together(&files)?;
        check_manifest(&manifest_name, &manifest, &files, sizes)?;
        for file in files.values() {
            limits::check_cost(file.model()).map_err(|why| refused(file.name(), why))?;
        }
        let inner = Inner { name: name.to_owned(), manifest, files, sizes, codebook: OnceLock::new() };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// What the bundle is called in messages: its folder, or `embedded`.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The content of `bundle.json`.
    pub fn manifest(&self) -> &Manifest {
        &self.inner.manifest
    }

    /// What tells the bundle from others: the first 16 hexadecimal digits of a SHA-256 over those of its encoder,
    /// quantizer and decoder.
    pub fn id(&self) -> String {
        let roles = [Role::Encoder, Role::Quantizer, Role::Decoder];
        let files = &self.manifest().files;
        let all: String = roles.iter().filter_map(|role| Some(files.get(role.as_str())?.sha256.as_str())).collect();
        sha256(all.as_bytes())[..16].to_owned()
    }

    /// The sizes that its files share.
    pub fn sizes(&self) -> Sizes {
        self.inner.sizes
    }

    /// The file of a role, if the bundle has one.
    pub fn get(&self, role: &Role) -> Option<&ModelFile> {
        self.inner.files.get(role)
    }

    /// The file of a role.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] where the bundle has none.
    pub fn file(&self, role: &Role) -> Result<&ModelFile> {
        self.get(role).ok_or_else(|| {
            let why = format!("the bundle has no file of role `{role}`");
            let error = Error::new(ErrorKind::Input, "cannot load model", self.name(), why);
            match role {
                Role::Prior => error.hint("export one: give `oasis export` the run of a `prior`"),
                _ => error,
            }
        })
    }

    /// All files by role, in the order that data passes them.
    pub fn files(&self) -> impl Iterator<Item = (&Role, &ModelFile)> {
        self.inner.files.iter()
    }

    /// The codebook, `[K, D]`, where a file tells which of its weights that is.
    ///
    /// It is looked for in the quantizer and the decoder: the initializer that the metadata `oasis.codebook` names, else
    /// one called `codebook` or `....codebook`, else the table that the decoder looks codes up in.
    pub fn codebook(&self) -> Option<&Array2<f32>> {
        let inner = &self.inner;
        inner.codebook.get_or_init(|| codebook::find(&inner.files, inner.sizes)).as_ref()
    }
}

fn parse_manifest(name: &str, bytes: &[u8]) -> Result<Manifest> {
    let refuse =
        |why: String| Error::new(ErrorKind::Input, OPEN, name, why).hint("export the bundle again with `oasis export`");
    let damaged = |why: serde_json::Error| refuse(format!("not a bundle's manifest: {why}"));
    #[derive(serde::Deserialize)]
    struct Version {
        schema_version: u32,
    }
    json::check(bytes).map_err(damaged)?;
    let version: Version = serde_json::from_slice(bytes).map_err(damaged)?;
    if version.schema_version != SCHEMA_VERSION {
        return Err(refuse(format!("found schema version {}, expected {SCHEMA_VERSION}", version.schema_version)));
    }
    serde_json::from_slice(bytes).map_err(damaged)
}

/// Checks what a manifest says of its files before any of them is read.
fn check_listed(name: &str, manifest: &Manifest) -> Result<()> {
    let refuse = |why: String| {
        Err(Error::new(ErrorKind::Input, OPEN, name, why)
            .hint("a bundle's files lie in its folder: export it again with `oasis export`"))
    };
    let (count, most) = (manifest.files.len(), limits::FILES);
    if count > most {
        return refuse(format!("found {count} files, expected at most {most}"));
    }
    for role in [Role::Encoder, Role::Quantizer, Role::Decoder] {
        if !manifest.files.contains_key(role.as_str()) {
            return refuse(format!("it lists no file of role `{role}`"));
        }
    }
    let mut seen = HashSet::new();
    for (role, entry) in &manifest.files {
        if !Role::from_name(role).is_plain() {
            return refuse(format!("found role `{role:.80}`, expected at most 64 letters, digits, `_` and `-`"));
        }
        if !is_plain(&entry.file) {
            return refuse(format!("file `{:.80}` of role `{role}` is not a plain file name", entry.file));
        }
        if !seen.insert(&entry.file) {
            return refuse(format!("file `{}` is there for two roles", entry.file));
        }
    }
    let claimed = manifest.files.values().try_fold(0_u64, |sum, entry| sum.checked_add(entry.bytes));
    match claimed.is_some_and(|sum| sum <= limits::BYTES) {
        true => Ok(()),
        false => refuse(format!("its files are larger than {} MiB together", limits::BYTES >> 20)),
    }
}

/// Whether a name is that of a file in the bundle's folder: no folder, nothing hidden, nothing that is not printed.
fn is_plain(file: &str) -> bool {
    let mut parts = Path::new(file).components();
    let one = matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == file);
    one && file.len() <= 255 && !file.starts_with('.') && !file.contains(|c: char| c.is_control() || c == '\\')
}

fn check_manifest(name: &str, manifest: &Manifest, files: &BTreeMap<Role, ModelFile>, sizes: Sizes) -> Result<()> {
    let told = |key| files[&Role::Encoder].model().property(key).unwrap_or_default().to_owned();
    let words = &manifest.condition;
    let vocabulary = format!(
        "{} slice positions, {} classes, {} and {} for any",
        words.slice_positions,
        words.classes.len(),
        words.slice_any,
        words.class_any
    );
    let checks = [
        ("run", manifest.run.clone(), told(keys::RUN)),
        ("image", format!("{:?}", manifest.image), format!("{:?}", IMAGE)),
        ("grid", format!("{:?}", manifest.grid), format!("{:?}", sizes.grid)),
        ("codebook_size", manifest.codebook_size.to_string(), sizes.codebook_size.to_string()),
        ("latent_dim", manifest.latent_dim.to_string(), sizes.latent_dim.to_string()),
        ("preprocessing", manifest.preprocessing.clone(), told(keys::PREPROCESSING)),
        ("condition", vocabulary, "32 slice positions, 3 classes, 32 and 3 for any".to_owned()),
    ];
    for (field, found, expected) in checks {
        if found != expected {
            let why = format!("found {field} {found:.200}, expected {expected:.200}");
            return Err(
                Error::new(ErrorKind::Model, OPEN, name, why).hint("export the bundle again with `oasis export`")
            );
        }
    }
    Ok(())
}

fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>> {
    fs::read(path, limit).map_err(|error| {
        let why = match error.kind() {
            std::io::ErrorKind::NotFound => "the file is missing".to_owned(),
            std::io::ErrorKind::FileTooLarge if !path.ends_with(MANIFEST) => {
                format!("found a size of more than {limit}, expected {limit} as bundle.json says")
            }
            _ => error.to_string(),
        };
        Error::input(OPEN, path, why)
            .caused_by(error)
            .hint("fetch or export the bundle again, or give another for `bundle`")
    })
}

#[cfg(feature = "bundled")]
mod embedded {
    use super::{Bundle, Bytes, Result};

    macro_rules! file {
        ($name:literal) => {
            ($name, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/onnx/", $name)).as_slice())
        };
    }

    const FILES: [(&str, &[u8]); 7] = [
        file!("bundle.json"),
        file!("encoder.onnx"),
        file!("quantizer.onnx"),
        file!("decoder.onnx"),
        file!("prior.onnx"),
        file!("prior_step_row.onnx"),
        file!("prior_step_code.onnx"),
    ];

    pub(super) fn open() -> Result<Bundle> {
        Bundle::from_files("embedded", &FILES.map(|(name, bytes)| (name, Bytes::from_static(bytes))))
    }
}

//! Files and folders that are either wholly there or not there at all.

mod folder;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

pub use folder::{check_free, write_folder};

use crate::{Error, ErrorKind, Result};

/// How the names of unfinished files and folders begin and end.
const PART: (&str, &str) = (".oasis-", ".part");

/// Whether a path is named as unfinished files and folders are.
pub fn is_part(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with(PART.0) && name.ends_with(PART.1))
}

/// A file being written, of which a reader sees nothing until [`Draft::finish`].
///
/// What is written goes to a temporary file in the folder of the path, which is removed where the draft is dropped
/// unfinished. A symbolic link is followed, and the file it names is replaced. A device or a pipe (`/dev/stdout`) is
/// written straight, since there is nothing to rename over.
pub struct Draft {
    path: PathBuf,
    writer: BufWriter<File>,
    /// What to rename, and over what; `None` for a device.
    rename: Option<(tempfile::TempPath, PathBuf)>,
}

impl Draft {
    /// Opens a draft of `path`.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] naming `path`: its folder is missing or read-only, or it is a folder itself.
    pub fn create(path: &Path) -> Result<Self> {
        let fail = |error: io::Error| explain(path, &error);
        let target = match std::fs::metadata(path) {
            Ok(found) if found.is_dir() => {
                return Err(Error::input("cannot write", path, "it is a folder").hint("name a file inside the folder"));
            }
            Ok(found) if !found.is_file() => {
                let file = File::options().write(true).open(path).map_err(fail)?;
                return Ok(Self { path: path.to_owned(), writer: BufWriter::new(file), rename: None });
            }
            Ok(_) => path.canonicalize().map_err(fail)?,
            Err(_) => path.to_path_buf(),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(PART.0).suffix(PART.1);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let (file, temporary) = builder.tempfile_in(parent(&target)).map_err(fail)?.into_parts();
        Ok(Self { path: path.to_owned(), writer: BufWriter::new(file), rename: Some((temporary, target)) })
    }

    /// Flushes what was written to the disk and puts it in the place of the path.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] naming the path, such as for a full disk. The path is then as it was.
    pub fn finish(self) -> Result<()> {
        let Self { path, mut writer, rename } = self;
        let fail = |error: io::Error| explain(&path, &error);
        writer.flush().map_err(fail)?;
        let Some((temporary, target)) = rename else {
            return Ok(());
        };
        let file = writer.into_inner().map_err(|error| fail(error.into_error()))?;
        file.sync_all().map_err(fail)?;
        drop(file);
        temporary.persist(&target).map_err(|error| fail(error.error))?;
        sync_folder(&parent(&target));
        Ok(())
    }

    /// The error for a failure to write to it.
    pub fn failed(&self, error: &io::Error) -> Error {
        explain(&self.path, error)
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Writes a file so that a reader sees the old one or the new one, never a part: `write` fills a [`Draft`] that is
/// then finished.
///
/// # Errors
/// Those of [`Draft::create`] and [`Draft::finish`], and [`ErrorKind::Input`] naming `path` where `write` fails.
pub fn write_atomic<F>(path: &Path, write: F) -> Result<()>
where
    F: FnOnce(&mut BufWriter<File>) -> io::Result<()>,
{
    let mut draft = Draft::create(path)?;
    write(&mut draft.writer).map_err(|error| explain(path, &error))?;
    draft.finish()
}

/// Makes `path` and every missing folder above it.
///
/// # Errors
/// [`ErrorKind::Input`] naming `path` when it cannot be made or is a file.
pub fn create_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|error| {
        let why = if path.exists() { "a file of that name is in the way".to_string() } else { error.to_string() };
        Error::input("cannot make folder", path, why).hint("choose another folder with --out")
    })
}

fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// The rename itself reaches the disk with the folder; where folders cannot be opened, the system does it in its time.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

fn explain(path: &Path, error: &io::Error) -> Error {
    let folder = parent(path);
    let (why, hint) = match error.kind() {
        io::ErrorKind::NotFound => (
            format!("the folder {} does not exist", folder.display()),
            format!("make it first: mkdir -p {}", folder.display()),
        ),
        io::ErrorKind::PermissionDenied => (
            format!("the folder {} cannot be written to", folder.display()),
            "choose another place with --out".to_string(),
        ),
        _ => (
            error.to_string(),
            "check the free space and the rights of the folder, or choose another with --out".to_string(),
        ),
    };
    Error::new(ErrorKind::Input, "cannot write", path.display(), why).hint(hint)
}

//! Files that are either wholly there or not there at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::{Error, ErrorKind, Result};

/// Writes a file so that a reader sees the old one or the new one, never a part.
///
/// `write` fills a temporary file in the folder of `path`; it is flushed to the disk and renamed over `path`. When
/// `write` or anything after it fails, the temporary file is removed and `path` is as it was. A symbolic link is
/// followed, and the file it names is replaced. A device or a pipe (`/dev/stdout`) is written straight, since there is
/// nothing to rename over.
///
/// # Errors
/// [`ErrorKind::Input`] naming `path`: its folder is missing or read-only, it is a folder itself, the disk is full, or
/// `write` failed.
pub fn write_atomic<F>(path: &Path, write: F) -> Result<()>
where
    F: FnOnce(&mut BufWriter<File>) -> io::Result<()>,
{
    let fail = |error: io::Error| explain(path, &error);
    let target = match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            return Err(Error::input("cannot write", path, "it is a folder").hint("name a file inside the folder"));
        }
        Ok(found) if !found.is_file() => return write_straight(path, write).map_err(fail),
        Ok(_) => path.canonicalize().map_err(fail)?,
        Err(_) => path.to_path_buf(),
    };
    let folder = parent(&target);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".oasis-").suffix(".part");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let temporary = builder.tempfile_in(&folder).map_err(fail)?;
    let (file, temporary) = temporary.into_parts();
    let mut writer = BufWriter::new(file);
    write(&mut writer).map_err(fail)?;
    let file = writer.into_inner().map_err(|error| fail(error.into_error()))?;
    file.sync_all().map_err(fail)?;
    drop(file);
    temporary.persist(&target).map_err(|error| fail(error.error))?;
    sync_folder(&folder);
    Ok(())
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

fn write_straight<F>(path: &Path, write: F) -> io::Result<()>
where
    F: FnOnce(&mut BufWriter<File>) -> io::Result<()>,
{
    let file = File::options().write(true).open(path)?;
    let mut writer = BufWriter::new(file);
    write(&mut writer)?;
    writer.flush()
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

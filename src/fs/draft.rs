//! Files that are either wholly there or not there at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::leftovers::{self, Unfinished};
use super::place::{parent, sync_folder};
use super::straight;
use crate::{Error, Result};

/// A file being written, of which a reader sees nothing until [`Draft::finish`].
///
/// What is written goes to a temporary file in the folder of the path, which is removed where the draft is dropped
/// unfinished. A device, a pipe or a descriptor (`/dev/stdout`) is written straight, since there is nothing to rename
/// over.
pub(crate) struct Draft {
    path: PathBuf,
    writer: BufWriter<File>,
    /// What to rename, and over what; `None` for what is written straight.
    rename: Option<(Unfinished<tempfile::TempPath>, PathBuf)>,
}

impl Draft {
    /// Opens a draft of a path that the user named. A symbolic link is followed, and the file it names is replaced; a
    /// device, a pipe with a reader, or a descriptor of this process is written straight.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] naming `path`: its folder is missing or read-only, or it is a folder, a disk, a socket or
    /// a pipe that nobody reads.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let fail = |error: io::Error| explain(path, error);
        if let Some(file) = straight::open(path).map_err(fail)? {
            return Ok(Self { path: path.to_owned(), writer: BufWriter::new(file), rename: None });
        }
        Self::over(path, if path.exists() { path.canonicalize().map_err(fail)? } else { path.to_owned() })
    }

    /// Opens a draft of a file that this program named, in a folder that the user named. Whatever has the name already,
    /// a symbolic link, a pipe or a device too, is replaced and never opened, so that nothing that was put into the folder
    /// leads out of it.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] naming `path`: its folder is missing or read-only, or a folder has its name.
    #[cfg(feature = "data")]
    pub(crate) fn inside(path: &Path) -> Result<Self> {
        if std::fs::symlink_metadata(path).is_ok_and(|found| found.is_dir()) {
            return Err(explain(path, io::ErrorKind::IsADirectory.into()));
        }
        Self::over(path, path.to_owned())
    }

    /// A draft that takes the place of `target`.
    fn over(path: &Path, target: PathBuf) -> Result<Self> {
        let (file, temporary) = leftovers::file(&parent(&target)).map_err(|error| explain(path, error))?;
        Ok(Self { path: path.to_owned(), writer: BufWriter::new(file), rename: Some((temporary, target)) })
    }

    /// Flushes what was written to the disk and puts it in the place of the path.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Input`] naming the path, such as for a full disk. The path is then as it was.
    pub(crate) fn finish(self) -> Result<()> {
        let Self { path, mut writer, rename } = self;
        let fail = |error: io::Error| explain(&path, error);
        writer.flush().map_err(fail)?;
        let Some((temporary, target)) = rename else {
            return Ok(());
        };
        let file = writer.into_inner().map_err(|error| fail(error.into_error()))?;
        file.sync_all().map_err(fail)?;
        // The file is closed, and its lock given up, once it is in its place.
        temporary.put(|temporary| temporary.persist(&target).map_err(|error| fail(error.error)))?;
        drop(file);
        sync_folder(&parent(&target));
        Ok(())
    }

    /// The error for a failure to write to it.
    #[cfg(feature = "data")]
    pub(crate) fn failed(&self, error: io::Error) -> Error {
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

/// Writes a file that the user named so that a reader sees the old one or the new one, never a part: `write` fills a
/// [`Draft`] that is then finished.
///
/// # Errors
/// Those of [`Draft::create`] and [`Draft::finish`], and [`crate::ErrorKind::Input`] naming `path` where `write` fails.
pub(crate) fn write_atomic<F>(path: &Path, write: F) -> Result<()>
where
    F: FnOnce(&mut BufWriter<File>) -> io::Result<()>,
{
    fill(Draft::create(path)?, write)
}

/// [`write_atomic`] for a file that this program named, in a folder that the user named ([`Draft::inside`]).
///
/// # Errors
/// Those of [`Draft::inside`] and [`Draft::finish`], and [`crate::ErrorKind::Input`] naming `path` where `write` fails.
#[cfg(feature = "data")]
pub(crate) fn write_inside<F>(path: &Path, write: F) -> Result<()>
where
    F: FnOnce(&mut BufWriter<File>) -> io::Result<()>,
{
    fill(Draft::inside(path)?, write)
}

fn fill<F>(mut draft: Draft, write: F) -> Result<()>
where
    F: FnOnce(&mut BufWriter<File>) -> io::Result<()>,
{
    write(&mut draft.writer).map_err(|error| explain(&draft.path, error))?;
    draft.finish()
}

/// The error for a failure to write to `path`.
fn explain(path: &Path, error: io::Error) -> Error {
    let folder = parent(path);
    let (why, hint) = match error.kind() {
        io::ErrorKind::NotFound => (
            format!("the folder {} does not exist", folder.display()),
            format!("make it first: mkdir -p {}", folder.display()),
        ),
        io::ErrorKind::PermissionDenied => {
            (format!("the folder {} cannot be written to", folder.display()), "choose another place for it".to_owned())
        }
        io::ErrorKind::IsADirectory => ("it is a folder".to_owned(), "name a file inside the folder".to_owned()),
        // What cannot be written to, in words of this program.
        io::ErrorKind::InvalidInput => (error.to_string(), "name a file, which is made or replaced".to_owned()),
        _ => (
            error.to_string(),
            "check the free space and the rights of the folder, or choose another place for it".to_owned(),
        ),
    };
    Error::input("cannot write", path, why).hint(hint).caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::place::create_folder;

    fn entries(folder: &Path) -> usize {
        std::fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        write_atomic(&path, |file| file.write_all(b"old")).unwrap();
        let error = write_atomic(&path, |file| {
            file.write_all(&[b'x'; 100_000])?;
            Err(io::Error::other("no more"))
        })
        .unwrap_err();
        assert_eq!(error.message(), format!("cannot write: {}: no more", path.display()));
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "no more");
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(entries(folder.path()), 1);
        write_atomic(&path, |file| file.write_all(b"new")).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(entries(folder.path()), 1);
    }

    #[test]
    fn a_panic_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        let caught = std::panic::catch_unwind(|| write_atomic(&path, |_| panic!("in the middle")));
        assert!(caught.is_err());
        assert_eq!(entries(folder.path()), 0);
    }

    #[test]
    fn places_that_cannot_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let none = folder.path().join("none");
        let error = write_atomic(&none.join("a.png"), |_| Ok(())).unwrap_err();
        assert_eq!(error.why(), format!("the folder {} does not exist", none.display()));
        assert_eq!(error.hints(), [format!("make it first: mkdir -p {}", none.display())]);
        let error = write_atomic(folder.path(), |_| Ok(())).unwrap_err();
        assert_eq!(error.why(), "it is a folder, expected a file");
        assert_eq!(error.hints(), ["name a file, which is made or replaced"]);
        let file = folder.path().join("file");
        std::fs::write(&file, "x").unwrap();
        assert_eq!(create_folder(&file).unwrap_err().why(), "a file of that name is in the way");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_devices_written_straight() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        write_atomic(&real, |file| file.write_all(b"old")).unwrap();
        let mode = std::fs::metadata(&real).unwrap().permissions().mode();
        assert_ne!(mode & 0o044, 0, "others may read it, as the umask allows");
        std::os::unix::fs::symlink(&real, &link).unwrap();
        write_atomic(&link, |file| file.write_all(b"new")).unwrap();
        assert_eq!(std::fs::read(&real).unwrap(), b"new");
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        write_atomic(Path::new("/dev/null"), |file| file.write_all(b"gone")).unwrap();
        assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    }

    #[cfg(all(unix, feature = "data"))]
    #[test]
    fn what_lies_in_a_folder_is_replaced_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("outside"), "kept").unwrap();
        std::os::unix::fs::symlink(at("outside"), at("link")).unwrap();
        std::os::unix::fs::symlink(at("nothing"), at("broken")).unwrap();
        std::os::unix::fs::symlink("loop", at("loop")).unwrap();
        let pipe = std::ffi::CString::new(at("pipe").to_str().unwrap()).unwrap();
        // SAFETY: `pipe` is a string that ends with a zero byte.
        assert_eq!(unsafe { libc::mkfifo(pipe.as_ptr(), 0o600) }, 0);
        for name in ["link", "broken", "loop", "pipe", "new"] {
            write_inside(&at(name), |file| file.write_all(name.as_bytes())).unwrap();
            assert!(std::fs::symlink_metadata(at(name)).unwrap().is_file(), "{name}");
            assert_eq!(std::fs::read(at(name)).unwrap(), name.as_bytes());
        }
        assert_eq!(std::fs::read(at("outside")).unwrap(), b"kept");
        assert!(!at("nothing").exists());
        std::fs::create_dir(at("folder")).unwrap();
        assert_eq!(write_inside(&at("folder"), |_| Ok(())).unwrap_err().why(), "it is a folder");
        assert_eq!(entries(folder.path()), 7);
    }
}

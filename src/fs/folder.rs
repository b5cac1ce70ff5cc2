//! Folders that are either whole or not there at all.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use super::leftovers::{self, Unfinished};
use super::place::{create_folder, is_part, parent, sync_folder};
use crate::{Error, Result};

/// A hidden folder that is filled, and whose files are then moved out of it; removed where it is dropped.
#[derive(Debug)]
pub(crate) struct Staging {
    held: Unfinished<tempfile::TempDir>,
    /// Held as long as the folder.
    _lock: Option<File>,
}

impl Staging {
    /// A staging folder inside `folder`, which is cleaned of those that dead processes have left.
    ///
    /// # Errors
    /// Those of the system.
    pub fn inside(folder: &Path) -> io::Result<Self> {
        let (lock, held) = leftovers::folder(folder)?;
        Ok(Self { held, _lock: lock })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        self.held.path()
    }

    /// Writes a file of it, flushed to the disk.
    ///
    /// # Errors
    /// Those of the system.
    pub fn write(&self, below: &str, bytes: &[u8]) -> io::Result<()> {
        write_synced(&self.path().join(below), bytes)
    }

    /// Moves its files to their places by `place`, which is given where it lies. A process that is ended at once ends
    /// before that or after it.
    ///
    /// # Errors
    /// That of `place`.
    pub fn put<E>(self, place: impl FnOnce(&Path) -> Result<(), E>) -> Result<(), E> {
        self.held.put(|held| place(held.path()))
    }
}

/// Writes a file and flushes it to the disk.
///
/// # Errors
/// Those of the system.
pub(crate) fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes the folder `path` with all that `write` puts into it, or nothing at all.
///
/// `write` fills a temporary folder beside `path`, flushing its files to the disk itself; the folder is then renamed to
/// `path`. When `write` or anything after it fails, the temporary folder is removed and `path` is as it was. Missing
/// folders above `path` are made.
///
/// # Errors
/// Those of [`check_free`] and of `write`; [`crate::ErrorKind::Input`] naming `path` where it cannot be made.
pub(crate) fn write_folder<T, F>(path: &Path, write: F) -> Result<T>
where
    F: FnOnce(&Path) -> Result<T>,
{
    check_free(path)?;
    let fail = |error: io::Error| not_free(path, &error).caused_by(error);
    let target = if path.exists() { path.canonicalize().map_err(fail)? } else { path.to_path_buf() };
    let folder = parent(&target);
    create_folder(&folder)?;
    let temporary = Staging::inside(&folder).map_err(fail)?;
    // The temporary folder itself is closed to other users, and a renamed folder keeps its rights.
    let staged = temporary.path().join("folder");
    std::fs::create_dir(&staged).map_err(fail)?;
    let written = write(&staged)?;
    sync_folder(&staged);
    temporary.put(|temporary| std::fs::rename(temporary.join("folder"), &target).map_err(fail))?;
    sync_folder(&folder);
    Ok(written)
}

/// Checks that `path` can become a folder of its own: nothing is there, or an empty folder.
///
/// # Errors
/// [`crate::ErrorKind::Input`] naming `path`: a file is there, or a folder that holds something or cannot be listed.
pub(crate) fn check_free(path: &Path) -> Result<()> {
    match std::fs::metadata(path) {
        Err(_) => Ok(()),
        Ok(found) if !found.is_dir() => Err(not_free(path, "a file of that name is in the way")),
        Ok(_) => match std::fs::read_dir(path) {
            Err(error) => Err(not_free(path, &error).caused_by(error)),
            Ok(mut entries) => match entries.next() {
                Some(_) => Err(not_free(path, "the folder is not empty")),
                None => Ok(()),
            },
        },
    }
}

/// Whether a folder holds anything but what processes, dead ones mostly, have in work in it: unfinished files and folders,
/// and beside them files that are `moved` out of these.
///
/// # Errors
/// Those of the system, where it cannot be listed.
pub(crate) fn holds_something(folder: &Path, moved: &dyn Fn(&Path) -> bool) -> io::Result<bool> {
    let (mut in_work, mut files) = (false, false);
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        match is_part(&path) {
            true => in_work = true,
            false if moved(&path) => files = true,
            false => return Ok(true),
        }
    }
    Ok(files && !in_work)
}

fn not_free(path: &Path, why: impl Display) -> Error {
    Error::input("cannot write folder", path, why).hint("choose a folder for `out` that does not exist yet")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::fs::draft::write_atomic;

    #[test]
    fn a_folder_appears_whole_or_not_at_all() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("above/out");
        let fill = |folder: &Path| write_atomic(&folder.join("a"), |file| file.write_all(b"a"));
        let error = write_folder(&out, |folder| {
            fill(folder)?;
            Err::<(), _>(Error::input("cannot write", &out, "no more"))
        })
        .unwrap_err();
        assert_eq!(error.why(), "no more");
        assert_eq!(std::fs::read_dir(place.path().join("above")).unwrap().count(), 0);
        write_folder(&out, fill).unwrap();
        assert_eq!(std::fs::read(out.join("a")).unwrap(), b"a");
        assert_eq!(write_folder(&out, fill).unwrap_err().why(), "the folder is not empty");
        assert_eq!(check_free(&out.join("a")).unwrap_err().why(), "a file of that name is in the way");
        check_free(&place.path().join("none")).unwrap();
    }

    #[test]
    fn what_is_in_work_is_nothing() {
        let place = tempfile::tempdir().unwrap();
        let holds = |moved: bool| holds_something(place.path(), &|_| moved).unwrap();
        let make = |name: &str| std::fs::write(place.path().join(name), "").unwrap();
        assert!(!holds(false));
        make("a.onnx");
        assert!(holds(true) && holds(false));
        make(".oasis-1.part");
        assert!(!holds(true) && holds(false));
    }
}

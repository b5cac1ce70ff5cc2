//! Files and folders in work: held by a lock, removed where their process ends without it.
//!
//! What is written lies under a temporary name until it is whole. While its process lives, it holds a lock on it, which
//! the system takes away however the process ends. So what nobody holds is left over, and the next process that writes
//! into the folder removes it. Where the file system has no locks, leftovers stay.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use super::place::{PART, is_part};

/// How often a new file is made again because another process took it for a leftover.
const TRIES: usize = 100;

/// What this process has in work, and the folders that it has cleaned.
#[derive(Default)]
struct Ours {
    unfinished: BTreeSet<PathBuf>,
    cleaned: BTreeSet<PathBuf>,
}

static OURS: Mutex<Ours> = Mutex::new(Ours { unfinished: BTreeSet::new(), cleaned: BTreeSet::new() });

fn ours() -> MutexGuard<'static, Ours> {
    OURS.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// A file or folder under a temporary name, removed where it is dropped before it is put in its place.
#[derive(Debug)]
pub(super) struct Unfinished<T> {
    /// `None` once it is in its place.
    held: Option<T>,
    path: PathBuf,
}

/// How the temporary names begin and end.
fn named() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PART.0).suffix(PART.1);
    builder
}

/// Makes a file in `folder`; with what to write it by.
///
/// # Errors
/// Those of the system.
#[cfg(any(feature = "data", feature = "export"))]
pub(super) fn file(folder: &Path) -> io::Result<(File, Unfinished<tempfile::TempPath>)> {
    #[cfg_attr(not(unix), allow(unused_mut))]
    let mut builder = named();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let (file, unfinished) = begin(folder, |folder| {
        let (file, path) = builder.tempfile_in(folder)?.into_parts();
        Ok((Some(file), path.to_path_buf(), path))
    })?;
    Ok((file.expect("it is made with the file"), unfinished))
}

/// Makes a folder in `folder`; with its lock, which is to live as long, where folders can be locked.
///
/// # Errors
/// Those of the system.
#[cfg(feature = "runtime")]
pub(super) fn folder(folder: &Path) -> io::Result<(Option<File>, Unfinished<tempfile::TempDir>)> {
    begin(folder, |folder| {
        let made = named().tempdir_in(folder)?;
        let lock = if cfg!(unix) { Some(File::open(made.path())?) } else { None };
        Ok((lock, made.path().to_path_buf(), made))
    })
}

/// Cleans `folder`, then makes something in it and takes its lock.
fn begin<T>(
    folder: &Path,
    make: impl Fn(&Path) -> io::Result<(Option<File>, PathBuf, T)>,
) -> io::Result<(Option<File>, Unfinished<T>)> {
    let mut ours = ours();
    if ours.cleaned.insert(folder.to_path_buf()) {
        clean(folder);
    }
    for _ in 0..TRIES {
        let (file, path, held) = make(folder)?;
        let ours_now = |file: &File| !matches!(file.try_lock(), Err(TryLockError::WouldBlock)) && is_at(file, &path);
        if file.as_ref().is_none_or(ours_now) {
            ours.unfinished.insert(path.clone());
            return Ok((file, Unfinished { held: Some(held), path }));
        }
    }
    Err(io::Error::other("another process removes every temporary file"))
}

impl<T> Unfinished<T> {
    /// Where it lies.
    #[cfg(any(feature = "runtime", test))]
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts it in its place by `place`; a process that ends at once ends before that or after it.
    ///
    /// # Errors
    /// That of `place`.
    pub(super) fn put<E>(mut self, place: impl FnOnce(T) -> Result<(), E>) -> Result<(), E> {
        let mut ours = ours();
        let placed = place(self.held.take().expect("it is put in its place once"));
        ours.unfinished.remove(&self.path);
        placed
    }
}

impl<T> Drop for Unfinished<T> {
    fn drop(&mut self) {
        if let Some(held) = self.held.take() {
            let mut ours = ours();
            drop(held);
            ours.unfinished.remove(&self.path);
        }
    }
}

/// Removes the temporary files and folders that this process is writing, and lets no thread begin or finish another: for
/// a program that is about to end at once.
#[cfg(feature = "data")]
pub fn discard_unfinished() {
    use std::sync::TryLockError as Locked;
    use std::time::{Duration, Instant};
    // How long a file that is being put in its place is waited for.
    const PATIENCE: Duration = Duration::from_millis(500);
    let started = Instant::now();
    let ours = loop {
        match OURS.try_lock() {
            Ok(ours) => break Some(ours),
            Err(Locked::Poisoned(poisoned)) => break Some(poisoned.into_inner()),
            Err(Locked::WouldBlock) if started.elapsed() > PATIENCE => break None,
            Err(Locked::WouldBlock) => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    let Some(ours) = ours else {
        return;
    };
    for path in &ours.unfinished {
        // A thread that is still writing into a folder finds it gone, and puts nothing new where it is being emptied.
        let gone = path.with_extension("gone.part");
        let _ = match std::fs::remove_file(path) {
            Err(_) if std::fs::rename(path, &gone).is_ok() => std::fs::remove_dir_all(&gone),
            removed => removed,
        };
    }
    std::mem::forget(ours);
}

/// Removes what dead processes have left in `folder`. What cannot be removed stays.
fn clean(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| is_part(path)) {
        let _ = remove_dead(&path);
    }
}

/// Removes a temporary file or folder that no process holds.
fn remove_dead(path: &Path) -> io::Result<()> {
    let kind = std::fs::symlink_metadata(path)?.file_type();
    let removable = kind.is_file() || (kind.is_dir() && cfg!(unix));
    if !removable {
        return Ok(());
    }
    let mut options = File::options();
    options.read(true).write(kind.is_file());
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK | libc::O_NOFOLLOW);
    let file = options.open(path)?;
    file.try_lock()?;
    if !is_at(&file, path) {
        return Ok(());
    }
    if kind.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }
}

/// Whether `path` names the open file, rather than another one that took its place.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let (Ok(open), Ok(named)) = (file.metadata(), std::fs::symlink_metadata(path)) else {
            return false;
        };
        (open.dev(), open.ino()) == (named.dev(), named.ino())
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        path.exists()
    }
}

#[cfg(all(test, any(feature = "data", feature = "export")))]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_holds_is_removed_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        for name in [".oasis-dead.part", "a.png", ".oasis-other.txt"] {
            std::fs::write(at(name), "x").unwrap();
        }
        std::fs::create_dir_all(at(".oasis-folder.part/folder")).unwrap();
        std::fs::write(at(".oasis-folder.part/folder/a"), "x").unwrap();
        let live = File::create(at(".oasis-live.part")).unwrap();
        live.try_lock().unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(at("a.png"), at(".oasis-link.part")).unwrap();
        let (_file, unfinished) = file(place.path()).unwrap();
        assert!(!at(".oasis-dead.part").exists() && !at(".oasis-folder.part").exists());
        for name in ["a.png", ".oasis-other.txt", ".oasis-live.part"] {
            assert!(at(name).is_file(), "{name}");
        }
        #[cfg(unix)]
        assert!(at(".oasis-link.part").is_symlink());
        // A folder is cleaned once, and its files are not taken for leftovers by others.
        assert!(remove_dead(unfinished.path()).is_err());
        assert!(unfinished.path().is_file());
        let path = unfinished.path().to_path_buf();
        drop(unfinished);
        assert!(!path.exists());
        drop(live);
        remove_dead(&at(".oasis-live.part")).unwrap();
        assert!(!at(".oasis-live.part").exists());
    }

    #[cfg(feature = "runtime")]
    #[test]
    fn folders_are_held_too() {
        let place = tempfile::tempdir().unwrap();
        let (lock, unfinished) = folder(place.path()).unwrap();
        assert!(remove_dead(unfinished.path()).is_err());
        drop(lock);
        remove_dead(unfinished.path()).unwrap();
        assert!(!unfinished.path().exists());
    }
}

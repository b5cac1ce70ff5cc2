//! Where files and folders are written, and how unfinished ones are named.

use std::fs::File;
use std::path::{Path, PathBuf};

#[cfg(any(feature = "runtime", test))]
use crate::{Error, Result};

/// How the names of unfinished files and folders begin and end.
pub(super) const PART: (&str, &str) = (".oasis-", ".part");

/// Whether a path is named as unfinished files and folders are.
pub(super) fn is_part(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with(PART.0) && name.ends_with(PART.1))
}

/// Makes `path` and every missing folder above it.
///
/// # Errors
/// [`crate::ErrorKind::Input`] naming `path` when it cannot be made or is a file.
#[cfg(any(feature = "runtime", test))]
pub(crate) fn create_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|error| {
        let why = if path.exists() { "a file of that name is in the way".to_owned() } else { error.to_string() };
        Error::input("cannot make folder", path, why).caused_by(error).hint("choose another folder for `out`")
    })
}

/// Makes the folder `below`, a relative path that this program named, in the folder `root`, which is there. A link in the way is refused,
/// so that nothing that was put into `root` leads out of it.
///
/// # Errors
/// [`crate::ErrorKind::Input`] naming the folder that cannot be made, or what is in its way.
#[cfg(feature = "data")]
pub(crate) fn create_folder_inside(root: &Path, below: &Path) -> Result<()> {
    let mut folder = root.to_path_buf();
    for part in below.components() {
        folder.push(part);
        let there = match std::fs::create_dir(&folder) {
            Ok(()) => continue,
            Err(_) => std::fs::symlink_metadata(&folder),
        };
        let why = match there {
            Ok(found) if found.is_dir() => continue,
            Ok(found) if found.is_symlink() => "a link of that name is in the way".to_owned(),
            Ok(_) => "a file of that name is in the way".to_owned(),
            Err(error) => error.to_string(),
        };
        return Err(Error::input("cannot make folder", &folder, why).hint("choose another folder for `out`"));
    }
    Ok(())
}

/// The folder that holds `path`.
pub(super) fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// Makes a rename within `folder` durable, where the system lets a folder be opened.
pub(crate) fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(all(test, unix, feature = "data"))]
mod tests {
    use super::*;

    #[test]
    fn folders_are_not_made_through_links() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        std::fs::create_dir(at("outside")).unwrap();
        create_folder(&at("out")).unwrap();
        create_folder_inside(&at("out"), Path::new("a/b")).unwrap();
        create_folder_inside(&at("out"), Path::new("a/b")).unwrap();
        assert!(at("out/a/b").is_dir());
        std::os::unix::fs::symlink(at("outside"), at("out/link")).unwrap();
        std::fs::write(at("out/file"), "").unwrap();
        for (below, why) in
            [("link/b", "a link of that name is in the way"), ("file/b", "a file of that name is in the way")]
        {
            assert_eq!(create_folder_inside(&at("out"), Path::new(below)).unwrap_err().why(), why);
        }
        assert_eq!(std::fs::read_dir(at("outside")).unwrap().count(), 0);
        // The folder that the user named may be a link.
        std::os::unix::fs::symlink(at("outside"), at("named")).unwrap();
        create_folder_inside(&at("named"), Path::new("a")).unwrap();
        assert!(at("outside/a").is_dir());
    }
}

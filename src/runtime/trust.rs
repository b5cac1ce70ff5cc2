//! Who can change a file that code is taken from.

use crate::plain::spell;
use std::path::{Path, PathBuf};

/// The file itself, links followed, where only people who are trusted anyway can change it: the file and every folder
/// above it belong to the administrator, to the user who runs this or to the owner of this program, and not everyone may
/// write to them. (A folder that everyone may write to but in which nobody may remove what is another's, such as `/tmp`,
/// is accepted: what is in it has an owner of its own.)
///
/// # Errors
/// What is not so, or why it cannot be told, in words that follow a path.
pub(super) fn real(path: &Path) -> Result<PathBuf, String> {
    let real = path.canonicalize().map_err(|why| why.to_string())?;
    check(&real)?;
    Ok(real)
}

#[cfg(unix)]
fn check(real: &Path) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt;

    const EVERYONE_WRITES: u32 = 0o002;
    const STICKY: u32 = 0o1000;

    let owners = owners();
    for part in real.ancestors() {
        let found = part.symlink_metadata().map_err(|why| format!("{}: {why}", spell(part)))?;
        if !owners.contains(&found.uid()) {
            let expected = "expected the administrator, the user who runs this or the owner of this program";
            return Err(format!("{} belongs to user {}, {expected}", spell(part), found.uid()));
        }
        if found.mode() & EVERYONE_WRITES != 0 && !(found.is_dir() && found.mode() & STICKY != 0) {
            return Err(format!("everyone may write to {}", spell(part)));
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn check(_: &Path) -> Result<(), String> {
    Ok(())
}

/// The users who are trusted with code: the administrator, the one who runs this, and the owner of this program, who can
/// put any code into it.
#[cfg(unix)]
fn owners() -> Vec<u32> {
    use std::os::unix::fs::MetadataExt;

    // SAFETY: the call has no conditions and cannot fail.
    let user = unsafe { libc::geteuid() };
    let program = std::env::current_exe().and_then(|path| path.metadata()).ok().map(|found| found.uid());
    [0, user].into_iter().chain(program).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    use super::real;

    #[test]
    fn what_everyone_may_write_to_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (inner, file) = (folder.path().join("inner"), folder.path().join("inner/file"));
        fs::create_dir(&inner).unwrap();
        fs::write(&file, "").unwrap();
        let with = |of: &std::path::Path, mode| {
            fs::set_permissions(of, Permissions::from_mode(mode)).unwrap();
            real(&file)
        };
        let expected = file.canonicalize().unwrap();
        assert_eq!(with(&file, 0o664).unwrap(), expected);
        assert!(with(&file, 0o666).unwrap_err().contains("everyone may write to"));
        assert!(with(&file, 0o600).is_ok());
        assert!(with(&inner, 0o777).unwrap_err().ends_with("inner"));
        assert!(with(&inner, 0o1777).is_ok(), "as /tmp");
        assert!(with(&inner, 0o755).is_ok());

        let link = folder.path().join("link");
        symlink(&file, &link).unwrap();
        assert_eq!(real(&link).unwrap(), expected);
        assert!(real(&folder.path().join("none")).is_err());
    }

    /// Only the administrator can give a file away.
    #[test]
    fn what_belongs_to_others_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        if chown(&file, Some(54_321), None).is_err() {
            eprintln!("SKIPPED: this user cannot give files away");
            return;
        }
        assert!(real(&file).unwrap_err().contains("belongs to user 54321"));
    }
}

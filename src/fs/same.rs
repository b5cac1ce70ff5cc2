//! Which file a path names, whatever its name.

use std::path::Path;

/// A file, the same for every path that leads to it: links, hard links, `./a` and `a`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Identity(#[cfg(unix)] (u64, u64), #[cfg(not(unix))] std::path::PathBuf);

/// The file that a path names; `None` where there is none.
pub(crate) fn identity(path: &Path) -> Option<Identity> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let found = std::fs::metadata(path).ok()?;
        Some(Identity((found.dev(), found.ino())))
    }
    #[cfg(not(unix))]
    path.canonicalize().ok().map(Identity)
}

/// Whether a path leads to one of the files that others lead to.
pub(crate) fn is_one_of<'a>(path: &Path, mut others: impl Iterator<Item = &'a Path>) -> bool {
    identity(path).is_some_and(|there| others.any(|other| identity(other).as_ref() == Some(&there)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_one_by_whatever_path() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("a"), "x").unwrap();
        std::fs::write(at("b"), "x").unwrap();
        std::fs::hard_link(at("a"), at("hard")).unwrap();
        assert_eq!(identity(&at("./a")), identity(&at("a")));
        assert_ne!(identity(&at("b")), identity(&at("a")));
        assert_eq!(identity(&at("none")), None);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(at("a"), at("link")).unwrap();
            assert_eq!(identity(&at("link")), identity(&at("a")));
            assert_eq!(identity(&at("hard")), identity(&at("a")));
        }
    }
}

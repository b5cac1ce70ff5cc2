//! Writing where there is nothing to rename over: devices, pipes, and descriptors that this process was given.

use std::fs::File;
use std::io;
use std::path::Path;

use super::read::kind;

/// Opens the device, the pipe or the descriptor that `path` names, to write straight into it; `None` where there is a
/// regular file, or nothing.
///
/// Nothing is waited for: a pipe that nobody reads is an error. Once it is open, a pipe takes what its reader takes.
///
/// # Errors
/// Those of the system; in words that follow a path for a folder, a disk, a socket, and a pipe without a reader.
pub(super) fn open(path: &Path) -> io::Result<Option<File>> {
    #[cfg(unix)]
    if let Some(descriptor) = descriptor(path) {
        return clone_of(descriptor).map(Some);
    }
    let found = match std::fs::metadata(path) {
        Ok(found) => kind(&found),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let refused = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, format!("it is {found}, {why}")));
    match found {
        "a file" => Ok(None),
        "a folder" => refused("expected a file"),
        "a pipe" | "a device" => match open_now(path) {
            #[cfg(unix)]
            Err(error) if found == "a pipe" && error.raw_os_error() == Some(libc::ENXIO) => {
                refused("and nobody reads it: start its reader first")
            }
            Ok(file) if kind(&file.metadata()?) != found => refused("and changed while it was opened"),
            opened => opened.map(Some),
        },
        _ => refused("expected a file, a pipe or a device such as /dev/null"),
    }
}

/// Opens to write without waiting for a reader or a line; later writes wait.
fn open_now(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK | libc::O_NOCTTY);
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::fd::AsRawFd;
        // SAFETY: the descriptor is that of `file`, which is open.
        let flags = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_GETFL) };
        // SAFETY: as above; the flags are those it had, but one.
        if flags < 0 || unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETFL, flags & !libc::O_NONBLOCK) } < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(file)
}

/// The descriptor of this process that a path names: `/dev/stdout`, `/dev/stderr`, `/dev/fd/N`, `/proc/self/fd/N`.
#[cfg(unix)]
fn descriptor(path: &Path) -> Option<i32> {
    let path = path.to_str()?;
    let number = match path {
        "/dev/stdout" => return Some(1),
        "/dev/stderr" => return Some(2),
        _ => path.strip_prefix("/dev/fd/").or_else(|| path.strip_prefix("/proc/self/fd/"))?,
    };
    number.parse().ok().filter(|number| *number >= 0)
}

/// Another descriptor of what an open one writes to, at the same place in it.
///
/// A descriptor keeps what was written to it before, and a file that the shell has opened for it stays that file.
#[cfg(unix)]
fn clone_of(descriptor: i32) -> io::Result<File> {
    use std::os::fd::FromRawFd;
    // SAFETY: the system answers with an error where the descriptor is not open.
    let cloned = unsafe { libc::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, 3) };
    if cloned < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor was just made, and nobody else has it.
    Ok(unsafe { File::from_raw_fd(cloned) })
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::{Read, Write};
    use std::os::fd::AsRawFd;

    use super::*;

    #[test]
    fn pipes_devices_and_descriptors() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        assert!(open(&at("nothing")).unwrap().is_none());
        std::fs::write(at("file"), "old").unwrap();
        assert!(open(&at("file")).unwrap().is_none());
        assert_eq!(open(folder.path()).unwrap_err().to_string(), "it is a folder, expected a file");
        open(Path::new("/dev/null")).unwrap().unwrap().write_all(b"gone").unwrap();
        let pipe = at("pipe");
        let name = std::ffi::CString::new(pipe.to_str().unwrap()).unwrap();
        // SAFETY: `name` is a string that ends with a zero byte.
        assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
        let why = "it is a pipe, and nobody reads it: start its reader first";
        assert_eq!(open(&pipe).unwrap_err().to_string(), why);
        // Opened for both, so that nothing is waited for.
        let mut reader = File::options().read(true).write(true).open(&pipe).unwrap();
        open(&pipe).unwrap().unwrap().write_all(b"through").unwrap();
        let mut seven = [0; 7];
        reader.read_exact(&mut seven).unwrap();
        assert_eq!(&seven, b"through");
        let _listener = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        let why = "it is a socket, expected a file, a pipe or a device such as /dev/null";
        assert_eq!(open(&at("socket")).unwrap_err().to_string(), why);
        std::os::unix::fs::symlink("loop", at("loop")).unwrap();
        assert!(open(&at("loop")).is_err());
        let mut file = File::options().append(true).open(at("file")).unwrap();
        file.write_all(b" and ").unwrap();
        let given = format!("/proc/self/fd/{}", file.as_raw_fd());
        open(Path::new(&given)).unwrap().unwrap().write_all(b"new").unwrap();
        assert_eq!(std::fs::read(at("file")).unwrap(), b"old and new");
        assert!(open(Path::new("/dev/fd/1000000")).is_err());
    }
}

//! Reading files that come from anywhere: never waiting, never more than was asked for.

use std::fs::Metadata;
#[cfg(any(feature = "runtime", test))]
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// Opens a regular file to read. A pipe, a device, a socket or a folder is refused, and never waited for.
///
/// # Errors
/// Those of the system; [`io::ErrorKind::InvalidInput`] for what is no regular file, in words that follow a path.
#[cfg(any(feature = "runtime", test))]
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    // A pipe without a writer is opened at once instead of waited for, and no terminal becomes that of this process.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK | libc::O_NOCTTY);
    let file = options.open(path)?;
    match kind(&file.metadata()?) {
        "a file" => Ok(file),
        other => Err(io::Error::new(io::ErrorKind::InvalidInput, format!("it is {other}, expected a file"))),
    }
}

/// Reads a regular file of at most `limit` bytes whole, even while it grows.
///
/// # Errors
/// Those of [`open`]; [`io::ErrorKind::FileTooLarge`] for a file of more bytes, in words that follow a path.
#[cfg(any(feature = "runtime", test))]
pub(crate) fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_opened(open(path)?, limit)
}

/// [`read`] of a file that is open already.
///
/// # Errors
/// Those of [`read`].
#[cfg(any(feature = "runtime", test))]
pub(crate) fn read_opened(file: File, limit: u64) -> io::Result<Vec<u8>> {
    let too_large = || {
        let limit = if limit >= 1 << 20 { format!("{} MiB", limit >> 20) } else { format!("{} KiB", limit >> 10) };
        io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {limit}"))
    };
    let length = file.metadata()?.len();
    if length > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    bytes.try_reserve(length as usize).map_err(io::Error::other)?;
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(bytes) }
}

/// Reads a regular file of text of at most `limit` bytes whole.
///
/// # Errors
/// Those of [`read`]; [`io::ErrorKind::InvalidData`] for what is no UTF-8, in words that follow a path.
#[cfg(feature = "train")]
pub(crate) fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    String::from_utf8(read(path, limit)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is no text, expected UTF-8"))
}

/// What sort of thing a path names, in words: `a file`, `a folder`, `a pipe`, `a socket`, `a disk`, `a device`.
pub(super) fn kind(found: &Metadata) -> &'static str {
    let kind = found.file_type();
    if kind.is_file() {
        return "a file";
    }
    if kind.is_dir() {
        return "a folder";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return "a pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_block_device() {
            return "a disk";
        }
    }
    "a device"
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_up_to_a_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, [7; 2048]).unwrap();
        assert_eq!(read(&path, 2048).unwrap(), [7; 2048]);
        let error = read(&path, 2047).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (io::ErrorKind::FileTooLarge, "it is larger than 1 KiB")
        );
        // A hole of a terabyte costs nothing.
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert_eq!(read(&path, 256 << 20).unwrap_err().to_string(), "it is larger than 256 MiB");
        assert_eq!(read(&folder.path().join("none"), 1).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |path: &Path| read(path, 1 << 20).unwrap_err().to_string();
        assert_eq!(refused(folder.path()), "it is a folder, expected a file");
        assert_eq!(refused(Path::new("/dev/zero")), "it is a device, expected a file");
        let pipe = folder.path().join("pipe");
        let name = std::ffi::CString::new(pipe.to_str().unwrap()).unwrap();
        // SAFETY: `name` is a string that ends with a zero byte.
        assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
        assert_eq!(refused(&pipe), "it is a pipe, expected a file");
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert!(read(&socket, 1).is_err());
    }
}

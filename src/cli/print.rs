//! The one place that writes to stdout and stderr.
//!
//! Everything passes through [`Plain`], so that no name, argument or text of a file makes a line of its own. A stream that
//! cannot be written never ends the work: what is lost on stderr is lost, and stdout is an error once the work is done.

use std::fmt::{self, Display};
use std::io::{self, Write};

use oasis::{Error, ErrorKind, Plain, unseen};
use serde::Serialize;
use serde_json::ser::Formatter;

const PRINT: &str = "cannot print the result";

/// Text for stdout, a line at a time: only its own lines break it.
#[derive(Debug, Default)]
pub struct Lines(String);

impl Lines {
    /// One line.
    pub fn one(line: impl Display) -> Self {
        let mut lines = Self::default();
        lines.add(line);
        lines
    }

    /// The lines of a text that holds nothing from outside.
    pub fn of(text: &str) -> Self {
        let mut lines = Self::default();
        text.lines().for_each(|line| lines.add(line));
        lines
    }

    /// Adds a line.
    pub fn add(&mut self, line: impl Display) {
        use fmt::Write;
        let _ = writeln!(self.0, "{}", Plain(line));
    }

    /// The text without space at its end.
    fn text(&self) -> &str {
        self.0.trim_end()
    }
}

/// Prints lines on stdout.
///
/// # Errors
/// Those of [`bytes`].
pub fn lines(lines: &Lines) -> oasis::Result<()> {
    match lines.text() {
        "" => Ok(()),
        text => bytes(format!("{text}\n").as_bytes()),
    }
}

/// Prints one JSON object on stdout.
///
/// # Errors
/// Those of [`bytes`].
pub fn json(value: &impl Serialize) -> oasis::Result<()> {
    let mut text = Vec::new();
    let written = value.serialize(&mut serde_json::Serializer::with_formatter(&mut text, Seen));
    written.map_err(|why| Error::new(ErrorKind::Runtime, PRINT, "JSON", &why).caused_by(why))?;
    text.push(b'\n');
    bytes(&text)
}

/// Writes bytes to stdout.
///
/// # Errors
/// [`ErrorKind::Runtime`] where stdout cannot be written; a reader that has closed it is none.
pub fn bytes(bytes: &[u8]) -> oasis::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => Err(failed(why)),
        _ => Ok(()),
    }
}

/// The error of a stdout that cannot be written.
pub fn failed(why: io::Error) -> Error {
    Error::new(ErrorKind::Runtime, PRINT, "stdout", &why)
        .caused_by(why)
        .hint("what was written to files is there; check the free space where stdout goes")
}

/// Prints a line on stderr, where it can be written.
pub fn note(line: impl Display) {
    let _ = io::stderr().lock().write_all(format!("{}\n", Plain(line)).as_bytes());
}

/// Writes a text to stderr where that can be done without waiting: another thread may hold the stream and wait for a
/// reader that never comes. On Unix a signal's handler may call it.
pub fn at_once(text: &str) {
    #[cfg(unix)]
    {
        let mut stderr = libc::pollfd { fd: libc::STDERR_FILENO, events: libc::POLLOUT, revents: 0 };
        // SAFETY: `stderr` is one valid entry, and `text` is as long as is said.
        unsafe {
            if libc::poll(&mut stderr, 1, 0) == 1 && stderr.revents & libc::POLLOUT != 0 {
                libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len());
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}

/// Stderr for logs: each write is a line, and none fails.
pub struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        note(String::from_utf8_lossy(bytes).trim_end_matches('\n'));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// JSON in which characters that show nothing are escaped.
struct Seen;

impl Formatter for Seen {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, letter)) = rest.char_indices().find(|(_, letter)| unseen(*letter)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            for unit in letter.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + letter.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_lines_break_a_text() {
        let mut lines = Lines::one("a\nhint: b");
        lines.add(format_args!("c {}", "\u{202e}d"));
        assert_eq!(lines.text(), "a\\nhint: b\nc \\u{202e}d");
        assert_eq!(Lines::of("e\n  f\n\n").text(), "e\n  f");
    }

    #[test]
    fn json_escapes_what_shows_nothing_and_reads_back() {
        let name = "a\u{202e}b\u{7f}\u{e0041}\n\u{1b}é\"";
        let mut text = Vec::new();
        name.serialize(&mut serde_json::Serializer::with_formatter(&mut text, Seen)).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text, r#""a\u202eb\u007f\udb40\udc41\n\u001bé\"""#);
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), name);
    }
}

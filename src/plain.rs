//! Text that comes from outside, as it is safe to print: names of files, metadata of models, what other programs say.

use std::ffi::OsStr;
use std::fmt::{self, Display, Write};

/// Displays a text on one line, with what could forge another line, move the cursor or turn the writing's direction
/// escaped as Rust escapes it: control characters, line separators, bidirectional controls, characters without a width.
///
/// ```
/// assert_eq!(oasis::Plain("a\nhint: b \u{1b}[2J\u{202e}gnp.é").to_string(), r"a\nhint: b \u{1b}[2J\u{202e}gnp.é");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plain<T>(pub T);

impl<T: Display> Display for Plain<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

/// Escapes what is written through it.
struct Escaping<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some((at, letter)) = rest.char_indices().find(|(_, letter)| unseen(*letter)) {
            write!(self.0, "{}{}", &rest[..at], letter.escape_default())?;
            rest = &rest[at + letter.len_utf8()..];
        }
        self.0.write_str(rest)
    }
}

/// Whether a character shows nothing itself and changes how what is around it is shown.
pub fn unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The text of a path or a part of one. Bytes that are no UTF-8 become `\xHH`, so that different names have different texts.
///
/// ```
/// assert_eq!(oasis::spell("slices/a.png"), "slices/a.png");
/// ```
pub fn spell(name: impl AsRef<OsStr>) -> String {
    let name = name.as_ref();
    #[cfg(unix)]
    {
        let mut text = String::with_capacity(name.len());
        for chunk in std::os::unix::ffi::OsStrExt::as_bytes(name).utf8_chunks() {
            text.push_str(chunk.valid());
            for byte in chunk.invalid() {
                let _ = write!(text, "\\x{byte:02x}");
            }
        }
        text
    }
    #[cfg(not(unix))]
    name.to_string_lossy().into_owned()
}

/// Serialises paths as their texts, since not every path is UTF-8: for fields with `serialize_with`.
pub(crate) mod text_of {
    use std::path::PathBuf;

    use serde::Serializer;

    /// A path.
    #[cfg(feature = "data")]
    pub(crate) fn path<S: Serializer>(path: &PathBuf, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::spell(path))
    }

    /// A path, or nothing.
    pub(crate) fn optional<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
        match path {
            Some(path) => serializer.serialize_some(&super::spell(path)),
            None => serializer.serialize_none(),
        }
    }

    /// Paths.
    #[cfg(feature = "data")]
    pub(crate) fn paths<S: Serializer>(paths: &[PathBuf], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(paths.iter().map(super::spell))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_stays_and_what_is_not_is_escaped() {
        for same in ["", "slices/x (1).jpg", "Größe.png", "e\u{301}.png", "脳.png", "🧠", "C:\\a", r"\n", "'\"`"] {
            assert_eq!(Plain(same).to_string(), same);
        }
        for (text, shown) in [
            ("a\r\nerror: b", r"a\r\nerror: b"),
            ("\0\t\u{7f}\u{9b}31m", r"\u{0}\t\u{7f}\u{9b}31m"),
            ("\u{2028}\u{2029}\u{2066}\u{feff}\u{200d}", r"\u{2028}\u{2029}\u{2066}\u{feff}\u{200d}"),
            ("\u{e0041}", r"\u{e0041}"),
        ] {
            assert_eq!(Plain(text).to_string(), shown);
            assert_eq!(Plain(Plain(text)).to_string(), shown, "twice is once");
            assert!(!Plain(text).to_string().chars().any(unseen));
        }
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_no_text_have_one_each() {
        use std::os::unix::ffi::OsStrExt;
        let text = |bytes: &[u8]| spell(OsStr::from_bytes(bytes));
        assert_eq!(text(b"a\xff\xfe.png"), r"a\xff\xfe.png");
        assert_ne!(text(b"\xff"), text(b"\xfe"));
        assert_eq!(text("é".as_bytes()), "é");
    }
}

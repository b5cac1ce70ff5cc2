//! What a folder holds beside the images that are taken from it.

use std::fmt::{self, Display};
use std::path::Path;

use crate::plain::{Plain, spell};

/// Why something in a folder is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// It was made from another file in the folder.
    Output,
    /// Its name begins with a dot.
    Hidden,
    /// Its name ends as an editor's copy does.
    Backup,
    /// It is no image, or no file.
    Other,
}

/// What was left out of folders, and out of inputs that name a file twice. It is displayed on one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// How many of each [`Reason`], and the name of the first.
    kinds: [(usize, String); 4],
    repeated: usize,
}

impl LeftOut {
    /// Whether everything was taken.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// How many files and folders were left out.
    pub fn count(&self) -> usize {
        self.kinds.iter().map(|(count, _)| count).sum::<usize>() + self.repeated
    }

    /// Why there is no image in a folder that this was left out of.
    pub(super) fn no_images(&self) -> String {
        match self.kinds[Reason::Output as usize].0 {
            0 => "the folder holds no PNG or JPEG file".to_owned(),
            _ => format!("the folder holds no image that was not made from another file; {self}"),
        }
    }

    /// Counts an entry of a folder.
    pub(super) fn add(&mut self, reason: Reason, path: &Path) {
        let (count, first) = &mut self.kinds[reason as usize];
        if *count == 0 {
            *first = path.file_name().map(spell).unwrap_or_default();
        }
        *count += 1;
    }

    /// Counts a file that was made from another one.
    pub(crate) fn add_output(&mut self, path: &Path) {
        self.add(Reason::Output, path);
    }

    /// Counts an input that names a file that another input names too.
    pub(crate) fn repeat(&mut self) {
        self.repeated += 1;
    }

    /// Adds what was left out elsewhere.
    pub(crate) fn join(&mut self, other: &Self) {
        for ((count, first), (more, name)) in self.kinds.iter_mut().zip(&other.kinds) {
            if *count == 0 {
                first.clone_from(name);
            }
            *count += more;
        }
        self.repeated += other.repeated;
    }
}

impl Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [
            ["file made from another", "files made from others"],
            ["hidden entry", "hidden entries"],
            ["backup copy", "backup copies"],
            ["entry that is no image", "entries that are no images"],
        ];
        let word = |count: usize, [one, many]: [&'static str; 2]| if count == 1 { one } else { many };
        let kinds = self.kinds.iter().zip(words).filter(|((count, _), _)| *count > 0).map(|((count, first), words)| {
            let more = if *count > 1 { ", ..." } else { "" };
            format!("{count} {} ({}{more})", word(*count, words), Plain(first))
        });
        let repeated = (self.repeated > 0)
            .then(|| format!("{} {}", self.repeated, word(self.repeated, ["repeated input", "repeated inputs"])));
        write!(f, "left out: {}", kinds.chain(repeated).collect::<Vec<_>>().join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_as_a_line() {
        let mut left = LeftOut::default();
        assert!(left.is_empty());
        for name in ["a.recon.png", "a.codes.png"] {
            left.add(Reason::Output, Path::new(name));
        }
        left.add(Reason::Backup, Path::new("x\n.jpg~"));
        let mut both = LeftOut::default();
        both.repeat();
        both.join(&left);
        assert_eq!(both.count(), 4);
        assert!(both.no_images().ends_with(
            "; left out: 2 files made from others (a.recon.png, ...); 1 backup copy (x\\n.jpg~); 1 repeated input"
        ));
        assert_eq!(LeftOut::default().no_images(), "the folder holds no PNG or JPEG file");
        assert_eq!(
            both.to_string(),
            r"left out: 2 files made from others (a.recon.png, ...); 1 backup copy (x\n.jpg~); 1 repeated input"
        );
    }
}

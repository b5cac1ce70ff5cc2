//! Settings and the flags that set them.

use clap::ArgMatches;
use oasis::{Error, Subject};

/// The flags of a command by the settings that they set: the library names `top_k`, the command line `--top-k`.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    settings: Vec<(String, String)>,
}

impl Flags {
    /// The flags of the command that was matched, and of those above it.
    pub fn of(mut command: &clap::Command, mut matches: &ArgMatches) -> Self {
        let mut settings = Vec::new();
        loop {
            let options = command.get_arguments().filter_map(|argument| {
                let flag = format!("--{}", argument.get_long()?);
                Some((argument.get_id().to_string(), flag))
            });
            settings.extend(options);
            let Some((name, below)) = matches.subcommand() else {
                return Self { settings };
            };
            let Some(found) = command.find_subcommand(name) else {
                return Self { settings };
            };
            (command, matches) = (found, below);
        }
    }

    /// `WHAT: SUBJECT: WHY` of an error.
    pub fn error(&self, error: &Error) -> String {
        let subject = match error.subject() {
            Subject::Setting(name) => self.flag(name).unwrap_or(name).to_owned(),
            other => other.to_string(),
        };
        format!("{}: {subject}: {}", error.what(), self.text(error.why()))
    }

    /// `text` with the flag in place of every setting that stands between backticks and has one.
    pub fn text(&self, text: &str) -> String {
        let mut parts = text.split('`');
        let mut told = parts.next().unwrap_or_default().to_owned();
        let mut inside = true;
        let mut rest = parts.peekable();
        while let Some(part) = rest.next() {
            match self.flag(part).filter(|_| inside && rest.peek().is_some()) {
                Some(flag) => {
                    told.push_str(flag);
                    told.push_str(rest.next().unwrap_or_default());
                }
                None => {
                    told.push('`');
                    told.push_str(part);
                    inside = !inside;
                }
            }
        }
        told
    }

    fn flag(&self, setting: &str) -> Option<&str> {
        self.settings.iter().find_map(|(name, flag)| (name == setting).then_some(flag.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use clap::{Arg, Command};
    use oasis::ErrorKind;

    use super::*;

    fn flags(line: &str) -> Flags {
        let option = |name: &'static str, long: &'static str| Arg::new(name).long(long);
        let sample = Command::new("sample").args([option("top_k", "top-k"), option("top_p", "top-p")]);
        let command = Command::new("oasis").arg(option("seed", "seed")).subcommands([sample, Command::new("doctor")]);
        let matches = command.clone().get_matches_from(line.split(' '));
        Flags::of(&command, &matches)
    }

    #[test]
    fn settings_between_backticks_become_flags() {
        let flags = flags("oasis sample");
        assert_eq!(flags.text("raise `top_k`, or `oasis inspect` it"), "raise --top-k, or `oasis inspect` it");
        assert_eq!(flags.text("`top_p` and `seed`"), "--top-p and --seed");
        assert_eq!(flags.text("`oasis sample` and `seed`"), "`oasis sample` and --seed");
        assert_eq!(flags.text("top_k, `epochs` and `"), "top_k, `epochs` and `");
        let error = Error::new(ErrorKind::Usage, "cannot sample", Subject::setting("top_p"), "found 2");
        assert_eq!(flags.error(&error), "cannot sample: --top-p: found 2");
        assert_eq!(self::flags("oasis doctor").error(&error), "cannot sample: top_p: found 2");
    }
}

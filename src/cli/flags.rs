//! Settings and the flags that set them.

use clap::ArgMatches;
use oasis::{Error, Subject};

/// The sections of a preset, whose settings `--set SECTION.KEY=VALUE` changes.
const SECTIONS: [&str; 4] = ["vqvae", "vqvae_training", "prior", "prior_training"];

/// The flags of a command by the settings that they set: the library names `top_k`, the command line `--top-k`. Where the
/// command changes a preset, the setting `vqvae.codebook_size` has the flag `--set vqvae.codebook_size`.
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
            Subject::Setting(name) => self.flag(name).unwrap_or_else(|| name.clone()),
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
                    told.push_str(&flag);
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

    fn flag(&self, setting: &str) -> Option<String> {
        let option = |wanted: &str| self.settings.iter().find(|(name, _)| name == wanted).map(|(_, flag)| flag);
        match setting.split_once('.') {
            Some((section, _)) if SECTIONS.contains(&section) => Some(format!("{} {setting}", option("set")?)),
            _ => option(setting).cloned(),
        }
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
        let train = Command::new("train").subcommand(Command::new("vqvae").args([option("set", "set")]));
        let below = [sample, train, Command::new("doctor")];
        let command = Command::new("oasis").arg(option("seed", "seed")).subcommands(below);
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

    #[test]
    fn settings_of_a_preset_are_set_by_name() {
        let train = flags("oasis train vqvae");
        assert_eq!(train.text("lower `vqvae_training.batch`"), "lower --set vqvae_training.batch");
        assert_eq!(train.text("such as `vqvae.codebook_size=256`"), "such as --set vqvae.codebook_size=256");
        assert_eq!(train.text("see `run.json`"), "see `run.json`");
        assert_eq!(flags("oasis sample").text("lower `vqvae_training.batch`"), "lower `vqvae_training.batch`");
        let setting = Subject::setting("prior.layers");
        let error = Error::new(ErrorKind::Usage, "bad setting", setting, "expected a number");
        assert_eq!(train.error(&error), "bad setting: --set prior.layers: expected a number");
    }

    #[test]
    fn a_path_keeps_its_name_whatever_flag_it_was_given_with() {
        let error = Error::input("cannot merge scores", std::path::Path::new("seed"), "it is empty");
        assert_eq!(flags("oasis sample").error(&error), "cannot merge scores: seed: it is empty");
    }
}

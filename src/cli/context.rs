//! The options that every command takes, and how results and progress are printed.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use oasis::{Error, ErrorKind, Subject};
use serde::Serialize;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::flags::Flags;

const PRINT: &str = "cannot print the result";

/// Options that every command takes.
#[derive(Debug, clap::Args)]
pub struct Global {
    /// The bundle to run [default: the embedded one]
    #[arg(long, global = true, value_name = "DIR")]
    bundle: Option<PathBuf>,
    /// Threads to use [default: all cores]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Print one JSON object on stdout; everything else goes to stderr
    #[arg(long, global = true)]
    json: bool,
    /// Print errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Do the work in a process of its own, so that a fault inside a library is an error
    #[arg(long, global = true)]
    pub isolate: bool,
    /// Print more; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

/// The global options, validated and applied.
#[derive(Debug)]
pub struct Context {
    /// The bundle's folder; `None` for the embedded bundle.
    pub bundle: Option<PathBuf>,
    /// Threads to use.
    pub threads: usize,
    /// The flags of the command that runs.
    pub flags: Flags,
    json: bool,
    quiet: bool,
}

impl Context {
    /// Applies the global options: logging to stderr, the thread pool.
    ///
    /// # Errors
    /// [`ErrorKind::Environment`] where the system cannot start the threads.
    pub fn new(global: &Global, flags: &Flags) -> oasis::Result<Self> {
        let level = match (global.quiet, global.verbose) {
            (true, _) => "error",
            (_, 0) => "warn",
            (_, 1) => "info",
            _ => "debug",
        };
        let asked = std::env::var("OASIS_LOG").ok().and_then(|text| targets(&text));
        let filter = asked.or_else(|| targets(&format!("error,oasis={level}"))).expect("a level of every target");
        let format = tracing_subscriber::fmt::layer()
            .with_writer(io::stderr)
            .with_ansi(io::stderr().is_terminal())
            .without_time()
            .with_target(false);
        let _ = tracing_subscriber::registry().with(format).with(filter).try_init();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = global.threads.map_or(cores, usize::from);
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().map_err(|why| {
            Error::new(ErrorKind::Environment, "cannot start threads", Subject::setting("threads"), &why)
                .caused_by(why)
                .hint("ask for fewer `threads`")
        })?;
        let (bundle, flags) = (global.bundle.clone(), flags.clone());
        Ok(Self { bundle, threads, flags, json: global.json, quiet: global.quiet })
    }

    /// Prints the command's result: `value` as one JSON object with `--json`, else `text`.
    ///
    /// # Errors
    /// [`ErrorKind::Runtime`] where stdout cannot be written. It is no error where its reader has closed it.
    pub fn result(&self, value: &impl Serialize, text: impl FnOnce() -> String) -> oasis::Result<()> {
        let text = if self.json {
            let object = serde_json::to_string(value);
            object.map_err(|why| Error::new(ErrorKind::Runtime, PRINT, "JSON", &why).caused_by(why))?
        } else {
            text()
        };
        match text.trim_end() {
            "" => Ok(()),
            text => print(format!("{text}\n").as_bytes()),
        }
    }

    /// Prints a line on stderr; nothing with `--quiet`.
    pub fn say(&self, line: impl AsRef<str>) {
        if !self.quiet {
            eprintln!("{}", line.as_ref());
        }
    }

    /// Whether stderr is a terminal that shows progress.
    fn draws(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// A progress bar on a terminal; elsewhere hidden, and [`Context::say`] prints plain lines.
    pub fn bar(&self, length: u64, unit: &str) -> ProgressBar {
        let target = if self.draws() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style =
            ProgressStyle::with_template(&format!("{{prefix}} {{wide_bar}} {{pos}}/{{len}} {unit} {{msg}} {{eta}}"))
                .expect("the template is valid");
        ProgressBar::with_draw_target(Some(length), target).with_style(style)
    }
}

/// What to log, from a list such as `warn,oasis::runtime=debug`: a level for all targets, or one for those that begin with
/// a name. An empty list stands for `error`; `None` where the text is no such list.
fn targets(text: &str) -> Option<Targets> {
    let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "error".parse() } else { parts.join(",").parse() }.ok()
}

/// Writes bytes to stdout.
///
/// # Errors
/// [`ErrorKind::Runtime`] where stdout cannot be written; a reader that has closed it is none.
pub fn print(bytes: &[u8]) -> oasis::Result<()> {
    match io::stdout().lock().write_all(bytes) {
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::new(ErrorKind::Runtime, PRINT, "stdout", &why).caused_by(why))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::targets;

    #[test]
    fn log_lists_name_targets_and_levels() {
        let list = targets("warn, oasis::runtime=debug,,other=off").unwrap();
        assert!(list.would_enable("anything", &Level::WARN) && !list.would_enable("anything", &Level::INFO));
        assert!(list.would_enable("oasis::runtime::backend", &Level::DEBUG));
        assert!(!list.would_enable("other", &Level::ERROR));
        assert!(targets("oasis").unwrap().would_enable("oasis::runtime", &Level::TRACE));
        for empty in ["", ","] {
            let errors = targets(empty).unwrap();
            assert!(errors.would_enable("oasis", &Level::ERROR) && !errors.would_enable("oasis", &Level::WARN));
        }
        assert!(targets("oasis=loud").is_none());
    }
}

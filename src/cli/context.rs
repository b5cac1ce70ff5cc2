//! The options that every command takes, and how results and progress are printed.

use std::fmt::Display;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::Mutex;
use std::thread;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use oasis::data::LeftOut;
use oasis::{Error, ErrorKind, Subject};
use serde::Serialize;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::flags::Flags;
use super::interrupt;
use super::print::{self, Lines, Log};

/// Options that every command takes.
#[derive(Debug, clap::Args)]
pub struct Global {
    /// The bundle to run [default: the embedded one]
    #[arg(long, global = true, value_name = "DIR")]
    bundle: Option<PathBuf>,
    /// Threads to use, at most one a core [default: all cores]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Print one JSON object on stdout; everything else goes to stderr
    #[arg(long, global = true)]
    json: bool,
    /// Print errors only; with --json, the object too
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
        let asked = std::env::var("OASIS_LOG").ok().filter(|_| !global.quiet).and_then(|text| targets(&text));
        let filter = asked.or_else(|| targets(&format!("error,oasis={level}"))).expect("a level of every target");
        let format =
            tracing_subscriber::fmt::layer().with_writer(|| Log).with_ansi(false).without_time().with_target(false);
        let _ = tracing_subscriber::registry().with(format).with(filter).try_init();
        if global.quiet {
            interrupt::hush();
        }
        let threads = start(threads(global.threads))?;
        let (bundle, flags) = (global.bundle.clone(), flags.clone());
        Ok(Self { bundle, threads, flags, json: global.json, quiet: global.quiet })
    }

    /// Prints the command's result: `value` as one JSON object with `--json`; else `text`, and nothing with `--quiet`.
    ///
    /// # Errors
    /// [`ErrorKind::Runtime`] where stdout cannot be written. It is no error where its reader has closed it.
    pub fn result(&self, value: &impl Serialize, text: impl FnOnce() -> Lines) -> oasis::Result<()> {
        match (self.json, self.quiet) {
            (true, _) => print::json(value),
            (false, true) => Ok(()),
            (false, false) => print::lines(&text()),
        }
    }

    /// Prints a line on stderr; nothing with `--quiet`.
    pub fn say(&self, line: impl Display) {
        if !self.quiet {
            print::note(line);
        }
    }

    /// Says what was left out of the inputs, if anything was.
    pub fn say_left_out(&self, left_out: &LeftOut) {
        if !left_out.is_empty() {
            self.say(left_out);
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

/// How many threads to use where `asked` are asked for: at most one a core, beyond which they only wait for each other.
fn threads(asked: Option<u16>) -> usize {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let asked = asked.map_or(cores, usize::from);
    if asked > cores {
        tracing::warn!("{asked} threads are asked for, and {cores} are used: this process has that many cores");
    }
    asked.min(cores)
}

/// Starts the pool of `wanted` threads; gives how many threads work may use, which are fewer where the system starts
/// fewer.
///
/// # Errors
/// [`ErrorKind::Environment`] where there is no pool at all.
fn start(wanted: usize) -> oasis::Result<usize> {
    let started = startable(wanted);
    let pool = rayon::ThreadPoolBuilder::new();
    let (threads, pool) = if started == wanted {
        (wanted, pool.num_threads(wanted))
    } else {
        // Engines and work over many files start threads of their own beside the pool, which then is this thread alone.
        let threads = (started / 2).max(1);
        tracing::warn!("the system starts {started} of {wanted} threads; {threads} are used");
        (threads, pool.num_threads(1).use_current_thread())
    };
    pool.build_global().map_err(|why| {
        Error::new(ErrorKind::Environment, "cannot start threads", Subject::setting("threads"), &why)
            .caused_by(why)
            .hint("ask for fewer `threads`, or raise the limits of processes and memory (ulimit -u, ulimit -v)")
    })?;
    Ok(threads)
}

/// How many of `wanted` threads the system starts.
fn startable(wanted: usize) -> usize {
    let gate = Mutex::new(());
    let closed = gate.lock();
    thread::scope(|scope| {
        let start = |_: &usize| thread::Builder::new().spawn_scoped(scope, || drop(gate.lock())).is_ok();
        let started = (0..wanted).take_while(start).count();
        drop(closed);
        started
    })
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

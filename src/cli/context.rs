//! What every command needs: where to print, how much, how many threads.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

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
    /// Print more; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

/// The global options, validated and applied.
#[derive(Debug)]
pub struct Context {
    /// The bundle's folder, if not the embedded one.
    pub bundle: Option<PathBuf>,
    /// Threads to use.
    pub threads: usize,
    json: bool,
    quiet: bool,
}

impl Context {
    /// Applies the global options: logging to stderr, the thread pool.
    pub fn new(global: &Global) -> anyhow::Result<Self> {
        let level = match (global.quiet, global.verbose) {
            (true, _) => "error",
            (_, 0) => "warn",
            (_, 1) => "info",
            _ => "debug",
        };
        let filter = tracing_subscriber::EnvFilter::try_from_env("OASIS_LOG")
            .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(format!("error,oasis={level}")));
        let _ = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(io::stderr)
            .with_ansi(io::stderr().is_terminal())
            .without_time()
            .with_target(false)
            .try_init();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = global.threads.map_or(cores, usize::from);
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
        Ok(Self { bundle: global.bundle.clone(), threads, json: global.json, quiet: global.quiet })
    }

    /// Prints the command's result: `value` as one JSON object with `--json`, else `text`.
    pub fn result(&self, value: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
        let mut stdout = io::stdout().lock();
        let written = if self.json {
            writeln!(stdout, "{}", serde_json::to_string(value)?)
        } else {
            let text = text();
            if text.is_empty() { Ok(()) } else { writeln!(stdout, "{}", text.trim_end()) }
        };
        match written {
            // Whoever reads has read enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => Ok(other?),
        }
    }

    /// A line for whoever watches, on stderr; silent with `--quiet`.
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

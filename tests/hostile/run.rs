//! Running `oasis` on hostile input: how it ended, what it printed, what memory and time it took.

use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long a command may take before it counts as hung.
const PATIENCE: Duration = Duration::from_secs(60);

/// A run of the binary that has ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What it printed, with bytes that are not UTF-8 replaced.
    pub stdout: String,
    /// What it printed on the other stream.
    pub stderr: String,
    /// The most memory that it held, in MiB.
    pub peak: u64,
    /// How long it took.
    pub time: Duration,
    /// How long processors were at work for it, whatever else they had to do.
    pub work: Duration,
    /// Whether it did not end by itself, and was ended here.
    pub hung: bool,
}

/// The binary with arguments, in an environment that names no library and no Python.
pub fn oasis<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    program(Path::new(env!("CARGO_BIN_EXE_oasis")), arguments)
}

/// [`oasis`], with the binary at another place.
pub fn program<S: AsRef<OsStr>>(path: &Path, arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(path);
    command.args(arguments).stdin(Stdio::null());
    for name in ["ORT_DYLIB_PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "OASIS_LOG"] {
        command.env_remove(name);
    }
    // What runs in the background may ignore signals, and what it starts would too.
    // SAFETY: what runs between fork and exec sets no handler and touches no memory.
    unsafe {
        command.pre_exec(|| {
            for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGTERM] {
                libc::signal(signal, libc::SIG_DFL);
            }
            Ok(())
        });
    }
    command
}

/// Runs a command to its end, which comes after a minute at the latest.
///
/// # Panics
/// Where it cannot be started, or does not end by itself.
pub fn run(command: &mut Command) -> Ran {
    let ran = start(command).wait();
    assert!(!ran.hung, "hung: {command:?}");
    ran
}

/// A run of the binary that goes on. It is killed where it is dropped before its end.
pub struct Running {
    child: Child,
    streams: Option<[std::thread::JoinHandle<String>; 2]>,
    started: Instant,
    patience: Duration,
    /// Whether its end was seen: from then on its number may be another's.
    ended: bool,
}

/// Starts a command, whose streams are read unless they were sent elsewhere with [`start_with_streams`].
///
/// # Panics
/// Where it cannot be started.
pub fn start(command: &mut Command) -> Running {
    start_with_streams(command.stdout(Stdio::piped()).stderr(Stdio::piped()))
}

/// [`start`], with the streams as they are set.
///
/// # Panics
/// Where it cannot be started.
pub fn start_with_streams(command: &mut Command) -> Running {
    let started = Instant::now();
    let mut child = command.spawn().expect("the binary runs");
    let streams = Some([reader(child.stdout.take()), reader(child.stderr.take())]);
    Running { child, streams, started, patience: PATIENCE, ended: false }
}

impl Running {
    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Lets it take longer than a minute.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sends it a signal, and tells whether that met it before its end. It was not waited for, so its number is its own even
    /// where it has ended.
    pub fn signal(&self, signal: i32) -> bool {
        let met = self.goes_on();
        // SAFETY: sending a signal touches no memory.
        unsafe { libc::kill(self.id() as i32, signal) };
        met
    }

    /// Waits until it has code of its own for a signal; whether it has got some before its end.
    pub fn handles(&self, signal: i32) -> bool {
        while let Some(caught) = self.told("SigCgt:") {
            let mask = u64::from_str_radix(&caught, 16).expect("a mask of signals");
            if mask >> (signal - 1) & 1 == 1 {
                return true;
            }
            std::thread::sleep(Duration::from_micros(300));
        }
        false
    }

    /// Whether it has not ended.
    pub fn goes_on(&self) -> bool {
        self.told("Pid:").is_some()
    }

    /// The memory that it holds now, in KiB; `None` where it has ended.
    pub fn memory(&self) -> Option<u64> {
        self.told("VmRSS:")?.parse().ok()
    }

    /// A value that the system tells of the process; `None` where it has ended.
    fn told(&self, key: &str) -> Option<String> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).ok()?;
        let find = |key| status.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
        // What has ended is there, as a zombie, until it is waited for.
        let line = find(key).filter(|_| find("State:").is_some_and(|state| !state.starts_with('Z')))?;
        Some(line.split_whitespace().next()?.to_owned())
    }

    /// Waits for its end.
    pub fn wait(mut self) -> Ran {
        let (mut peak, mut hung) = (0, false);
        let (status, used) = loop {
            // The child's own count begins with the memory of this process, from which it was forked.
            if let Some(held) = self.told("VmHWM:").and_then(|held| held.parse::<u64>().ok()) {
                peak = held / 1024;
            }
            if let Some((status, used)) = ended(&self.child) {
                peak = if peak == 0 { used.ru_maxrss as u64 / 1024 } else { peak };
                self.ended = true;
                break (status, used);
            }
            if !hung && self.started.elapsed() > self.patience {
                hung = true;
                let _ = self.child.kill();
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let time = self.started.elapsed();
        let streams = self.streams.take().expect("streams that nobody took");
        let [stdout, stderr] = streams.map(|reader| reader.join().expect("a stream is read"));
        let work = [used.ru_utime, used.ru_stime].map(duration).iter().sum();
        Ran { code: status.code(), signal: status.signal(), stdout, stderr, peak, time, work, hung }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Reads a stream of a child on a thread of its own; nothing where it goes elsewhere.
fn reader(stream: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            let _ = stream.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn duration(time: libc::timeval) -> Duration {
    Duration::new(time.tv_sec as u64, 1000 * time.tv_usec as u32)
}

/// How a child ended, and what it used; `None` where it has not ended.
fn ended(child: &Child) -> Option<(ExitStatus, libc::rusage)> {
    let mut status = 0;
    // SAFETY: a structure of numbers, for which zeros are valid.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: `status` and `usage` are valid places for the answers about a child that nobody else waits for.
    let found = unsafe { libc::wait4(child.id() as i32, &mut status, libc::WNOHANG, &mut usage) };
    if found == 0 {
        return None;
    }
    assert_eq!(found, child.id() as i32, "waiting for the child failed");
    Some((ExitStatus::from_raw(status), usage))
}

/// What is wrong with a run that must end by itself with this code.
pub fn ends(ran: &Ran, code: i32) -> Vec<String> {
    let mut wrong = faults(ran);
    if ran.code != Some(code) || !wrong.is_empty() {
        wrong.push(format!("expected {code}: {ran:?}"));
    }
    wrong
}

/// What must not be, however a run ends: a hang, a panic, a character that moves the cursor or turns the direction of text.
pub fn faults(ran: &Ran) -> Vec<String> {
    let mut wrong = Vec::new();
    if ran.hung {
        wrong.push("it hung".to_owned());
    }
    // A panic inside an engine is an error of the engine, and says so in other words.
    if ran.stderr.contains("panicked at ") || ran.stderr.contains("oasis panicked") {
        wrong.push(format!("it panicked: {:?}", ran.stderr));
    }
    let moves = |c: &char| c.is_control() && !matches!(c, '\n' | '\t');
    let turns = |c: &char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if let Some(found) = ran.stdout.chars().chain(ran.stderr.chars()).find(|c| moves(c) || turns(c)) {
        wrong.push(format!("it printed {found:?} as it is"));
    }
    wrong
}
